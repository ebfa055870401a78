import { type RawBuilder, sql } from 'kysely'
import { createTasteSums, type TasteSums } from '#modules/ranking'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'

/** Adds to what is stored; three statements for any number of people. */
export async function addSums(tx: Tx, all: ReadonlyMap<Id, TasteSums>): Promise<void> {
  const authors: AuthorRow[] = []
  const features: Row<string>[] = []
  const rhythm: Row<number>[] = []
  for (const [userId, sums] of all) {
    const bucket = bucketOf(userId)
    for (const [key, sum] of sums.authors) authors.push({ bucket, userId, key, ...sum })
    for (const [key, sum] of sums.features) features.push({ bucket, userId, key, ...sum })
    for (const [key, sum] of sums.rhythm) rhythm.push({ bucket, userId, key, ...sum })
  }
  if (authors.length > 0)
    await sql`
      insert into signal_authors (bucket, user_id, author_id, given, received, shown)
      select * from unnest(${owners(authors)}, ${authors.map(({ key }) => key)}::bigint[],
        ${authors.map(({ given }) => given)}::float8[], ${authors.map(({ received }) => received)}::float8[],
        ${authors.map(({ shown }) => shown)}::float8[])
      on conflict (bucket, user_id, author_id) do update set
        given = signal_authors.given + excluded.given,
        received = signal_authors.received + excluded.received,
        shown = signal_authors.shown + excluded.shown
    `.execute(tx)
  if (features.length > 0)
    await sql`
      insert into signal_features (bucket, user_id, feature, answered, shown)
      select * from unnest(${owners(features)}, ${features.map(({ key }) => key)}::text[], ${answers(features)})
      on conflict (bucket, user_id, feature) do update set
        answered = signal_features.answered + excluded.answered, shown = signal_features.shown + excluded.shown
    `.execute(tx)
  if (rhythm.length > 0)
    await sql`
      insert into signal_rhythm (bucket, user_id, slot, answered, shown)
      select * from unnest(${owners(rhythm)}, ${rhythm.map(({ key }) => key)}::smallint[], ${answers(rhythm)})
      on conflict (bucket, user_id, slot) do update set
        answered = signal_rhythm.answered + excluded.answered, shown = signal_rhythm.shown + excluded.shown
    `.execute(tx)
}

interface Owned {
  bucket: number
  userId: Id
}

interface Row<Key> extends Owned {
  key: Key
  answered: number
  shown: number
}

interface AuthorRow extends Owned {
  key: Id
  given: number
  received: number
  shown: number
}

function owners(rows: readonly Owned[]): RawBuilder<unknown> {
  return sql`${rows.map(({ bucket }) => bucket)}::smallint[], ${rows.map(({ userId }) => userId)}::bigint[]`
}

function answers(rows: readonly { answered: number; shown: number }[]): RawBuilder<unknown> {
  return sql`${rows.map(({ answered }) => answered)}::float8[], ${rows.map(({ shown }) => shown)}::float8[]`
}

/** One query for any number of people: what is known of each lies in their own bucket. */
export async function loadSums(db: Db, userIds: readonly Id[]): Promise<Map<Id, TasteSums>> {
  const sums = new Map(userIds.map((id) => [id, createTasteSums()]))
  const rows = await storedSums(db, { buckets: userIds.map(bucketOf), ids: [...userIds] })
  for (const row of rows) put(sums.get(row.user_id)!, row)
  return sums
}

interface StoredRow {
  user_id: Id
  kind: 'author' | 'feature' | 'rhythm' | 'sessions'
  key: string
  a: number
  b: number
  c: number
  d: number
  first: Date | null
  last: Date | null
}

function put(sums: TasteSums, { kind, key, a, b, c, d, first, last }: StoredRow): void {
  if (kind === 'author') sums.authors.set(key, { given: a, received: b, shown: c })
  else if (kind === 'feature') sums.features.set(key, { answered: a, shown: b })
  else if (kind === 'rhythm') sums.rhythm.set(Number(key), { answered: a, shown: b })
  else
    sums.sessions = {
      count: a,
      lengthMs: b,
      gaps: c,
      gapMs: d,
      lastStartedAt: first?.getTime() ?? null,
      lastEndedAt: last?.getTime() ?? null,
    }
}

const storedSums = prepared<{ buckets: number[]; ids: Id[] }, StoredRow>(
  'signal_sums',
  (db, { buckets, ids }) => ({
    compile: () => {
      const wanted = sql`unnest(${buckets}::smallint[], ${ids}::bigint[]) as w(bucket, user_id)`
      return sql<StoredRow>`
      select t.user_id, 'author' as kind, t.author_id::text as key, t.given as a, t.received as b, t.shown as c,
        0::float8 as d, null::timestamptz as first, null::timestamptz as last
      from ${wanted} join signal_authors t on t.bucket = w.bucket and t.user_id = w.user_id
      union all
      select t.user_id, 'feature', t.feature, t.answered, t.shown, 0, 0, null, null
      from ${wanted} join signal_features t on t.bucket = w.bucket and t.user_id = w.user_id
      union all
      select t.user_id, 'rhythm', t.slot::text, t.answered, t.shown, 0, 0, null, null
      from ${wanted} join signal_rhythm t on t.bucket = w.bucket and t.user_id = w.user_id
      union all
      select t.user_id, 'sessions', '', t.session_count, t.session_ms, t.gap_count, t.gap_ms,
        t.last_started_at, t.last_ended_at
      from ${wanted} join signal_people t on t.bucket = w.bucket and t.user_id = w.user_id
    `.compile(db)
    },
  }),
)
