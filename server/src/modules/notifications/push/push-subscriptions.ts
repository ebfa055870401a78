import { createHash, ECDH } from 'node:crypto'
import { limits } from '@heliograph/contract/limits'
import type { PushSubscriptionBody } from '@heliograph/contract/notifications'
import { type Selectable, sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import { type Outbound, RefusedAddressError } from '#platform/http/outbound.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PushSubscriptionsTable } from '../notifications-tables.ts'

export type SubscriptionRow = Selectable<PushSubscriptionsTable>

export interface PushSubscriptions {
  /** The same browser again takes the place of itself; too many: the oldest goes. */
  add(viewer: Viewer, subscription: PushSubscriptionBody): Promise<void>
  remove(viewer: { id: Id }, endpoint: string): Promise<void>
  /** Only those whose session is still open: who signed out hears nothing more there. */
  listOf(userId: Id): Promise<SubscriptionRow[]>
  /** The push service says that it is gone. */
  forget(row: SubscriptionRow): Promise<void>
  /**
   * One that is refused for a day without anything being taken is forgotten. Not at once: with a clock that is off, or with
   * keys that a service does not like just now, all devices of all people would be.
   */
  noteRefused(row: SubscriptionRow): Promise<void>
  noteTaken(row: SubscriptionRow): Promise<void>
}

const refusedMs = 24 * 3_600_000

interface Deps {
  database: Database
  clock: Clock
  outbound: Pick<Outbound, 'check'>
  accounts: Pick<AccountsApi, 'openSessions'>
}

export function createPushSubscriptions({ database, clock, outbound, accounts }: Deps): PushSubscriptions {
  const hashOf = (endpoint: string) => createHash('sha256').update(endpoint).digest()

  async function forget({ bucket, user_id, endpoint_hash, created_at }: SubscriptionRow): Promise<void> {
    await database.main
      .deleteFrom('push_subscriptions')
      .where('bucket', '=', bucket)
      .where('user_id', '=', user_id)
      .where('endpoint_hash', '=', endpoint_hash)
      // One that was asked for anew meanwhile stays.
      .where('created_at', '=', created_at)
      .execute()
  }

  async function setRefused(row: SubscriptionRow, at: Date | null): Promise<void> {
    await database.main
      .updateTable('push_subscriptions')
      .set({ refused_at: at })
      .where('bucket', '=', row.bucket)
      .where('user_id', '=', row.user_id)
      .where('endpoint_hash', '=', row.endpoint_hash)
      .where('created_at', '=', row.created_at)
      .execute()
  }

  return {
    async add(viewer, { endpoint, keys }) {
      try {
        outbound.check(endpoint)
      } catch (error) {
        if (error instanceof RefusedAddressError) throw fault('push.address_refused')
        throw error
      }
      if (!isPublicKey(keys.p256dh))
        throw fault('request.invalid', { detail: 'p256dh is no point of the curve P-256.' })
      const bucket = bucketOf(viewer.id)
      const values = {
        session_id: viewer.sessionId,
        endpoint,
        p256dh: keys.p256dh,
        auth: keys.auth,
        created_at: new Date(clock.now()),
        refused_at: null,
      }
      await database.transaction(
        async (tx) => {
          await tx
            .insertInto('push_subscriptions')
            .values({ bucket, user_id: viewer.id, endpoint_hash: hashOf(endpoint), ...values })
            .onConflict((conflict) =>
              conflict.columns(['bucket', 'user_id', 'endpoint_hash']).doUpdateSet(values),
            )
            .execute()
          await sql`
            delete from push_subscriptions s
            using (
              select endpoint_hash from push_subscriptions
              where bucket = ${bucket} and user_id = ${viewer.id}
              order by created_at desc, endpoint_hash
              offset ${limits.pushSubscriptions}
            ) old
            where s.bucket = ${bucket} and s.user_id = ${viewer.id} and s.endpoint_hash = old.endpoint_hash
          `.execute(tx)
        },
        { by: viewer.id },
      )
    },

    async remove(viewer, endpoint) {
      await database.main
        .deleteFrom('push_subscriptions')
        .where('bucket', '=', bucketOf(viewer.id))
        .where('user_id', '=', viewer.id)
        .where('endpoint_hash', '=', hashOf(endpoint))
        .execute()
    },

    async listOf(userId) {
      const rows = await database.main
        .selectFrom('push_subscriptions')
        .selectAll()
        .where('bucket', '=', bucketOf(userId))
        .where('user_id', '=', userId)
        .orderBy('created_at')
        .execute()
      if (rows.length === 0) return []
      const open = await accounts.openSessions(
        userId,
        rows.map(({ session_id }) => session_id),
      )
      return rows.filter(({ session_id }) => open.has(session_id))
    },

    forget,

    async noteRefused(row) {
      const now = clock.now()
      if (row.refused_at === null) await setRefused(row, new Date(now))
      else if (now - row.refused_at.getTime() >= refusedMs) await forget(row)
    },

    async noteTaken(row) {
      if (row.refused_at !== null) await setRefused(row, null)
    },
  }
}

/** Those of these people who have a browser that asked. */
export async function findReachable(db: Db | Tx, userIds: readonly Id[]): Promise<Set<Id>> {
  if (userIds.length === 0) return new Set()
  const found = await reachableAmong(db, { buckets: userIds.map(bucketOf), ids: [...userIds] })
  return new Set(found.map((row) => row.user_id))
}

const reachableAmong = prepared<{ buckets: number[]; ids: Id[] }, { user_id: Id }>(
  'push_reachable',
  (db, p) => ({
    compile: () =>
      sql<{ user_id: Id }>`
      select distinct s.user_id
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as w(bucket, user_id)
      join push_subscriptions s on s.bucket = w.bucket and s.user_id = w.user_id
    `.compile(db),
  }),
)

/** As browsers make them: one that nothing can be encrypted for would fail each push, for the other devices too. */
function isPublicKey(p256dh: string): boolean {
  const point = Buffer.from(p256dh, 'base64url')
  try {
    ECDH.convertKey(point, 'prime256v1')
    return point[0] === 4
  } catch {
    return false
  }
}
