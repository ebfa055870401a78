import { lazyWords } from '../../lib/i18n.ts'

export const moderationWords = lazyWords({
  en: () => import('./moderation-words.en.ts').then(({ en }) => en),
  de: () => import('./moderation-words.de.ts').then(({ de }) => de),
})
export const m = moderationWords.t
