import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, bucketOfName, type Id } from '#platform/ids/ids.ts'
import type { UsersTable } from './accounts-tables.ts'
import type { AccountRow } from './accounts-types.ts'

export type UserRow = Selectable<UsersTable>

export function toAccount(row: UserRow): AccountRow {
  return {
    id: row.id,
    bucket: row.bucket,
    username: row.username,
    fullName: row.full_name,
    bio: row.bio,
    isVerified: row.is_verified,
    isPrivate: row.is_private,
    state: row.state,
    sightEpoch: row.sight_epoch,
    avatarMediaId: row.avatar_media_id,
    avatarKey: row.avatar_key,
    avatarStatus: row.avatar_status,
    hidesLikeCounts: row.hide_like_counts,
    sharesLimited: row.shares_limited,
    createdAt: row.created_at,
  }
}

export async function insertUser(tx: Tx, user: Insertable<UsersTable>): Promise<void> {
  await tx.insertInto('users').values(user).execute()
  await tx
    .insertInto('user_counts')
    .values({ bucket: user.bucket, user_id: user.id, follower_count: 0, following_count: 0, post_count: 0 })
    .execute()
}

export async function updateUser(tx: Tx, id: Id, change: Updateable<UsersTable>): Promise<void> {
  await tx.updateTable('users').set(change).where('bucket', '=', bucketOf(id)).where('id', '=', id).execute()
}

export async function noteLimited(tx: Tx, id: Id): Promise<void> {
  await tx
    .updateTable('users')
    .set({ shares_limited: true })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('shares_limited', '=', false)
    .execute()
}

/** The new one; undefined when there is no such account. */
export async function raiseEpoch(tx: Tx, id: Id): Promise<number | undefined> {
  const row = await tx
    .updateTable('users')
    .set((to) => ({ sight_epoch: to('sight_epoch', '+', 1) }))
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .returning('sight_epoch')
    .executeTakeFirst()
  return row?.sight_epoch
}

/** Those that each sign-in asks are compiled once: it spends its time on the hash and on little else. */
const userById = prepared('user_by_id', (db, p: { bucket: number; id: Id }) =>
  db.selectFrom('users').selectAll().where('bucket', '=', p.bucket).where('id', '=', p.id),
)

export async function findUser(db: Db | Tx, id: Id): Promise<UserRow | undefined> {
  return (await userById(db, { bucket: bucketOf(id), id }))[0]
}

/** Each (bucket, id) is looked up in the primary key: two `any` lists would be tried against each other. */
const usersByIds = prepared<{ buckets: number[]; ids: Id[] }, UserRow>('users_by_ids', (db, p) => ({
  compile: () =>
    sql<UserRow>`
      select u.*
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join users u on u.bucket = wanted.bucket and u.id = wanted.id
    `.compile(db),
}))

export async function findUsers(db: Db | Tx, ids: Iterable<Id>): Promise<UserRow[]> {
  const wanted = [...new Set(ids)]
  return wanted.length === 0 ? [] : usersByIds(db, { buckets: wanted.map(bucketOf), ids: wanted })
}

/** Accounts among `ids` whose username or full name begins with `prefix`. */
export async function findUsersNamed(db: Db, ids: Id[], prefix: string, limit: number): Promise<UserRow[]> {
  if (ids.length === 0) return []
  const pattern = prefixPattern(prefix)
  const found = await sql<UserRow>`
    select u.*
    from unnest(${ids.map(bucketOf)}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
    join users u on u.bucket = wanted.bucket and u.id = wanted.id
    where u.state = 'active' and (u.username like ${pattern} or lower(u.full_name) like ${pattern})
    order by u.username
    limit ${limit}
  `.execute(db)
  return found.rows
}

/** Usernames first: who types an exact name means that one. */
export async function findUsersByPrefix(db: Db, prefix: string, limit: number): Promise<UserRow[]> {
  const pattern = prefixPattern(prefix)
  const active = () => db.selectFrom('users').selectAll().where('state', '=', 'active').limit(limit)
  const [byUsername, byFullName] = await Promise.all([
    active().where('username', 'like', pattern).orderBy('username').execute(),
    active()
      .where((where) => where(where.fn<string>('lower', ['full_name']), 'like', pattern))
      .execute(),
  ])
  return [...new Map([...byUsername, ...byFullName].map((user) => [user.id, user])).values()]
}

