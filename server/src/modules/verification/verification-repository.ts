import type { VerificationState } from '@heliograph/contract/verification'
import type { Insertable, Updateable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { RequestRow, VerificationRequestsTable } from './verification-tables.ts'

/** What the person wrote about themselves. */
export const noWords = { full_name: '', known_as: '', links: '[]' } as const

export async function insertRequest(tx: Tx, row: Insertable<VerificationRequestsTable>): Promise<void> {
  await tx.insertInto('verification_requests').values(row).execute()
}

export function findRequest(db: Db | Tx, id: Id): Promise<RequestRow | undefined> {
  return db
    .selectFrom('verification_requests')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

/** The person's, newest first. */
export function listNewest(db: Db | Tx, userId: Id, limit: number): Promise<RequestRow[]> {
  return db
    .selectFrom('verification_requests')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function findLastRequest(db: Db | Tx, userId: Id): Promise<RequestRow | undefined> {
  return (await listNewest(db, userId, 1))[0]
}

/** All that the person ever asked: none waits any more, no word of theirs is in them; the next sweep erases the files. */
export async function endRequestsOf(tx: Tx, userId: Id, now: Date): Promise<void> {
  const theirs = tx
    .updateTable('verification_requests')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
  await theirs.where('state', '=', 'waiting').set({ state: 'withdrawn', decided_at: now }).execute()
  await theirs.set({ ...noWords, reason: '', erase_at: now }).execute()
}

export async function updateRequest(
  tx: Tx,
  id: Id,
  change: Updateable<VerificationRequestsTable>,
): Promise<void> {
  await tx
    .updateTable('verification_requests')
    .set(change)
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
}

/** Those that wait in the order in which they came; of others the newest first. */
export function listRequests(
  db: Db,
  state: VerificationState,
  after: Id | null,
  limit: number,
): Promise<RequestRow[]> {
  const isQueue = state === 'waiting'
  return db
    .selectFrom('verification_requests')
    .selectAll()
    .where('state', '=', state)
    .$if(after !== null, (query) => query.where('id', isQueue ? '>' : '<', after as Id))
    .orderBy('id', isQueue ? 'asc' : 'desc')
    .limit(limit)
    .execute()
}

export async function countWaiting(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('verification_requests')
    .select((requests) => requests.fn.countAll<string>().as('count'))
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Those of which all was erased but the name somebody is known by, as it was before that went with the rest. */
export function listNamesLeft(db: Db, limit: number): Promise<RequestRow[]> {
  return db
    .selectFrom('verification_requests')
    .selectAll()
    .where('known_as', '<>', '')
    .where('erase_at', 'is', null)
    .where('state', '<>', 'waiting')
    .limit(limit)
    .execute()
}

/** The longest overdue first, of everybody or of one person; `after`: what comes behind it. */
export function listToErase(
  db: Db,
  find: { now: Date; userId?: Id | undefined; after: RequestRow | null },
  limit: number,
): Promise<RequestRow[]> {
  const { now, userId, after } = find
  return db
    .selectFrom('verification_requests')
    .selectAll()
    .where('erase_at', '<=', now)
    .$if(userId !== undefined, (query) =>
      query.where('bucket', '=', bucketOf(userId ?? '')).where('user_id', '=', userId ?? ''),
    )
    .$if(after !== null, (query) =>
      query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('erase_at', 'id'), '>', tuple(after?.erase_at ?? null, after?.id ?? '')),
      ),
    )
    .orderBy('erase_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}
