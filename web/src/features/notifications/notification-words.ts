import { lazyWords } from '../../lib/i18n.ts'

export const notificationWords = lazyWords({
  en: () => import('./notification-words.en.ts').then(({ en }) => en),
  de: () => import('./notification-words.de.ts').then(({ de }) => de),
})
export const n = notificationWords.t
