import type { Id } from '#platform/ids/ids.ts'
import { type Passed, readPassed, writePassed } from './caught-up.ts'

/** After the first page, which showed these: nothing was written down for it. */
export interface ShownPosition {
  stage: 'shown'
  snapshotId: Id
  /** No post from this feed id on. */
  until: Id
  shown: readonly Id[]
  passed: Passed
}

/**
 * Where a ranked feed goes on. A cursor goes through three stages, and may skip one where a page ends behind the order:
 *
 *     ┌ shown ──────────────────┐   ┌ snapshot ───────────────┐   ┌ older ───────────────┐
 *     │ the first page gives it:│ → │ the second writes the   │ → │ behind the order: a  │
 *     │ what it showed, nothing │   │ order of the rest down: │   │ feed id, from where  │
 *     │ is written down         │   │ a place in it           │   │ on it goes by time   │
 *     └─────────────────────────┘   └─────────────────────────┘   └──────────────────────┘
 */
export type RankedPosition =
  | ShownPosition
  | { stage: 'snapshot'; snapshotId: Id; place: number; passed: Passed }
  /** Behind all that was put in order; without a snapshot when the first page came so far. */
  | { stage: 'older'; before: Id; snapshotId: Id | null; passed: Passed }

/** Of a row in the order of a first page, which is not written down: the page puts what it showed in place of this. */
export const unwritten: readonly string[] = ['0']

export function isUnwritten(position: readonly string[]): boolean {
  return position[0] === unwritten[0]
}

const idBytes = 8

export function writePosition(position: RankedPosition): readonly string[] {
  switch (position.stage) {
    case 'shown':
      return ['1', position.snapshotId, position.until, packIds(position.shown), writePassed(position.passed)]
    case 'snapshot':
      return ['2', position.snapshotId, String(position.place), writePassed(position.passed)]
    case 'older':
      return ['3', position.before, position.snapshotId ?? '', writePassed(position.passed)]
  }
}

/** Positions in an order, and behind it, are written before it is known what the page comes past. */
export function withPassed(position: readonly string[], passed: Passed): readonly string[] {
  const isPlace = position[0] === '2' || position[0] === '3'
  return isPlace ? [...position.slice(0, 3), writePassed(passed)] : position
}

/** Only what `writePosition` wrote: cursors are signed. */
export function readPosition(position: readonly string[]): RankedPosition {
  const [stage, one = '', two = '', three = '', four = ''] = position
  if (stage === '1')
    return { stage: 'shown', snapshotId: one, until: two, shown: unpackIds(three), passed: readPassed(four) }
  if (stage === '2')
    return { stage: 'snapshot', snapshotId: one, place: Number(two), passed: readPassed(three) }
  return { stage: 'older', before: one, snapshotId: two === '' ? null : two, passed: readPassed(three) }
}

/** Fifty ids are 530 letters instead of a thousand: a cursor is part of an address. */
export function packIds(ids: readonly Id[]): string {
  const bytes = Buffer.alloc(ids.length * idBytes)
  for (const [at, id] of ids.entries()) bytes.writeBigUInt64BE(BigInt(id), at * idBytes)
  return bytes.toString('base64url')
}

export function unpackIds(packed: string): Id[] {
  const bytes = Buffer.from(packed, 'base64url')
  return Array.from({ length: bytes.length / idBytes }, (_, at) =>
    String(bytes.readBigUInt64BE(at * idBytes)),
  )
}