export function prefixPattern(prefix: string): string {
  return `${prefix.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
}

/**
 * Takes a name for an account: false when another has it. Two at the same instant meet in the primary
 * key: the later one waits, and then sees the claim of the earlier.
 */
export async function claimUsername(
  tx: Tx,
  { username, userId, now }: { username: string; userId: Id; now: Date },
): Promise<boolean> {
  const claim = { bucket: bucketOfName(username), username, user_id: userId, released_until: null }
  const taken = await tx
    .insertInto('username_claims')
    .values(claim)
    .onConflict((conflict) =>
      conflict
        .columns(['bucket', 'username'])
        .doUpdateSet({ user_id: userId, released_until: null })
        .where((where) =>
          where.or([
            where('username_claims.user_id', '=', userId),
            where('username_claims.released_until', '<=', now),
          ]),
        ),
    )
    .returning('user_id')
    .executeTakeFirst()
  return taken !== undefined
}

export async function releaseUsername(tx: Tx, username: string, until: Date): Promise<void> {
  await tx
    .updateTable('username_claims')
    .set({ released_until: until })
    .where('bucket', '=', bucketOfName(username))
    .where('username', '=', username)
    .execute()
}

/** Names that the account gave up and that still lead to it. */
export async function listOldNames(tx: Db | Tx, userId: Id, now: Date): Promise<string[]> {
  const claims = await tx
    .selectFrom('username_claims')
    .select('username')
    .where('user_id', '=', userId)
    .where('released_until', 'is not', null)
    .where('released_until', '>', now)
    .execute()
  return claims.map((claim) => claim.username)
}

/** Who has the name, or had it until it redirects no more. */
export async function findUsernameHolder(db: Db | Tx, username: string, now: Date): Promise<Id | undefined> {
  const claim = await db
    .selectFrom('username_claims')
    .select('user_id')
    .where('bucket', '=', bucketOfName(username))
    .where('username', '=', username)
    .where((where) => where.or([where('released_until', 'is', null), where('released_until', '>', now)]))
    .executeTakeFirst()
  return claim?.user_id
}

/** Holders of current names. */
export async function findUsernameHolders(db: Db, usernames: string[]): Promise<Id[]> {
  if (usernames.length === 0) return []
  const found = await holdersOf(db, { buckets: usernames.map(bucketOfName), usernames })
  return found.map((claim) => claim.user_id)
}

const holdersOf = prepared('username_holders', (db, p: { buckets: number[]; usernames: string[] }) => ({
  compile: () =>
    sql<{ user_id: Id }>`
      select c.user_id
      from unnest(${p.buckets}::smallint[], ${p.usernames}::text[]) as wanted(bucket, username)
      join username_claims c on c.bucket = wanted.bucket and c.username = wanted.username collate "C"
      where c.released_until is null
    `.compile(db),
}))

export async function findEmailHolder(db: Db | Tx, email: string): Promise<Id | undefined> {
  const claim = await db
    .selectFrom('email_claims')
    .select('user_id')
    .where('bucket', '=', bucketOfName(email))
    .where('email', '=', email)
    .executeTakeFirst()
  return claim?.user_id
}

/** False when another account has verified the address before. */
export async function claimEmail(tx: Tx, email: string, userId: Id): Promise<boolean> {
  await tx
    .insertInto('email_claims')
    .values({ bucket: bucketOfName(email), email, user_id: userId })
    .onConflict((conflict) => conflict.columns(['bucket', 'email']).doNothing())
    .execute()
  return (await findEmailHolder(tx, email)) === userId
}

const passwordHash = (db: Db, p: { bucket: number; userId: Id }) =>
  db
    .selectFrom('credentials')
    .select('password_hash')
    .where('bucket', '=', p.bucket)
    .where('user_id', '=', p.userId)
const hashOfUser = prepared('password_hash', passwordHash)
const hashOfUserLocked = prepared('password_hash_lock', (db, p: { bucket: number; userId: Id }) =>
  passwordHash(db, p).forUpdate(),
)

export async function findPasswordHash(db: Db | Tx, userId: Id): Promise<string | null> {
  const [found] = await hashOfUser(db, { bucket: bucketOf(userId), userId })
  return found?.password_hash ?? null
}

export async function lockPasswordHash(tx: Tx, userId: Id): Promise<string | null> {
  const [found] = await hashOfUserLocked(tx, { bucket: bucketOf(userId), userId })
  return found?.password_hash ?? null
}

export async function savePasswordHash(
  tx: Tx,
  { userId, hash, now }: { userId: Id; hash: string; now: Date },
): Promise<void> {
  await tx
    .insertInto('credentials')
    .values({ bucket: bucketOf(userId), user_id: userId, password_hash: hash, changed_at: now })
    .onConflict((conflict) =>
      conflict.columns(['bucket', 'user_id']).doUpdateSet({ password_hash: hash, changed_at: now }),
    )
    .execute()
}

export async function hasOwner(db: Db | Tx): Promise<boolean> {
  const owner = await db
    .selectFrom('users')
    .select('id')
    .where('roles', '<>', sql<never>`'{}'`)
    .where(sql<boolean>`'owner' = any(roles)`)
    .limit(1)
    .executeTakeFirst()
  return owner !== undefined
}
