import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/**
 * Of 64 bits, measured on 120 photographs and drawings (docs/adr/0012): copies that were coded anew at quality 30,
 * halved, blurred, or had gamma or colour changed differ in 0 to 4, those that lost 2 % at each side in 6 (half of
 * them). Of their 7,140 pairs of different pictures one differed in 8, two drawings of one kind, and none in fewer.
 */
export const sameWithin = 4
export const alikeWithin = 8

/** Between other processes' changes and ours, when an event of theirs was lost. */
const freshMs = 60_000

/** About half of the bits are set in any picture; one without structure has none, and is like no other. */
export function isTelling(hash: bigint): boolean {
  const bits = bitsOf(hash)
  return bits >= 20 && bits <= 44
}

export function distanceOf(a: bigint, b: bigint): number {
  return bitsOf(a ^ b)
}

export function readHash(bytes: Buffer): bigint {
  return bytes.readBigUInt64BE()
}

function bitsOf(value: bigint): number {
  return bitsOf32(Number(value >> 32n)) + bitsOf32(Number(value & 0xffff_ffffn))
}

function bitsOf32(value: number): number {
  let v = value - ((value >>> 1) & 0x5555_5555)
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

export interface BlockedPicture {
  id: Id
  mediaId: Id
  hash: string
  createdAt: Date
}

export interface BlockList {
  /** Bits that differ from the most like removed picture; null: none is near. */
  nearest(hash: bigint): Promise<number | null>
  add(tx: Tx, pictures: readonly { mediaId: Id; hash: bigint }[]): Promise<void>
  list(after: Id | null, limit: number): Promise<BlockedPicture[]>
  /** What was taken off; undefined when it is not there. */
  remove(tx: Tx, id: Id): Promise<BlockedPicture | undefined>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
}

export function createBlockList({ database, ids, events, clock }: Deps): BlockList {
  let known: bigint[] = []
  let readAt = Number.NEGATIVE_INFINITY
  events.on('moderation.block_list_changed', () => {
    readAt = Number.NEGATIVE_INFINITY
  })

  /** A hundred thousand of them are compared in ten milliseconds. */
  async function read(): Promise<bigint[]> {
    if (clock.now() - readAt < freshMs) return known
    const startedAt = clock.now()
    const rows = await database.main.selectFrom('blocked_pictures').select('perceptual_hash').execute()
    known = rows.map((row) => readHash(row.perceptual_hash))
    readAt = startedAt
    return known
  }

  return {
    async nearest(hash) {
      if (!isTelling(hash)) return null
      const distance = (await read()).reduce((least, one) => Math.min(least, distanceOf(hash, one)), 65)
      return distance <= alikeWithin ? distance : null
    },
    async add(tx, pictures) {
      for (const { mediaId, hash } of pictures.filter((picture) => isTelling(picture.hash))) {
        const bucket = bucketOf(mediaId)
        const bytes = Buffer.alloc(8)
        bytes.writeBigUInt64BE(hash)
        const row = { bucket, id: ids.next(bucket), media_id: mediaId, perceptual_hash: bytes }
        await tx
          .insertInto('blocked_pictures')
          .values({ ...row, created_at: new Date(clock.now()) })
          .execute()
        await events.emit(tx, 'moderation.block_list_changed', {
          bucket,
          subjectId: mediaId,
          data: { mediaId },
        })
      }
    },
    async list(after, limit) {
      const rows = await database.main
        .selectFrom('blocked_pictures')
        .selectAll()
        .$if(after !== null, (query) => query.where('id', '>', after))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(present)
    },
    async remove(tx, id) {
      const bucket = bucketOf(id)
      const row = await tx
        .deleteFrom('blocked_pictures')
        .where('bucket', '=', bucket)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
      if (!row) return undefined
      const data = { mediaId: row.media_id }
      await events.emit(tx, 'moderation.block_list_changed', { bucket, subjectId: row.media_id, data })
      return present(row)
    },
  }
}

function present(row: { id: Id; media_id: Id; perceptual_hash: Buffer; created_at: Date }): BlockedPicture {
  const { id, media_id: mediaId, perceptual_hash: hash, created_at: createdAt } = row
  return { id, mediaId, hash: hash.toString('hex'), createdAt }
}
