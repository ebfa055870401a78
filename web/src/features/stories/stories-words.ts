import { lazyWords } from '../../lib/i18n.ts'

export const storiesWords = lazyWords({
  en: () => import('./stories-words.en.ts').then(({ en }) => en),
  de: () => import('./stories-words.de.ts').then(({ de }) => de),
})
export const w = storiesWords.t
