import type { MediaMetadata } from '@heliograph/contract/posts'
import { fullTime } from './time.ts'

/** A number never stands apart from its unit. “Nikon Z 6 · NIKKOR Z 35mm f/1.8 S · 35 mm · f/1.8 · 1/250 s · ISO 100”; empty when nothing is known. */
export function cameraLine(metadata: MediaMetadata | undefined, locale: string): string {
  if (!metadata) return ''
  const { camera, exposureSeconds, aperture, iso, focalLengthMm } = metadata
  const number = (value: number, digits = 1) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits, useGrouping: false }).format(value)
  return [
    camera,
    lensBeside(metadata),
    focalLengthMm && `${number(focalLengthMm)}\u00a0mm`,
    aperture && `f/${number(aperture)}`,
    exposureSeconds && `${shutter(exposureSeconds, number)}\u00a0s`,
    iso && `ISO\u00a0${number(iso, 0)}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** As cameras show it: whole fractions below a third of a second. */
function shutter(seconds: number, number: (value: number) => string): string {
  return seconds < 0.3 ? `1/${Math.round(1 / seconds)}` : number(seconds)
}

/** Phones name their lens after themselves, and say again what stands beside it. */
function lensBeside({ camera = '', lens }: MediaMetadata): string | undefined {
  const model = camera.split(' ').slice(1).join(' ')
  if (!lens || model === '' || !lens.toLowerCase().startsWith(model.toLowerCase())) return lens
  return lens
    .slice(model.length)
    .replace(/\s*[\d.,-]+\s*mm(\s*f\/[\d.,]+)?\s*$/i, '')
    .trim()
}

/** By the clock on the wall where it was: “17 May 2026, 18:30”; by the reader's where only the moment is known. */
export function captureTime(capturedAt: string, locale: string): string {
  if (capturedAt.endsWith('Z')) return fullTime(capturedAt, locale)
  const wall = new Date(`${capturedAt.slice(0, 19)}Z`)
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(
    wall,
  )
}
