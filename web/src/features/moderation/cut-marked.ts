export interface MarkedPart {
  text: string
  marked: boolean
}

/** A text in parts, those that are among `words`, as they were written, marked. */
export function cutMarked(text: string, words: readonly string[]): MarkedPart[] {
  const parts: MarkedPart[] = []
  let at = 0
  while (at < text.length) {
    const next = nextOf(text, words, at)
    if (!next) break
    if (next.start > at) parts.push({ text: text.slice(at, next.start), marked: false })
    parts.push({ text: next.word, marked: true })
    at = next.start + next.word.length
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false })
  return parts
}

/** The first; of several at one place the longest. */
function nextOf(text: string, words: readonly string[], from: number) {
  return words
    .filter((word) => word !== '')
    .map((word) => ({ word, start: text.indexOf(word, from) }))
    .filter(({ start }) => start >= 0)
    .sort((a, b) => a.start - b.start || b.word.length - a.word.length)[0]
}
