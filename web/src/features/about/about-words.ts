import { lazyWords } from '../../lib/i18n.ts'

export const aboutWords = lazyWords({
  en: () => import('./about-words.en.ts').then(({ en }) => en),
  de: () => import('./about-words.de.ts').then(({ de }) => de),
})
export const b = aboutWords.t
