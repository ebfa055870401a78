import { lazyWords } from '../../lib/i18n.ts'

/** Words of the editor; whoever opens it loads them beside its code. */
export const editWords = lazyWords({
  en: () => import('./edit-words.en.ts').then(({ en }) => en),
  de: () => import('./edit-words.de.ts').then(({ de }) => de),
})
export const e = editWords.t
