import { limits } from './limits.ts'

/**
 * The one parser of #hashtags and @mentions, for captions, comments and bios, on both sides.
 * Offsets are UTF-16 code units, half open, as JavaScript strings count.
 */
export interface TextSpan {
  readonly kind: 'hashtag' | 'mention'
  readonly start: number
  readonly end: number
  /** Normalized hashtag without `#`, or lower-case username without `@`. */
  readonly value: string
}

const hashtagStart = /[#＃]([\p{L}\p{M}\p{N}_]+)/uy
const mentionStart = /[@＠]([A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?)/uy
const url = /https?:\/\/[^\s<>"']+/uy
const wordBefore = /[\p{L}\p{M}\p{N}_&/]$/u

/** NFKC and case fold; undefined when it is no hashtag (too long, or without a letter). */
export function normalizeHashtag(tag: string): string | undefined {
  const folded = tag.normalize('NFKC').toLowerCase().normalize('NFKC')
  if (!/^[\p{L}\p{M}\p{N}_]+$/u.test(folded) || !/\p{L}/u.test(folded)) return undefined
  return [...folded].length <= limits.hashtagLength ? folded : undefined
}

/** Spans in order of appearance. Text inside web addresses and e-mail addresses is left alone. */
export function parseText(text: string): TextSpan[] {
  const spans: TextSpan[] = []
  let at = 0
  while (at < text.length) {
    const span = spanAt(text, at)
    if (span && 'kind' in span) spans.push(span)
    at = span ? span.end : at + 1
  }
  return spans
}

function spanAt(text: string, at: number): TextSpan | { end: number } | undefined {
  const sign = text[at]
  if (sign === 'h') {
    url.lastIndex = at
    const match = url.exec(text)
    return match ? { end: at + match[0].length } : undefined
  }
  if (sign !== '#' && sign !== '＃' && sign !== '@' && sign !== '＠') return undefined
  if (wordBefore.test(text.slice(Math.max(0, at - 2), at))) return undefined
  return sign === '#' || sign === '＃' ? hashtagAt(text, at) : mentionAt(text, at)
}

function hashtagAt(text: string, at: number): TextSpan | undefined {
  hashtagStart.lastIndex = at
  const match = hashtagStart.exec(text)
  const value = match ? normalizeHashtag(match[1]!) : undefined
  return match && value ? { kind: 'hashtag', start: at, end: at + match[0].length, value } : undefined
}

function mentionAt(text: string, at: number): TextSpan | undefined {
  mentionStart.lastIndex = at
  const match = mentionStart.exec(text)
  if (!match || match[1]!.length > limits.usernameLength) return undefined
  const end = at + match[0].length
  if (text[end] === '@') return undefined
  const value = match[1]!.toLowerCase()
  return value.includes('..') ? undefined : { kind: 'mention', start: at, end, value }
}

/** Distinct values of one kind, in order of appearance. */
export function valuesOf(spans: readonly TextSpan[], kind: TextSpan['kind']): string[] {
  return [...new Set(spans.filter((span) => span.kind === kind).map((span) => span.value))]
}

export function codePointLength(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
