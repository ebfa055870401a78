export interface Unfinished {
  readonly kind: 'mention' | 'hashtag'
  /** What was written after the sign, up to the caret. */
  readonly prefix: string
  /** Where the sign stands. */
  readonly start: number
}

const unfinished = /(?<![\p{L}\p{M}\p{N}_&/])([@＠#＃])([\p{L}\p{M}\p{N}_.]*)$/u

/** The @name or #tag that the caret stands at the end of. */
export function unfinishedAt(text: string, caret: number): Unfinished | undefined {
  const match = unfinished.exec(text.slice(Math.max(0, caret - 101), caret))
  const sign = match?.[1]
  const prefix = match?.[2]
  if (!sign || !prefix) return undefined
  const kind = sign === '@' || sign === '＠' ? 'mention' : 'hashtag'
  if (kind === 'hashtag' && prefix.includes('.')) return undefined
  return { kind, prefix, start: caret - prefix.length - 1 }
}

/** The text with the unfinished word replaced, a space after it, and where the caret goes. */
export function complete(
  text: string,
  at: Unfinished,
  word: string,
): { readonly text: string; readonly caret: number } {
  const sign = at.kind === 'mention' ? '@' : '#'
  const rest = text.slice(at.start + 1 + at.prefix.length)
  const filled = `${sign}${word}${rest.startsWith(' ') ? '' : ' '}`
  const caret = at.start + filled.length + (rest.startsWith(' ') ? 1 : 0)
  return { text: text.slice(0, at.start) + filled + rest, caret }
}
