import { lazyWords } from '../../lib/i18n.ts'

/** Words of what is needed seldom: a forgotten password, an address put back, doors that do not stand open. */
export const doorWords = lazyWords({
  en: () => import('./door-words.en.ts').then(({ en }) => en),
  de: () => import('./door-words.de.ts').then(({ de }) => de),
})
export const w = doorWords.t
