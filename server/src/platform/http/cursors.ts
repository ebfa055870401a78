import { timingSafeEqual } from 'node:crypto'
import { createQuickMac, type Mac } from '#platform/secrets/quick-mac.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { fault } from './fault.ts'

/** What a cursor belongs to; a cursor of one list opens no other. */
export interface CursorScope {
  /** `'GET /api/feed'`. */
  readonly route: string
  readonly params: unknown
  /** The query without `cursor` and `limit`. */
  readonly filters: unknown
  readonly viewerId: string | null
}

export interface Cursors {
  seal(scope: CursorScope, position: readonly string[]): string
  /** Throws `cursor.invalid` or `cursor.expired`. */
  open(scope: CursorScope, cursor: string): readonly string[]
}

export const cursorLifeMs = 24 * 60 * 60 * 1000
const macBytes = 16

/**
 * A cursor is base64url of MAC and position. The scope is signed but not carried:
 * a cursor shown to another list, filter or viewer fails like a forged one.
 */
export function createCursors(keys: Keys, now: () => number = Date.now): Cursors {
  const [own, ...old] = keys.map(createQuickMac) as [Mac, ...Mac[]]
  const macOf = (scope: Buffer, payload: Buffer, by = own) => by(scope, payload).subarray(0, macBytes)

  /** A request opens one cursor and seals the next, both for its one scope. */
  let last: { scope: CursorScope; bytes: Buffer } | null = null
  const bytesOf = (scope: CursorScope): Buffer => {
    if (last?.scope !== scope) last = { scope, bytes: Buffer.from(`${scopeText(scope)}\n`) }
    return last.bytes
  }

  return {
    seal(scope, position) {
      const payload = Buffer.from(JSON.stringify([now(), ...position]))
      return Buffer.concat([macOf(bytesOf(scope), payload), payload]).toString('base64url')
    },
    open(scope, cursor) {
      const bytes = Buffer.from(cursor, 'base64url')
      // Node skips foreign characters and spare bits; only the one spelling that we gave out is ours.
      if (bytes.length <= macBytes || bytes.toString('base64url') !== cursor) throw fault('cursor.invalid')
      const payload = bytes.subarray(macBytes)
      const mac = bytes.subarray(0, macBytes)
      const isOurs = [own, ...old].some((by) => timingSafeEqual(mac, macOf(bytesOf(scope), payload, by)))
      if (!isOurs) throw fault('cursor.invalid')
      const [sealedAt, ...position] = JSON.parse(payload.toString()) as [number, ...string[]]
      if (now() - sealedAt > cursorLifeMs) throw fault('cursor.expired')
      return position
    },
  }
}

function scopeText({ route, params, filters, viewerId }: CursorScope): string {
  return `[${JSON.stringify(route)},${canonical(params ?? {})},${canonical(filters ?? {})},${JSON.stringify(viewerId)}]`
}

/** JSON with keys in order, so that the order of query parameters makes no other list. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object' || value instanceof Date) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((inner) => canonical(inner ?? null)).join()}]`
  const members: string[] = []
  for (const [key, inner] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (inner !== undefined) members.push(`${JSON.stringify(key)}:${canonical(inner)}`)
  return `{${members.join()}}`
}
