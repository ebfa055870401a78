/** A phrase, or its forms by plural category; `{name}` is filled in. `count` chooses the form. */
export type Phrase = string | { readonly one?: string; readonly other: string }
export type Values = Readonly<Record<string, string | number>>
/** What a translation must hold: every key of the English one, with plural forms where English has them. */
export type Catalogue<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : { readonly one?: string; readonly other: string }
}

const rules = new Map<string, Intl.PluralRules>()
const numbers = new Map<string, Intl.NumberFormat>()

export function format(phrase: Phrase, values: Values, locale: string): string {
  const text =
    typeof phrase === 'string' ? phrase : (pluralForm(phrase, values.count, locale) ?? phrase.other)
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? formatNumber(value, locale) : isolated(value)
  })
}

/** Letters that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** A name in another direction keeps to itself: without that it would pull the words and numbers beside it along. */
function isolated(value: string): string {
  return rightToLeft.test(value) ? `\u2068${value}\u2069` : value
}

function pluralForm(forms: Exclude<Phrase, string>, count: unknown, locale: string): string | undefined {
  let rule = rules.get(locale)
  if (!rule) {
    rule = new Intl.PluralRules(locale)
    rules.set(locale, rule)
  }
  const category = rule.select(typeof count === 'number' ? count : 0)
  return (forms as Record<string, string | undefined>)[category]
}

export function formatNumber(value: number, locale: string): string {
  let formatter = numbers.get(locale)
  if (!formatter) {
    formatter = new Intl.NumberFormat(locale)
    numbers.set(locale, formatter)
  }
  return formatter.format(value)
}

const accents: Record<string, string> = {
  a: 'å',
  e: 'ë',
  i: 'ï',
  o: 'ö',
  u: 'ü',
  c: 'ç',
  n: 'ñ',
  s: 'š',
  y: 'ÿ',
}

/** Longer, accented and bracketed: shows words that are not in a catalogue, and boxes that are too tight. */
export function pseudo(text: string): string {
  const accented = text.replace(/[aeioucnsy]/g, (letter) => accents[letter] ?? letter)
  return `[${accented}${'·'.repeat(Math.ceil(text.length * 0.3))}]`
}
