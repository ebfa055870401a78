import { lazyWords } from '../../lib/i18n.ts'

/** What few visits need: suggestions, and kinds of mutes. */
export const peopleWords = lazyWords({
  en: () => import('./people-words.en.ts').then(({ en }) => en),
  de: () => import('./people-words.de.ts').then(({ de }) => de),
})
export const p = peopleWords.t
