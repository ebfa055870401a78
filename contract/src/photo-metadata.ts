import { cleanText, finite, localTime, type PhotoExif, withoutGaps } from './photo-exif.ts'
import type { MediaMetadata } from './posts.ts'

/** What no lens and no shutter can do is a mistake of who wrote it. */
const sensible = {
  exposureSeconds: [1e-6, 86_400],
  aperture: [0.3, 256],
  iso: [1, 10_000_000],
  focalLengthMm: [0.5, 20_000],
} as const

/**
 * All that may ever be shown of it, named one by one: coordinates, serials, software and names are not here.
 * An offset tells part of the earth: strangers read the clock on the wall (of most videos, UTC, which tells none).
 * Says every value anew, so that what an older version stored is held to the same rules.
 */
export function presentMetadata(found: PhotoExif | null, audience: 'owner' | 'everybody'): MediaMetadata {
  if (found === null) return {}
  const time = localTime(found.capturedAt)
  return withoutGaps<MediaMetadata>({
    camera: cameraName(cleanText(found.cameraMake), cleanText(found.cameraModel)),
    lens: lensName(cleanText(found.lens)),
    exposureSeconds: within('exposureSeconds', found.exposureSeconds),
    aperture: within('aperture', found.aperture),
    iso: within('iso', found.iso),
    focalLengthMm: within('focalLengthMm', found.focalLengthMm),
    capturedAt: time && time.local + (audience === 'owner' || time.offset === 'Z' ? time.offset : ''),
  })
}

/** Words that makers add to their name in every file. */
const companyWords =
  /\b(corporation|corp|company|co|ltd|limited|inc|gmbh|ag|imaging|optical|technologies|technology|electronics|mobile|communications?|camera|products|ip)\b[.,]*|[.,]+(?=\s|$)/giu
const nothingSaid = /^(unknown|undefined|none|null|n\/a|default|camera|[-?_.\s0]*|0+(\.0+)?\s*mm.*)$/iu

/** “Apple iPhone 15 Pro”, “Nikon D850”: as people say it, the maker once. */
export function cameraName(make: string | undefined, model: string | undefined): string | undefined {
  const maker = make && !nothingSaid.test(make) ? makerName(make) : ''
  const name = model && !nothingSaid.test(model) ? model : ''
  if (maker === '' || name === '') return cut(name || maker)
  const [first = '', ...rest] = name.split(' ')
  const said = maker.split(' ').find((word) => word.toLowerCase() === first.toLowerCase())
  return cut(said ? [said, ...rest].join(' ') : `${maker} ${name}`)
}

function makerName(make: string): string {
  const words = make.replaceAll(companyWords, ' ').replaceAll(/\s+/gu, ' ').trim()
  return (words === '' ? make : words)
    .split(' ')
    .map((word) => (isShouted(word) || isWhispered(word) ? capitalised(word) : word))
    .join(' ')
}

/** DJI and LGE are names; NIKON is a shout. */
function isShouted(word: string): boolean {
  return word.length > 3 && word === word.toUpperCase()
}

function isWhispered(word: string): boolean {
  return word.length > 3 && word === word.toLowerCase()
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
}

function lensName(lens: string | undefined): string | undefined {
  return lens === undefined || nothingSaid.test(lens) ? undefined : cut(lens)
}

const shownLength = 80

function cut(text: string): string | undefined {
  const letters = [...text]
  return text === '' ? undefined : letters.slice(0, shownLength).join('').trim()
}

function within(name: keyof typeof sensible, value: unknown): number | undefined {
  const [least, most] = sensible[name]
  const found = finite(value)
  return found !== undefined && found >= least && found <= most ? found : undefined
}
