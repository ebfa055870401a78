import { lazyWords } from '../../lib/i18n.ts'

export const settingsWords = lazyWords({
  en: () => import('./settings-words.en.ts').then(({ en }) => en),
  de: () => import('./settings-words.de.ts').then(({ de }) => de),
})
export const w = settingsWords.t
