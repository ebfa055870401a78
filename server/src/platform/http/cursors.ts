import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { fault } from './fault.ts'

/** What a cursor belongs to; a cursor of one list opens no other. */
export interface CursorScope {
  /** `'GET /api/feed'`. */
  route: string
  params: unknown
  /** The query without `cursor` and `limit`. */
  filters: unknown
  viewerId: string | null
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
export function createCursors(key: Buffer, now: () => number = Date.now): Cursors {
  // An HMAC with a key that is set up once takes 3 µs instead of 21.
  const secret = createSecretKey(key)
  const macOf = (scope: CursorScope, payload: Buffer) =>
    createHmac('sha256', secret)
      .update(canonical([scope.route, scope.params ?? {}, scope.filters ?? {}, scope.viewerId]))
      .update('\n')
      .update(payload)
      .digest()
      .subarray(0, macBytes)

  return {
    seal(scope, position) {
      const payload = Buffer.from(JSON.stringify([now(), ...position]))
      return Buffer.concat([macOf(scope, payload), payload]).toString('base64url')
    },
    open(scope, cursor) {
      const bytes = Buffer.from(cursor, 'base64url')
      // Node skips foreign characters and spare bits; only the one spelling that we gave out is ours.
      if (bytes.length <= macBytes || bytes.toString('base64url') !== cursor) throw fault('cursor.invalid')
      const payload = bytes.subarray(macBytes)
      if (!timingSafeEqual(bytes.subarray(0, macBytes), macOf(scope, payload))) throw fault('cursor.invalid')
      const [sealedAt, ...position] = JSON.parse(payload.toString()) as [number, ...string[]]
      if (now() - sealedAt > cursorLifeMs) throw fault('cursor.expired')
      return position
    },
  }
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
