import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { GraphTables } from './graph-tables.ts'

/** Both sides of a follow, a request, a block or a place on somebody's list. */
export interface Pair {
  from: Id
  to: Id
}

/** Rows of whom somebody has in a list of theirs, in the bucket of that somebody: (bucket, owner, other) is the key. */
export interface PairTable {
  name: keyof GraphTables
  owner: string
  other: string
  /** Drawn in the owner's bucket; gives lists their order. Rows that nobody lists have none. */
  hasId: boolean
}

/**
 * A relation is a row in the bucket of whoever follows, asks, blocks or keeps a list: that one is the truth. Where the
 * other side is asked as well, there is a second row in theirs, which no foreign key ties to the first.
 */
export interface PairKind {
  truth: PairTable
  mirror?: PairTable
}
export type MirroredKind = Required<PairKind>

function table(name: keyof GraphTables, owner: string, other: string, hasId = true): PairTable {
  return { name, owner, other, hasId }
}

export const pairs = {
  follows: {
    truth: table('following', 'follower_id', 'followed_id'),
    mirror: table('followers', 'followed_id', 'follower_id'),
  },
  requests: {
    truth: table('follow_requests_sent', 'follower_id', 'followed_id', false),
    mirror: table('follow_requests', 'followed_id', 'follower_id'),
  },
  blocks: {
    truth: table('blocks', 'blocker_id', 'blocked_id'),
    mirror: table('blocked_by', 'blocked_id', 'blocker_id', false),
  },
  closeFriends: {
    truth: table('close_friends', 'user_id', 'friend_id'),
    mirror: table('close_friend_of', 'friend_id', 'user_id', false),
  },
  storyHidden: {
    truth: table('story_hidden_from', 'user_id', 'hidden_id'),
    mirror: table('story_hidden_by', 'hidden_id', 'user_id', false),
  },
  favourites: { truth: table('favourites', 'user_id', 'favourite_id') },
  restricts: { truth: table('restricts', 'restricter_id', 'restricted_id') },
  mutes: { truth: table('mutes', 'muter_id', 'muted_id') },
} satisfies Record<string, PairKind>

export interface NewPair extends Pair {
  now: Date
  /** Of the true row and of the mirror, where they have one. */
  id?: Id
  mirrorId?: Id
}

/** False when it stood already. */
export async function insertPair(tx: Tx, kind: PairKind, pair: NewPair): Promise<boolean> {
  const { from, to, id, mirrorId, now } = pair
  const isNew = await insertRow(tx, kind.truth, { owner: from, other: to, id, now })
  if (kind.mirror) await insertRow(tx, kind.mirror, { owner: to, other: from, id: mirrorId, now })
  return isNew
}

/** False when there was none. */
export async function removePair(tx: Tx, kind: PairKind, { from, to }: Pair): Promise<boolean> {
  const wasThere = await removeRow(tx, kind.truth, { owner: from, other: to })
  if (kind.mirror) await removeRow(tx, kind.mirror, { owner: to, other: from })
  return wasThere
}

export interface PairRow {
  owner: Id
  other: Id
}

export async function hasRow(db: Db | Tx, of: PairTable, row: PairRow): Promise<boolean> {
  const found = await sql`select 1 from ${sql.table(of.name)} where ${isRow(of, row)}`.execute(db)
  return found.rows.length > 0
}

export async function countRows(db: Db | Tx, of: PairTable, owner: Id): Promise<number> {
  const count = counting.get(of.name) ?? countingOf(of)
  const [found] = await count(db, { bucket: bucketOf(owner), owner })
  return Number(found?.count)
}

/** By table: each is compiled once. */
const counting = new Map<string, ReturnType<typeof countingOf>>()

function countingOf(of: PairTable) {
  const count = prepared(`${of.name}_count`, (db, p: { bucket: number; owner: Id }) => ({
    compile: () =>
      sql<{ count: string }>`
        select count(*) as count from ${sql.table(of.name)}
        where bucket = ${p.bucket} and ${sql.ref(of.owner)} = ${p.owner}
      `.compile(db),
  }))
  counting.set(of.name, count)
  return count
}

/** A person in a list; `id` is the place in it. */
export interface Place {
  id: Id
  userId: Id
}

/** Rows of `owner`'s list after a place, newest first. */
export async function listRows(
  db: Db,
  of: PairTable,
  owner: Id,
  { before, limit }: { before: Id | null; limit: number },
): Promise<Place[]> {
  const found = await sql<Place>`
    select id, ${sql.ref(of.other)} as "userId" from ${sql.table(of.name)}
    where bucket = ${bucketOf(owner)} and ${sql.ref(of.owner)} = ${owner}
      ${before === null ? sql`` : sql`and id < ${before}`}
    order by id desc
    limit ${limit}
  `.execute(db)
  return found.rows
}

/** Of `owner`'s list, in no order that means anything. */
export async function listOthers(db: Db, of: PairTable, owner: Id, limit: number): Promise<Id[]> {
  const found = await sql<{ other: Id }>`
    select ${sql.ref(of.other)} as other from ${sql.table(of.name)}
    where bucket = ${bucketOf(owner)} and ${sql.ref(of.owner)} = ${owner}
    limit ${limit}
  `.execute(db)
  return found.rows.map((row) => row.other)
}

async function insertRow(
  tx: Tx,
  of: PairTable,
  { owner, other, id, now }: PairRow & { id: Id | undefined; now: Date },
): Promise<boolean> {
  const columns = ['bucket', of.owner, of.other, 'created_at', ...(of.hasId ? ['id'] : [])]
  const values = [bucketOf(owner), owner, other, now, ...(of.hasId ? [id] : [])]
  const key = ['bucket', of.owner, of.other]
  const inserted = await sql`
    insert into ${sql.table(of.name)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values (${sql.join(values)})
    on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do nothing
    returning bucket
  `.execute(tx)
  return inserted.rows.length > 0
}

async function removeRow(tx: Tx, of: PairTable, row: PairRow): Promise<boolean> {
  const removed =
    await sql`delete from ${sql.table(of.name)} where ${isRow(of, row)} returning bucket`.execute(tx)
  return removed.rows.length > 0
}

function isRow(of: PairTable, { owner, other }: PairRow): RawBuilder<unknown> {
  return sql`bucket = ${bucketOf(owner)} and ${sql.ref(of.owner)} = ${owner} and ${sql.ref(of.other)} = ${other}`
}
