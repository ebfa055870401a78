import { lazyWords } from '../../lib/i18n.ts'

export const secondStepWords = lazyWords({
  en: () => import('./second-step-words.en.ts').then(({ en }) => en),
  de: () => import('./second-step-words.de.ts').then(({ de }) => de),
})
export const w = secondStepWords.t
