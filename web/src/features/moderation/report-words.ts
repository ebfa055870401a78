import { lazyWords } from '../../lib/i18n.ts'

/** Also for moderators, who read the same reasons. */
export const reportWords = lazyWords({
  en: () => import('./report-words.en.ts').then(({ en }) => en),
  de: () => import('./report-words.de.ts').then(({ de }) => de),
})
export const w = reportWords.t
