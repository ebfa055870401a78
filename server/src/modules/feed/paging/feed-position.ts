import type { Id } from '#platform/ids/ids.ts'

/** After the first page, which showed these: nothing was written down for it. */
export interface ShownPosition {
  stage: 'shown'
  snapshotId: Id
  /** No post from this feed id on. */
  until: Id
  shown: readonly Id[]
  /** The mark of being caught up stood there. */
  isMarked: boolean
}

/** Where a ranked feed goes on. */
export type RankedPosition =
  | ShownPosition
  | { stage: 'snapshot'; snapshotId: Id; place: number }
  /** Behind all that was put in order; without a snapshot when the first page came so far. */
  | { stage: 'older'; before: Id; snapshotId: Id | null }

const idBytes = 8

export function writePosition(position: RankedPosition): readonly string[] {
  switch (position.stage) {
    case 'shown':
      return ['1', position.snapshotId, position.until, packIds(position.shown), position.isMarked ? '1' : '']
    case 'snapshot':
      return ['2', position.snapshotId, String(position.place)]
    case 'older':
      return ['3', position.before, position.snapshotId ?? '']
  }
}

/** Only what `writePosition` wrote: cursors are signed. */
export function readPosition(position: readonly string[]): RankedPosition {
  const [stage, one = '', two = '', three = '', four = ''] = position
  if (stage === '1')
    return { stage: 'shown', snapshotId: one, until: two, shown: unpackIds(three), isMarked: four === '1' }
  if (stage === '2') return { stage: 'snapshot', snapshotId: one, place: Number(two) }
  return { stage: 'older', before: one, snapshotId: two === '' ? null : two }
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
