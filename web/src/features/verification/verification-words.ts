import { lazyWords } from '../../lib/i18n.ts'

export const verificationWords = lazyWords({
  en: () => import('./verification-words.en.ts').then(({ en }) => en),
  de: () => import('./verification-words.de.ts').then(({ de }) => de),
})
export const v = verificationWords.t
