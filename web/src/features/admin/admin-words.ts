import { lazyWords } from '../../lib/i18n.ts'

export const adminWords = lazyWords({
  en: () => import('./admin-words.en.ts').then(({ en }) => en),
  de: () => import('./admin-words.de.ts').then(({ de }) => de),
})
export const a = adminWords.t
