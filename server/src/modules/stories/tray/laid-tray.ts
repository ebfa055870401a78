import type { Id } from '#platform/ids/ids.ts'
import { compareRings, type Ring } from './rings.ts'

/** A tray as it is sent: rings in their order, a few dozen in a block, so that one that moves leaves most blocks as they are. */
export interface LaidTray {
  readonly blocks: readonly Block[]
}

/** Rings that stand beside each other, and the bytes that they make. Never changed: another takes its place. */
interface Block {
  readonly rings: readonly Ring[]
  readonly authorIds: readonly Id[]
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

export interface TrayChange {
  readonly viewerId: Id
  /** Whose rings go, or are among the new ones. */
  readonly ids: ReadonlySet<Id>
  readonly made: readonly NewRing[]
  /** Given: to whom the viewer is close is another, and with it the order of all. */
  readonly degreeOf?: ((authorId: Id) => number) | undefined
}

export const emptyTray: LaidTray = { blocks: [] }

/** Some 13 KB: two of them are written for one that moves. */
const blockRings = 64

/** Its bytes are written anew, or copied from where they were. */
type Placed = { readonly ring: Ring; readonly size: number } & (
  | { readonly text: string }
  | { readonly source: Buffer; readonly from: number }
)

/** Open: out of order, for something in it is another. */
type Part = Block | Placed[]

/** What stays is copied, what is new is written. Pure. */
export function layTray(before: LaidTray, { viewerId, ids, made, degreeOf }: TrayChange): LaidTray {
  const parts = degreeOf ? [allOf(before, ids, degreeOf)] : before.blocks.map((block) => without(block, ids))
  for (const { ring, text } of made) {
    const size = Buffer.byteLength(text) + comma.length
    partFor(parts, ring, viewerId).push({ ring, text, size })
  }
  const blocks = parts.flatMap((part) =>
    isOpen(part) ? cut(part.sort((a, b) => compareRings(a.ring, b.ring, viewerId))) : part,
  )
  return { blocks }
}

const comma = ','

function isOpen(part: Part): part is Placed[] {
  return Array.isArray(part)
}

function placedOf({ rings, starts, bytes }: Block): Placed[] {
  return rings.map((ring, at) => {
    const from = starts[at]!
    return { ring, source: bytes, from, size: starts[at + 1]! - from }
  })
}

function allOf({ blocks }: LaidTray, ids: ReadonlySet<Id>, degreeOf: (authorId: Id) => number): Placed[] {
  return blocks
    .flatMap(placedOf)
    .filter(({ ring }) => !ids.has(ring.authorId))
    .map((one) => ({ ...one, ring: { ...one.ring, degree: degreeOf(one.ring.authorId) } }))
}

function without(block: Block, ids: ReadonlySet<Id>): Part {
  return hasAnyOf(block, ids) ? placedOf(block).filter(({ ring }) => !ids.has(ring.authorId)) : block
}

function hasAnyOf({ authorIds }: Block, ids: ReadonlySet<Id>): boolean {
  if (ids.size > authorIds.length) return authorIds.some((id) => ids.has(id))
  for (const id of ids) if (authorIds.includes(id)) return true
  return false
}

/** The last one that begins before the ring, opened. */
function partFor(parts: Part[], ring: Ring, viewerId: Id): Placed[] {
  let at = parts.length - 1
  for (; at > 0; at--) {
    const part = parts[at]!
    const first = isOpen(part) ? part[0]?.ring : part.rings[0]
    if (first && compareRings(first, ring, viewerId) < 0) break
  }
  const part = parts[Math.max(0, at)] ?? []
  const open = isOpen(part) ? part : placedOf(part)
  parts[Math.max(0, at)] = open
  return open
}

/** Into blocks that may grow and shrink a little before they are cut otherwise. */
function cut(placed: readonly Placed[]): Block[] {
  if (placed.length <= 1.5 * blockRings) return placed.length === 0 ? [] : [blockOf(placed)]
  return [blockOf(placed.slice(0, blockRings)), ...cut(placed.slice(blockRings))]
}

function blockOf(placed: readonly Placed[]): Block {
  const starts = new Uint32Array(placed.length + 1)
  const bytes: Buffer = Buffer.allocUnsafeSlow(placed.reduce((sum, { size }) => sum + size, 0))
  let [at, endsAt] = [0, Infinity]
  // What stood beside each other mostly does so again: it is copied in one go.
  let run = { source: bytes, to: 0, from: 0, end: 0 }
  const copyRun = () => run.source.copy(bytes, run.to, run.from, run.end)
  for (const [index, one] of placed.entries()) {
    if ('text' in one) bytes.write(comma, at + bytes.write(one.text, at))
    else if (one.source === run.source && one.from === run.end && at === run.to + run.end - run.from)
      run.end += one.size
    else {
      copyRun()
      run = { source: one.source, to: at, from: one.from, end: one.from + one.size }
    }
    at += one.size
    starts[index + 1] = at
    endsAt = Math.min(endsAt, one.ring.endsAt)
  }
  copyRun()
  const rings = placed.map(({ ring }) => ring)
  return { rings, authorIds: rings.map(({ authorId }) => authorId), starts, bytes, endsAt }
}

/** The first `max` of them, as items of a list: one for each block. */
export function bytesOf({ blocks }: LaidTray, max: number): Buffer[] {
  const items: Buffer[] = []
  let left = max
  for (const { rings, starts, bytes } of blocks) {
    const count = Math.min(rings.length, left)
    if (count === 0) break
    items.push(bytes.subarray(0, starts[count]! - comma.length))
    left -= count
  }
  return items
}

/** Of whom a Story is over that is still in it. */
export function endedIn({ blocks }: LaidTray, now: number): Id[] {
  return blocks
    .filter(({ endsAt }) => endsAt <= now)
    .flatMap(({ rings }) => rings.filter(({ endsAt }) => endsAt <= now).map(({ authorId }) => authorId))
}

const ringBytes = 160

/** In memory, about. */
export function weightOfLaid({ blocks }: LaidTray): number {
  return blocks.reduce((sum, { rings, bytes }) => sum + 200 + bytes.length + rings.length * ringBytes, 0)
}
