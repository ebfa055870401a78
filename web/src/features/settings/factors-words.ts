import { lazyWords } from '../../lib/i18n.ts'

export const factorsWords = lazyWords({
  en: () => import('./factors-words.en.ts').then(({ en }) => en),
  de: () => import('./factors-words.de.ts').then(({ de }) => de),
})
export const w = factorsWords.t
