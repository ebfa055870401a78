import { lazyWords } from '../../lib/i18n.ts'

export const messagesWords = lazyWords({
  en: () => import('./messages-words.en.ts').then(({ en }) => en),
  de: () => import('./messages-words.de.ts').then(({ de }) => de),
})
export const w = messagesWords.t
