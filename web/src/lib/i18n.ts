import type { ErrorCode } from '@heliograph/contract/error-codes'
import { signal } from '@preact/signals'
import { en } from './i18n/en.ts'
import { type Catalogue, format, type Phrase, pseudo, type Values } from './i18n/format.ts'

export type Language = 'en' | 'de'
type Shown = Language | 'pseudo'
export type WordKey = keyof typeof en

export const languages: readonly Language[] = ['en', 'de']

/** The language of the page. Writing direction follows it, so that a right-to-left catalogue needs nothing else. */
export const language = signal<Shown>('en')
const words = signal<Catalogue<typeof en>>(en)

/** Sentences for the server's error codes; English ones come with the answers themselves. */
export const problemWords = signal<Readonly<Partial<Record<string, string>>> | undefined>(undefined)

/** The page in words: `t('post.likes', { count: 3 })`. Reading it inside a component keeps it up to date. */
export function t(key: WordKey, values?: Values): string {
  return phrase(words.value[key], values)
}

function phrase(text: Phrase, values: Values = {}): string {
  const formatted = format(text, values, locale())
  return language.value === 'pseudo' ? pseudo(formatted) : formatted
}

/** For Intl: dates and numbers of the pseudo-locale are English ones. */
export function locale(): Language {
  return language.value === 'pseudo' ? 'en' : language.value
}

/** For dates: the person's own region of the language, as the browser names it ("en-GB"). */
export function dateLocale(): string {
  const shown = locale()
  return navigator.languages.find((name) => name === shown || name.startsWith(`${shown}-`)) ?? shown
}

/** Asked for in the address that the app was opened with: it holds for the visit. */
const asked = typeof location === 'undefined' ? null : new URLSearchParams(location.search).get('lang')

/** The person's choice, else what the browser prefers, else English. */
export function preferredLanguage(chosen?: string | null): Shown {
  if (asked === 'pseudo') return 'pseudo'
  const candidates = [asked, chosen, recall(), ...navigator.languages.map((name) => name.slice(0, 2))]
  return (
    languages.find((name) => name === candidates.find((one) => languages.includes(one as Language))) ?? 'en'
  )
}

function recall(): string | null {
  try {
    return localStorage.getItem('heliograph.language')
  } catch {
    return null
  }
}

/** Loads the catalogues of a language, those of lazily loaded features included, and shows it. */
export async function setLanguage(next: Shown): Promise<void> {
  if (next === 'de') {
    const german = await import('./i18n/de.ts')
    words.value = german.de
    problemWords.value = german.problems satisfies Record<ErrorCode, string>
  } else {
    words.value = en
    problemWords.value = undefined
  }
  await Promise.all([...lazyCatalogues].map((catalogue) => catalogue(next)))
  language.value = next
  document.documentElement.lang = next === 'pseudo' ? 'en' : next
  document.documentElement.dir = new URLSearchParams(location.search).get('dir') === 'rtl' ? 'rtl' : 'ltr'
  try {
    if (next !== 'pseudo') localStorage.setItem('heliograph.language', next)
  } catch {}
}

const lazyCatalogues = new Set<(shown: Shown) => Promise<void>>()

/**
 * Words of one lazily loaded feature, in files of its own:
 * `export const words = lazyWords({ en: () => import('./words.en.ts')…, de: () => import('./words.de.ts')… })`.
 * Its route awaits `words.load()` beside the page's code; then `words.t('key')` works as `t` does.
 */
export function lazyWords<T extends Record<string, Phrase>>(sources: {
  en: () => Promise<T>
  de: () => Promise<Catalogue<T>>
}): { load(): Promise<void>; t(key: keyof T, values?: Values): string } {
  const current = signal<Catalogue<T> | undefined>(undefined)
  const load = async (shown: Shown) => {
    current.value = shown === 'de' ? await sources.de() : ((await sources.en()) as Catalogue<T>)
  }
  return {
    async load() {
      lazyCatalogues.add(load)
      if (!current.value) await load(language.value)
    },
    t(key, values) {
      const text = current.value?.[key]
      return text === undefined ? '' : phrase(text, values)
    },
  }
}
