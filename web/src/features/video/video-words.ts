import { lazyWords } from '../../lib/i18n.ts'

/** Words of the player; they come beside its code. */
export const videoWords = lazyWords({
  en: () => import('./video-words.en.ts').then(({ en }) => en),
  de: () => import('./video-words.de.ts').then(({ de }) => de),
})
export const v = videoWords.t
