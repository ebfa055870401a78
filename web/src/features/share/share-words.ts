import { lazyWords } from '../../lib/i18n.ts'

/** Words of sharing; the route loads them beside its code. */
export const shareWords = lazyWords({
  en: () => import('./share-words.en.ts').then(({ en }) => en),
  de: () => import('./share-words.de.ts').then(({ de }) => de),
})
export const s = shareWords.t
