import { type Insertable, sql } from 'kysely'
import type { SeenPost, TasteSums } from '#modules/ranking'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { SignalsTable } from './signals-tables.ts'

export type NewSignal = Insertable<SignalsTable>

export interface LockedPerson {
  erasedAt: number | null
  day: number
  dayCount: number
  lastStartedAt: number | null
}

/** In the order of the ids, the same everywhere: writers about the same people wait and never deadlock. */
export async function lockPeople(
  tx: Tx,
  sorted: readonly Id[],
  today: number,
): Promise<Map<Id, LockedPerson>> {
  const buckets = sorted.map(bucketOf)
  await sql`
    insert into signal_people (bucket, user_id, day, day_count, session_count, session_ms, gap_count, gap_ms)
    select bucket, user_id, ${today}::integer, 0, 0, 0, 0, 0
    from unnest(${buckets}::smallint[], ${sorted}::bigint[]) as wanted(bucket, user_id)
    on conflict (bucket, user_id) do nothing
  `.execute(tx)
  const { rows } = await sql<{
    user_id: Id
    erased_at: Date | null
    day: number
    day_count: number
    last_started_at: Date | null
  }>`
    select user_id, erased_at, day, day_count, last_started_at from signal_people
    where (bucket, user_id) in (select * from unnest(${buckets}::smallint[], ${sorted}::bigint[]))
    order by user_id for update
  `.execute(tx)
  return new Map(
    rows.map((row) => [
      row.user_id,
      {
        erasedAt: row.erased_at?.getTime() ?? null,
        day: row.day,
        dayCount: row.day_count,
        lastStartedAt: row.last_started_at?.getTime() ?? null,
      },
    ]),
  )
}

/** Ids of those that were not there yet. */
export async function insertRows(tx: Tx, rows: readonly NewSignal[]): Promise<Set<Id>> {
  if (rows.length === 0) return new Set()
  const inserted = await insertSignals(tx, { rows: JSON.stringify(rows) })
  return new Set(inserted.map(({ id }) => id))
}

/** One text whatever their number: with a place for each value every number is compiled and planned anew. */
const insertSignals = prepared('signals_insert', (db, { rows }: { rows: string }) => ({
  compile: () =>
    sql<{ id: Id }>`
      insert into signals (bucket, user_id, kind, subject, day, id, target_id, person_id, tag, surface, dwell_ms, at)
      select bucket, user_id, kind, subject, day, id, target_id, person_id, tag, surface, dwell_ms, at
      from json_to_recordset(${rows}::json) as s(
        bucket smallint, user_id bigint, kind text, subject text, day integer, id bigint, target_id bigint,
        person_id bigint, tag text, surface text, dwell_ms integer, at timestamptz
      )
      on conflict (bucket, user_id, kind, subject, day) do nothing
      returning id
    `.compile(db),
}))

/** A row that is taken back, and what it was worth with it. */
export interface Withdrawal {
  userId: Id
  kind:
    | 'like'
    | 'received_like'
    | 'save'
    | 'comment'
    | 'received_comment'
    | 'follow'
    | 'received_follow'
    | 'hide'
  subject: string
  /** Of these days it stands. */
  exceptDays: readonly number[]
  subtract(sums: TasteSums, at: number, timeZone: string): void
}

/** With when they happened. */
export async function withdraw(
  tx: Tx,
  withdrawals: readonly Withdrawal[],
): Promise<{ withdrawal: Withdrawal; at: number }[]> {
  if (withdrawals.length === 0) return []
  const byKey = new Map(withdrawals.map((each) => [keyOf(each), each]))
  const wanted = [...byKey.values()]
  const { rows } = await sql<{ user_id: Id; kind: string; subject: string; at: Date }>`
    delete from signals s
    using unnest(
      ${wanted.map(({ userId }) => bucketOf(userId))}::smallint[], ${wanted.map(({ userId }) => userId)}::bigint[],
      ${wanted.map(({ kind }) => kind)}::text[], ${wanted.map(({ subject }) => subject)}::text[],
      ${wanted.map(({ exceptDays }) => `{${exceptDays.join()}}`)}::text[]
    ) as wanted(bucket, user_id, kind, subject, except_days)
    where s.bucket = wanted.bucket and s.user_id = wanted.user_id
      and s.kind = wanted.kind collate "C" and s.subject = wanted.subject collate "C"
      and s.day <> all(wanted.except_days::integer[])
    returning s.user_id, s.kind, s.subject, s.at
  `.execute(tx)
  return rows.flatMap((row) => {
    const withdrawal = byKey.get(keyOf({ userId: row.user_id, kind: row.kind, subject: row.subject }))
    return withdrawal ? [{ withdrawal, at: row.at.getTime() }] : []
  })
}

