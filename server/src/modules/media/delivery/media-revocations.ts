import type { UploadPurpose } from '@heliograph/contract/media'
import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, type Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { renderingOfKey } from '../media-keys.ts'
import { type AddressOwner, longestOf, openExpiry } from './media-addresses.ts'

// What an edge must refuse although the address is signed and has time left. The origin needs none of it: it looks at the rows
// themselves.

export interface Revocation {
  id: Id
  /** Path of the mark at an edge. */
  mark: string
}

/** All in the transaction that takes the sight away; edges are told right after its commit. */
export interface Revocations {
  media(tx: Tx, media: readonly { id: Id; purpose: UploadPurpose }[]): Promise<void>
  /** Renditions whose medium lives on: another cut took their place. */
  renderings(tx: Tx, keys: readonly string[]): Promise<void>
  /** Every address that was signed with this epoch of the account. */
  epoch(tx: Tx, owner: AddressOwner): Promise<void>
  /** Called after commits of this process. */
  onRevoked(listener: () => void): void
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export function createRevocations({ ids, clock }: { ids: IdSource; clock: Clock }): Revocations {
  const listeners: (() => void)[] = []

  /** No address signed by now lasts longer; a day for clocks that differ at a month's end. */
  const endOfAll = () => openExpiry(clock.now() + dayMs) * 1000 + dayMs

  async function write(tx: Tx, marks: readonly { of: Id; mark: string; endsAt?: number }[]): Promise<void> {
    if (marks.length === 0) return
    const latest = endOfAll()
    const rows = marks.map(({ of, mark, endsAt = latest }) => {
      const bucket = bucketOf(of)
      return { bucket, id: ids.next(bucket), mark, expires_at: new Date(endsAt) }
    })
    await tx.insertInto('media_revocations').values(rows).execute()
    afterCommit(tx, () => {
      for (const listener of listeners) listener()
    })
  }

  return {
    media: (tx, media) =>
      write(
        tx,
        media.map(({ id, purpose }) => {
          const seconds = longestOf(purpose)
          const endsAt = seconds === null ? endOfAll() : clock.now() + seconds * 1000 + hourMs
          return { of: id, mark: `media/${shard(id)}/${id}`, endsAt }
        }),
      ),
    renderings(tx, keys) {
      const names = new Map<string, Id>()
      for (const key of keys) {
        const found = renderingOfKey(key)
        if (found)
          names.set(`renderings/${shard(found.mediaId)}/${found.mediaId}_${found.token}`, found.mediaId)
      }
      return write(
        tx,
        [...names].map(([mark, of]) => ({ of, mark })),
      )
    },
    epoch: (tx, { id, sightEpoch }) =>
      write(tx, [{ of: id, mark: `epochs/${shard(id)}/${id}_${sightEpoch}` }]),
    onRevoked: (listener) => void listeners.push(listener),
  }
}

/** In the order of ids; `from` counts. Those that stop nothing any more are left out. */
export async function listRevocations(
  database: Database,
  page: { from: Id; now: Date; limit: number },
): Promise<Revocation[]> {
  return await database.main
    .selectFrom('media_revocations')
    .select(['id', 'mark'])
    .where('id', '>=', page.from)
    .where('expires_at', '>', page.now)
    .orderBy('id')
    .limit(page.limit)
    .execute()
}

export async function listEnded(database: Database, now: Date, limit: number): Promise<Revocation[]> {
  return await database.main
    .selectFrom('media_revocations')
    .select(['id', 'mark'])
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
}

export async function forgetRevocations(database: Database, ids: readonly Id[]): Promise<void> {
  if (ids.length === 0) return
  await database.main
    .deleteFrom('media_revocations')
    .where('bucket', 'in', [...new Set(ids.map(bucketOf))])
    .where('id', 'in', [...ids])
    .execute()
}

/** As edge/heliograph-edge.js has it: no folder of marks grows past what file systems like. */
function shard(id: Id): string {
  return `0${id}`.slice(-2)
}
