import { timingSafeEqual } from 'node:crypto'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { LRUCache } from 'lru-cache'
import type { Keys } from '#platform/secrets/secrets.ts'
import { fault } from './fault.ts'

type Mac = ReturnType<typeof hmac.create>

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
/** Some 500 bytes each: whoever reads on mostly does so within minutes, by the same process. */
const givenMax = 5000

/**
 * A cursor is base64url of MAC and position. The scope is signed but not carried:
 * a cursor shown to another list, filter or viewer fails like a forged one.
 */
export function createCursors(keys: Keys, now: () => number = Date.now): Cursors {
  // Set up once, and without a native object for each: 2 µs where `createHmac` takes 5, which a page pays twice.
  const [keyed, ...old] = keys.map((key) => hmac.create(sha256, key)) as [Mac, ...Mac[]]
  /** What was given out just now: who shows the same letters for the same list has them from here. */
  const given = new LRUCache<string, Given>({ max: givenMax })
  const macOf = (scope: string, payload: Buffer, by: Mac = keyed) =>
    by
      .clone()
      .update(Buffer.from(`${scope}\n`))
      .update(payload)
      .digest()
      .subarray(0, macBytes)

  /** A request opens one cursor and seals the next, both for its one scope. */
  let last: { scope: CursorScope; text: string } | null = null
  const textOf = (scope: CursorScope): string => {
    if (last?.scope !== scope) last = { scope, text: scopeText(scope) }
    return last.text
  }

  const positionIn = ({ sealedAt, position }: Omit<Given, 'scope'>) => {
    if (now() - sealedAt > cursorLifeMs) throw fault('cursor.expired')
    return position
  }

  return {
    seal(scope, position) {
      const [text, sealedAt] = [textOf(scope), now()]
      const payload = Buffer.from(JSON.stringify([sealedAt, ...position]))
      const cursor = Buffer.concat([macOf(text, payload), payload]).toString('base64url')
      given.set(cursor, { scope: text, sealedAt, position })
      return cursor
    },
    open(scope, cursor) {
      const text = textOf(scope)
      const known = given.get(cursor)
      if (known?.scope === text) return positionIn(known)
      const bytes = Buffer.from(cursor, 'base64url')
      // Node skips foreign characters and spare bits; only the one spelling that we gave out is ours.
      if (bytes.length <= macBytes || bytes.toString('base64url') !== cursor) throw fault('cursor.invalid')
      const payload = bytes.subarray(macBytes)
      const mac = bytes.subarray(0, macBytes)
      const isOurs = [keyed, ...old].some((by) => timingSafeEqual(mac, macOf(text, payload, by)))
      if (!isOurs) throw fault('cursor.invalid')
      const [sealedAt, ...position] = JSON.parse(payload.toString()) as [number, ...string[]]
      return positionIn({ sealedAt, position })
    },
  }
}

interface Given {
  readonly scope: string
  readonly sealedAt: number
  readonly position: readonly string[]
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
