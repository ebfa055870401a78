import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { keptPerAuthor, type OutboxIndex } from './outbox-index.ts'

export interface OutboxLoading {
  areLoaded(authors: Int32Array): boolean
  /** Whether all are there afterwards is to be asked again: there may not be room for them. */
  load(authors: Int32Array): Promise<void>
  /** An event about an author has come: what is being read of them right now may lack it. */
  outdate(author: number): void
}

interface Deps {
  database: Database
  outboxes: OutboxIndex
}

/** One statement asks for so many. */
const batch = 500
/** After so many loads that events came into, SQL answers this once. */
const roundsMax = 4

/** Brings authors into memory on their first need, many in one statement; nobody is loaded twice at the same time. */
export function createOutboxLoading({ database, outboxes }: Deps): OutboxLoading {
  let generation = outboxes.generation
  const loading = new Map<number, Promise<void>>()
  const outdated = new Set<number>()

  function missingOf(authors: Int32Array): number[] {
    const { isLoaded } = outboxes.authors
    const missing: number[] = []
    for (let i = 0; i < authors.length; i++) if (isLoaded[authors[i]!] === 0) missing.push(authors[i]!)
    return missing
  }

  async function read(authors: readonly number[]): Promise<void> {
    const ids = authors.map((author) => outboxes.authorIdOf(author))
    const numbers = new Map(ids.map((id, at) => [id, authors[at]!]))
    const began = outboxes.generation
    const rows = await newestOfAuthors(database.main, { buckets: ids.map(bucketOf), ids })
    if (outboxes.generation !== began) return
    const byAuthor = Map.groupBy(rows, (row) => row.author_id)
    for (const [id, author] of numbers) {
      if (outdated.has(author)) continue
      const own = byAuthor.get(id) ?? []
      outboxes.load(author, own.slice(0, keptPerAuthor), own.length > keptPerAuthor)
    }
  }

  function begin(authors: readonly number[]): Promise<void> {
    for (const author of authors) outdated.delete(author)
    const work = read(authors).finally(() => {
      // The numbers may be others' by now, and what is being read of those is not over.
      for (const author of authors) if (loading.get(author) === work) loading.delete(author)
    })
    for (const author of authors) loading.set(author, work)
    return work
  }

  /** What belongs to numbers that mean nobody any more. */
  function startAnew(): void {
    generation = outboxes.generation
    loading.clear()
    outdated.clear()
  }

  function areLoaded(authors: Int32Array): boolean {
    const { isLoaded } = outboxes.authors
    for (let i = 0; i < authors.length; i++) if (isLoaded[authors[i]!] === 0) return false
    return true
  }

  async function load(authors: Int32Array): Promise<void> {
    const began = outboxes.generation
    for (let round = 0; round < roundsMax; round++) {
      if (outboxes.generation !== began || areLoaded(authors)) return
      if (generation !== began) startAnew()
      const missing = missingOf(authors)
      const fresh = missing.filter((author) => !loading.has(author))
      const works = new Set(missing.map((author) => loading.get(author)).filter((work) => work !== undefined))
      for (let at = 0; at < fresh.length; at += batch) works.add(begin(fresh.slice(at, at + batch)))
      await Promise.all(works)
    }
  }

  return {
    areLoaded,
    load,
    outdate(author) {
      if (generation === outboxes.generation && loading.has(author)) outdated.add(author)
    },
  }
}

interface Row {
  author_id: Id
  feed_id: Id
  post_id: Id
}

/**
 * One more than is kept tells whether there are older ones. The counters are asked along so that on several nodes each
 * author's part is done where the author lives.
 */
const newestOfAuthors = prepared(
  'feed_newest_of_authors',
  (db, { buckets, ids }: { buckets: number[]; ids: Id[] }) => ({
    compile: () =>
      sql<Row>`
        select newest.author_id, newest.feed_id, newest.post_id
        from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
        join user_counts u on u.bucket = wanted.bucket and u.user_id = wanted.id
        cross join lateral (
          select o.author_id, o.feed_id, o.post_id from outboxes o
          where o.bucket = u.bucket and o.author_id = u.user_id
          order by o.feed_id desc
          limit ${sql.lit(keptPerAuthor + 1)}
        ) newest
        order by newest.author_id, newest.feed_id desc
      `.compile(db),
  }),
)
