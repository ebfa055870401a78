import { limits } from '@heliograph/contract/limits'
import type { Place } from '@heliograph/contract/posts'
import type { Town } from './places-gazetteer.ts'

/** “Lisbon, Portugal”, the country in the reader's language; the town as the gazetteer has it. */
export function presentTown({ name, country, lat, lng }: Town, language: string): Place {
  const countryName = nameOfCountry(country, language)
  const full = countryName === undefined || countryName === name ? name : `${name}, ${countryName}`
  return { name: [...full].slice(0, limits.placeLength).join(''), lat, lng }
}

function nameOfCountry(country: string, language: string): string | undefined {
  return new Intl.DisplayNames([language, 'en'], { type: 'region', fallback: 'none' }).of(country)
}

/** The first one that names of countries are known in; `header` is an Accept-Language. */
export function readableLanguage(asked: string | undefined, header: string | undefined): string {
  const wanted = (header ?? '')
    .split(',')
    .slice(0, 20)
    .map((each) => each.split(';', 1)[0]!.trim())
  return [asked, ...wanted].find((each) => each !== undefined && isKnown(each)) ?? 'en'
}

function isKnown(language: string): boolean {
  try {
    return Intl.DisplayNames.supportedLocalesOf([language]).length > 0
  } catch {
    return false
  }
}
