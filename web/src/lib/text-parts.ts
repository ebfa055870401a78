export interface LinkSpan {
  readonly kind: 'hashtag' | 'mention'
  readonly start: number
  readonly end: number
  readonly value: string
}

export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'url'; readonly text: string }
  | { readonly kind: 'hashtag' | 'mention'; readonly text: string; readonly value: string }

const address = /https?:\/\/[^\s<>"']+/gu

/** Cuts a text at its spans and web addresses; spans that overlap or lie outside are left as text. */
export function cutText(text: string, spans: readonly LinkSpan[]): TextPart[] {
  const parts: TextPart[] = []
  let at = 0
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < at || span.end > text.length || span.end <= span.start) continue
    pushPlain(parts, text.slice(at, span.start))
    parts.push({ kind: span.kind, text: text.slice(span.start, span.end), value: span.value })
    at = span.end
  }
  pushPlain(parts, text.slice(at))
  return parts
}

function pushPlain(parts: TextPart[], text: string): void {
  let at = 0
  for (const match of text.matchAll(address)) {
    // Punctuation that ends the sentence is not part of the address.
    const url = match[0].replace(/[.,;:!?)\]}…]+$/u, '')
    if (match.index > at) parts.push({ kind: 'text', text: text.slice(at, match.index) })
    parts.push({ kind: 'url', text: url })
    at = match.index + url.length
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) })
}
