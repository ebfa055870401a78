import type { Role } from '@heliograph/contract/accounts'
import { expressionBuilder, type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { AccountState, SessionsTable } from './accounts-tables.ts'
import type { AccountSettings } from './accounts-types.ts'
import { findFactors } from './second-factors/factors-repository.ts'

export type SessionRow = Selectable<SessionsTable>

export interface SessionWithState {
  id: Id
  user_id: Id
  last_used_at: Date
  created_at: Date
  proved_at: Date | null
  expires_at: Date
  state: AccountState
  roles: Role[]
  /** Has no second factor, and is one of those of whom it may be wanted: has a role, or everybody needs one here. */
  lacksFactor: boolean
  email_verified_at: Date | null
}

const sessionInsert = prepared('session_insert', (db, row: SessionRow) =>
  db.insertInto('sessions').values({
    bucket: row.bucket,
    user_id: row.user_id,
    id: row.id,
    token_hash: row.token_hash,
    user_agent: row.user_agent,
    created_at: row.created_at,
    last_used_at: row.last_used_at,
    proved_at: row.proved_at,
    expires_at: row.expires_at,
  }),
)

export async function insertSession(tx: Tx, session: SessionRow): Promise<void> {
  await sessionInsert(tx, session)
}

/** Asked by every request with a token: one bucket, one row. */
const sessionByToken = prepared(
  'session_by_token',
  (db, p: { bucket: number; userId: Id; tokenHash: Buffer }) =>
    db
      .selectFrom('sessions')
      .innerJoin('users', (join) =>
        join.onRef('users.bucket', '=', 'sessions.bucket').onRef('users.id', '=', 'sessions.user_id'),
      )
      .select([
        'sessions.id',
        'sessions.user_id',
        'sessions.last_used_at',
        'sessions.created_at',
        'sessions.proved_at',
        'sessions.expires_at',
        'users.state',
        'users.roles',
        'users.email_verified_at',
      ])
      .where('sessions.bucket', '=', p.bucket)
      .where('sessions.token_hash', '=', p.tokenHash)
      .where('sessions.user_id', '=', p.userId),
)

export async function findSessionByToken(
  db: Db,
  userId: Id,
  tokenHash: Buffer,
  { requireSecondFactor }: Pick<AccountSettings, 'requireSecondFactor'>,
): Promise<SessionWithState | undefined> {
  const [found] = await sessionByToken(db, { bucket: bucketOf(userId), userId, tokenHash })
  if (!found) return undefined
  const isAsked = found.roles.length > 0 || requireSecondFactor === 'everybody'
  const factors = isAsked && (await findFactors(db, userId))
  return { ...found, lacksFactor: factors && !factors.totp && !factors.passkey }
}

export async function touchSession(db: Db, id: Id, now: Date, expiresAt: Date): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: now, expires_at: expiresAt })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
}

export function findSession(db: Db, id: Id): Promise<SessionRow | undefined> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

interface Renewal {
  /** Of the token with which somebody came. */
  shown: Buffer | null
  tokenHash: Buffer
  now: Date
  expiresAt: Date
  /** False: a proof given before stays as old as it is. */
  proves: boolean
}

/**
 * False: it has another token than was shown already, and keeps that. Throws `auth.invalid` when the session has ended since
 * the request came in.
 */
export async function renewSession(
  tx: Tx,
  id: Id,
  { shown, tokenHash, now, expiresAt, proves }: Renewal,
): Promise<boolean> {
  const { eb } = expressionBuilder<{ sessions: SessionsTable }, 'sessions'>()
  const renewed = await tx
    .updateTable('sessions')
    .set({
      token_hash: eb.case().when('token_hash', '=', shown).then(tokenHash).else(eb.ref('token_hash')).end(),
      ...(proves && { proved_at: now }),
      last_used_at: now,
      expires_at: expiresAt,
    })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .returning('token_hash')
    .executeTakeFirst()
  if (!renewed) throw fault('auth.invalid')
  return renewed.token_hash.equals(tokenHash)
}

/**
 * Throws `auth.invalid` when the session has ended since the request came in; until the transaction is over nothing ends
 * it. What lasts beyond a session is never added by one that somebody has just closed.
 */
export async function requireOpenSession(
  tx: Tx,
  { id: userId, sessionId }: Pick<Viewer, 'id' | 'sessionId'>,
): Promise<void> {
  const open = await tx
    .selectFrom('sessions')
    .select('id')
    .where('bucket', '=', bucketOf(sessionId))
    .where('id', '=', sessionId)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (!open) throw fault('auth.invalid')
}

/** Newest first. */
export function listSessions(
  db: Db,
  { userId, before, now, limit }: { userId: Id; before: Id | null; now: Date; limit: number },
): Promise<SessionRow[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .$if(before !== null, (query) => query.where('id', '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Only one's own: an id of somebody else's session deletes nothing. */
export async function deleteSession(tx: Tx, userId: Id, id: Id): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('sessions')
    .where('bucket', '=', bucketOf(userId))
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst()
  return deleted !== undefined
}

export async function deleteSessionsOf(tx: Tx, userId: Id, except: Id | null): Promise<Id[]> {
  const deleted = await tx
    .deleteFrom('sessions')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .$if(except !== null, (query) => query.where('id', '<>', except))
    .returning('id')
    .execute()
  return deleted.map((session) => session.id)
}

interface Beyond {
  bucket: number
  userId: Id
  most: number
  atOnce: number
}

/** By `sessions_by_user`; asked by every sign-in. */
const sessionsDeletedBeyond = prepared<Beyond, { id: Id }>('sessions_delete_beyond', (db, p) => ({
  compile: () =>
    sql<{ id: Id }>`
      delete from sessions
      where bucket = ${p.bucket} and id in (
        select id from sessions
        where bucket = ${p.bucket} and user_id = ${p.userId}
        order by last_used_at desc, id desc
        offset ${p.most} limit ${p.atOnce}
      )
      returning id
    `.compile(db),
}))

/** Those that were used longest ago, if there are more than `most`. */
export async function deleteSessionsBeyond(
  tx: Tx,
  userId: Id,
  { most, atOnce }: Pick<Beyond, 'most' | 'atOnce'>,
): Promise<Id[]> {
  const deleted = await sessionsDeletedBeyond(tx, { bucket: bucketOf(userId), userId, most, atOnce })
  return deleted.map(({ id }) => id)
}

/** Batches, so that no statement holds many rows for long. */
export async function deleteExpiredSessions(db: Db, now: Date, limit: number): Promise<number> {
  const expired = await db
    .selectFrom('sessions')
    .select(['bucket', 'id'])
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  for (const { bucket, id } of expired) {
    await db
      .deleteFrom('sessions')
      .where('bucket', '=', bucket)
      .where('id', '=', id)
      .where('expires_at', '<=', now)
      .execute()
  }
  return expired.length
}
