import type { RequestRow } from './verification-tables.ts'

const day = 24 * 60 * 60 * 1000

/** So long after the decision what is private in a request is erased: until then it can be looked at again. */
export const evidenceMs = 30 * day
/** After a refusal, or when an admin took the mark away. */
const waitMs = 30 * day

/** When the person may ask again; null: at once. */
export function mayAskAt(last: RequestRow | undefined, now: number): Date | null {
  if (last?.state !== 'refused' && last?.state !== 'revoked') return null
  const at = (last.decided_at?.getTime() ?? 0) + waitMs
  return at > now ? new Date(at) : null
}

/** Kept on one line, without what would only confuse whoever compares it with the evidence. */
export function cleanLine(text: string): string {
  return text.normalize('NFC').trim()
}
