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

/**
 * No mark may come first: `#️⃣` is an emoji, not a tag. Persian and Indic scripts write joiners (U+200C, U+200D) inside
 * words; behind one they belong to what comes after.
 */
const hashtag = /[#＃]([\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_]|[\u200c\u200d](?=[\p{L}\p{M}]))*)/uy
/** Dots stand singly inside names, so that `@anna...` is anna; linear, as its parts cannot overlap. */
const mention = /[@＠]([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)/uy
/** East Asian punctuation ends an address: people write on without a space. */
const url = /https?:\/\/[^\s<>"'\u3000-\u303f\uff00-\uffef]+/iuy
const wordBefore = /[\p{L}\p{M}\p{N}_&/]$/u
/** Scripts without spaces go on right behind a name; a Latin letter would be part of another word. */
const latinAfter = /[\p{Script=Latin}\p{M}@]/uy
/** Variation selectors, fillers and joiners are not seen, keycaps are decoration: neither tells two tags apart. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Me}]/gu
const wholeTag = /^[\p{L}\p{M}\p{N}_]+$/u
const letter = /\p{L}/u

/** NFKC and case fold; undefined when it is no hashtag (too long, or without a letter). */
export function normalizeHashtag(tag: string): string | undefined {
  const folded = foldHashtag(tag)
  if (!wholeTag.test(folded) || !letter.test(folded)) return undefined
  return codePointLength(folded) <= limits.hashtagLength ? folded : undefined
}

/** The same without asking whether it is one: for the beginning of a tag. */
export function foldHashtag(tag: string): string {
  return foldCase(tag.normalize('NFKC').replace(unseen, '')).normalize('NFKC')
}

/**
 * Letter by letter, as lower-casing a whole word writes the Greek final sigma by its place; by way of upper
 * case, so that ß meets SS, and of lower case first, as ẞ is its own upper case.
 */
function foldCase(text: string): string {
  let folded = ''
  for (const char of text) for (const upper of char.toLowerCase().toUpperCase()) folded += upper.toLowerCase()
  return folded
}

/** Spans in order of appearance. Text inside web addresses and e-mail addresses is left alone. */
export function parseText(text: string): TextSpan[] {
  const spans: TextSpan[] = []
  let at = 0
  while (at < text.length) {
    const previous = spans.at(-1)
    const afterHashtag = previous?.kind === 'hashtag' && previous.end === at
    const span = spanAt(text, at, afterHashtag)
    if (span && 'kind' in span) spans.push(span)
    at = span ? span.end : at + 1
  }
  return spans
}

function spanAt(text: string, at: number, afterHashtag: boolean): TextSpan | { end: number } | undefined {
  switch (text[at]) {
    case 'h':
    case 'H': {
      const address = matchAt(url, text, at)
      return address ? { end: at + address[0].length } : undefined
    }
    case '#':
    case '＃':
      return afterHashtag || startsWord(text, at) ? hashtagAt(text, at) : undefined
    case '@':
    case '＠':
      return startsWord(text, at) ? mentionAt(text, at) : undefined
    default:
      return undefined
  }
}

function startsWord(text: string, at: number): boolean {
  return !wordBefore.test(text.slice(Math.max(0, at - 2), at))
}

function hashtagAt(text: string, at: number): TextSpan | undefined {
  const match = matchAt(hashtag, text, at)
  const value = match && normalizeHashtag(match[1]!)
  return value === undefined || !match
    ? undefined
    : { kind: 'hashtag', start: at, end: at + match[0].length, value }
}

function mentionAt(text: string, at: number): TextSpan | undefined {
  const match = matchAt(mention, text, at)
  if (!match || match[1]!.length > limits.usernameLength) return undefined
  const end = at + match[0].length
  if (matchAt(latinAfter, text, end)) return undefined
  return { kind: 'mention', start: at, end, value: match[1]!.toLowerCase() }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
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

/** Nothing that can be seen: white space, zero-width and other format characters. */
export function isBlank(text: string): boolean {
  return !/[^\p{White_Space}\p{Cf}\p{Cc}\u2800\u3164\u115f\u1160\uffa0]/u.test(text)
}
