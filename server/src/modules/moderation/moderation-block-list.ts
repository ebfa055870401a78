import type { PictureHashes } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, minIdAt } from '#platform/ids/ids.ts'
import {
  collectLikenesses,
  isTelling,
  type Likenesses,
  type Match,
  matchOf,
  worstOf,
} from './moderation-likeness.ts'

/** Between other processes' changes and ours, when an event of theirs was lost. */
const freshMs = 60_000

export interface BlockedPicture {
  id: Id
  mediaId: Id
  hash: string
  createdAt: Date
}

export interface BlockList {
  /** The most like removed picture; null: none is near. */
  match(hashes: PictureHashes): Promise<Match | null>
  /** The same as of this transaction: also what was removed a moment ago by another process. */
  matchNow(tx: Tx, hashes: PictureHashes): Promise<Match | null>
  add(tx: Tx, pictures: ReadonlyMap<Id, PictureHashes>): Promise<void>
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
  let known = collectLikenesses([])
  /** Of the list: raised by each change that we hear of. */
  let generation = 0
  let knownGeneration = -1
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<Likenesses> | undefined
  events.on('moderation.block_list_changed', () => {
    generation += 1
  })

  async function readAll(): Promise<Likenesses> {
    // A change during the reading makes what is read stale at once.
    const [wanted, startedAt] = [generation, clock.now()]
    known = collectLikenesses(await removed(database.main).execute())
    knownGeneration = wanted
    readAt = startedAt
    return known
  }

  /** A hundred thousand of them are compared in about a millisecond. */
  async function read(): Promise<Likenesses> {
    for (;;) {
      if (knownGeneration === generation && clock.now() - readAt < freshMs) return known
      reading ??= readAll().finally(() => {
        reading = undefined
      })
      await reading
    }
  }

  return {
    async match(hashes) {
      return matchOf(await read(), hashes)
    },
    async matchNow(tx, hashes) {
      const lately = minIdAt(clock.now() - 2 * freshMs)
      const recent = await removed(tx).where('id', '>', lately).execute()
      return worstOf(matchOf(collectLikenesses(recent), hashes), matchOf(await read(), hashes))
    },
    async add(tx, pictures) {
      for (const [mediaId, hashes] of pictures) {
        if (!isTelling(hashes)) continue
        const bucket = bucketOf(mediaId)
        const { shown, whole, frames } = hashes
        await tx
          .insertInto('blocked_pictures')
          .values({
            bucket,
            id: ids.next(bucket),
            media_id: mediaId,
            perceptual_hash: shown ?? Buffer.alloc(8),
            whole_hash: whole,
            frame_hashes: frames,
            created_at: new Date(clock.now()),
          })
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

function removed(db: Db | Tx) {
  return db
    .selectFrom('blocked_pictures')
    .select(['perceptual_hash as shown', 'whole_hash as whole', 'frame_hashes as frames'])
}

function present(row: { id: Id; media_id: Id; perceptual_hash: Buffer; created_at: Date }): BlockedPicture {
  const { id, media_id: mediaId, perceptual_hash: hash, created_at: createdAt } = row
  return { id, mediaId, hash: hash.toString('hex'), createdAt }
}