function keyOf({ userId, kind, subject }: { userId: Id; kind: string; subject: string }): string {
  return `${userId} ${kind} ${subject}`
}

interface Note {
  userId: Id
  today: number
  count: number
  sessions: TasteSums['sessions']
}

/** Rows taken today, and what their sessions add. The rows are locked by the caller. */
export async function notePeople(tx: Tx, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return
  const column = <T>(read: (note: Note) => T) => notes.map(read)
  const time = (read: (sessions: Note['sessions']) => number | null) =>
    column(({ sessions }) => {
      const ms = read(sessions)
      return ms === null ? null : new Date(ms)
    })
  await sql`
    update signal_people p set
      day = n.day,
      day_count = case when p.day = n.day then p.day_count else 0 end + n.count,
      session_count = p.session_count + n.session_count,
      session_ms = p.session_ms + n.session_ms,
      gap_count = p.gap_count + n.gap_count,
      gap_ms = p.gap_ms + n.gap_ms,
      last_started_at = greatest(p.last_started_at, n.last_started_at),
      last_ended_at = greatest(p.last_ended_at, n.last_ended_at)
    from unnest(
      ${column(({ userId }) => bucketOf(userId))}::smallint[], ${column(({ userId }) => userId)}::bigint[],
      ${column(({ today }) => today)}::integer[], ${column(({ count }) => count)}::integer[],
      ${column(({ sessions }) => sessions.count)}::float8[], ${column(({ sessions }) => sessions.lengthMs)}::float8[],
      ${column(({ sessions }) => sessions.gaps)}::float8[], ${column(({ sessions }) => sessions.gapMs)}::float8[],
      ${time(({ lastStartedAt }) => lastStartedAt)}::timestamptz[], ${time(({ lastEndedAt }) => lastEndedAt)}::timestamptz[]
    ) as n(bucket, user_id, day, count, session_count, session_ms, gap_count, gap_ms, last_started_at, last_ended_at)
    where p.bucket = n.bucket and p.user_id = n.user_id
  `.execute(tx)
}

export interface SignalRow {
  id: Id
  kind: SignalsTable['kind']
  target_id: Id | null
  person_id: Id | null
  tag: string | null
  surface: string | null
  dwell_ms: number | null
  at: Date
}

export function listSignals(db: Db, userId: Id, before: Id | null, limit: number): Promise<SignalRow[]> {
  let query = db
    .selectFrom('signals')
    .select(['id', 'kind', 'target_id', 'person_id', 'tag', 'surface', 'dwell_ms', 'at'])
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== null) query = query.where('id', '<', before)
  return query.execute()
}

/** Posts that somebody saw lately, the newest first, once for each day. */
export async function listSeen(db: Db, userId: Id, after: Id, limit: number): Promise<SeenPost[]> {
  const rows = await db
    .selectFrom('signals')
    .select(['target_id', 'day'])
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('kind', '=', 'impression')
    .where('id', '>', after)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.flatMap(({ target_id, day }) => (target_id === null ? [] : [{ postId: target_id, day }]))
}

/** Whatever is known about somebody on another one's side. */
export async function forgetPairs(tx: Tx, pairs: readonly { userId: Id; personId: Id }[]): Promise<void> {
  const userIds = pairs.map(({ userId }) => userId)
  const wanted = sql`unnest(
    ${userIds.map(bucketOf)}::smallint[], ${userIds}::bigint[], ${pairs.map(({ personId }) => personId)}::bigint[]
  ) as w(bucket, user_id, person_id)`
  await sql`delete from signals s using ${wanted}
    where s.bucket = w.bucket and s.user_id = w.user_id and s.person_id = w.person_id`.execute(tx)
  await sql`delete from signal_authors s using ${wanted}
    where s.bucket = w.bucket and s.user_id = w.user_id and s.author_id = w.person_id`.execute(tx)
}
