import type { Id } from '#platform/ids/ids.ts'
import { compareRings, type Ring } from './rings.ts'

/** A tray as it is sent: rings in their order, and the bytes that they make, one after the other. */
export interface LaidTray {
  readonly rings: readonly Ring[]
  /** Where each begins in `bytes`; one more, where the last one ends, and a comma after it. */
  readonly starts: Uint32Array
  readonly bytes: Buffer
  /** When the first Story that is in it ends. */
  readonly endsAt: number
}

/** One that was not there before, or is another. */
export interface NewRing {
  readonly ring: Ring
  readonly text: string
}

export const emptyTray: LaidTray = {
  rings: [],
  starts: new Uint32Array(1),
  bytes: Buffer.alloc(0),
  endsAt: Infinity,
}

interface Placed {
  readonly ring: Ring
  /** Undefined: its bytes are where they were. */
  readonly text?: string
  readonly from: number
  readonly size: number
}

/** What stays is copied, what is new is written. `ids`: whose rings go, or are among the new ones. Pure. */
export function layTray(
  before: LaidTray,
  { viewerId, ids, made }: { viewerId: Id; ids: ReadonlySet<Id>; made: readonly NewRing[] },
): LaidTray {
  const placed: Placed[] = []
  for (let at = 0; at < before.rings.length; at++) {
    const ring = before.rings[at]!
    if (ids.has(ring.authorId)) continue
    const from = before.starts[at]!
    placed.push({ ring, from, size: before.starts[at + 1]! - from })
  }
  for (const { ring, text } of made)
    placed.push({ ring, text, from: 0, size: Buffer.byteLength(text) + comma.length })
  placed.sort((a, b) => compareRings(a.ring, b.ring, viewerId))
  const starts = new Uint32Array(placed.length + 1)
  const bytes = Buffer.allocUnsafeSlow(placed.reduce((sum, { size }) => sum + size, 0))
  let [at, endsAt] = [0, Infinity]
  // What stood beside each other mostly does so again: it is copied in one go.
  let run = { to: 0, from: 0, end: 0 }
  const copyRun = () => before.bytes.copy(bytes, run.to, run.from, run.end)
  for (let index = 0; index < placed.length; index++) {
    const { ring, text, from, size } = placed[index]!
    if (text !== undefined) bytes.write(comma, at + bytes.write(text, at))
    else if (from === run.end && at === run.to + run.end - run.from) run.end += size
    else {
      copyRun()
      run = { to: at, from, end: from + size }
    }
    at += size
    starts[index + 1] = at
    endsAt = Math.min(endsAt, ring.endsAt)
  }
  copyRun()
  return { rings: placed.map(({ ring }) => ring), starts, bytes, endsAt }
}

const comma = ','

/** The first `max` of them, as items of a list. */
export function bytesOf({ rings, starts, bytes }: LaidTray, max: number): Buffer | undefined {
  const count = Math.min(rings.length, max)
  return count === 0 ? undefined : bytes.subarray(0, starts[count]! - comma.length)
}

/** Of whom a Story is over that is still in it. */
export function endedIn({ rings, endsAt }: LaidTray, now: number): Id[] {
  if (now < endsAt) return []
  return rings.flatMap((ring) => (ring.endsAt <= now ? [ring.authorId] : []))
}
