import { lazyWords } from '../../lib/i18n.ts'

/** Of the sheets around the feed, which few visits open. */
export const feedWords = lazyWords({
  en: () => import('./feed-words.en.ts').then(({ en }) => en),
  de: () => import('./feed-words.de.ts').then(({ de }) => de),
})
export const w = feedWords.t
