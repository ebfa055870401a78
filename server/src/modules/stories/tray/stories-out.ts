import type { StoryAudience } from '@heliograph/contract/stories'
import { sql } from 'kysely'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'

/** What the tray needs of a Story that is out. */
export interface StoryOut {
  readonly id: Id
  readonly audience: StoryAudience
  readonly createdAt: number
  readonly expiresAt: number
}

/** Of one author, oldest first. Some may have ended since they were read: whoever reads asks the clock. */
export interface AuthorsOut {
  readonly authorId: Id
  readonly stories: readonly StoryOut[]
}

/** What authors have out, by author: those with nothing as well. */
export interface StoriesOut {
  of(authorIds: Iterable<Id>): Promise<Map<Id, AuthorsOut>>
  /** Undefined: not all of it is in memory, or memory is not to be trusted just now. Never waits. */
  peek(authorIds: Iterable<Id>): Map<Id, AuthorsOut> | undefined
  /** As long as it stays the same nothing that was read after it was asked for is another; undefined as `peek`. */
  peekVersion(): number | undefined
  /** Whose are others since such a version. Undefined: not known any more. */
  changedSince(version: number): readonly Id[] | undefined
}

/** In Stories and authors: some 30 MB. */
const keptMax = 200_000

export function createStoriesOut({
  database,
  events,
  clock,
  coherence,
}: Pick<StoriesDeps, 'database' | 'events' | 'clock' | 'coherence'>): StoriesOut {
  const kept = coherence.createKept<Id, AuthorsOut>({
    name: 'stories_out',
    max: keptMax,
    weigh: ({ stories }) => 1 + stories.length,
    load: (authorIds) => loadOut(database.main, authorIds, new Date(clock.now())),
  })
  for (const kind of [
    'stories.published',
    'stories.in_review',
    'stories.removed',
    'stories.deleted',
  ] as const)
    events.on(kind, ({ data }) => kept.drop(data.authorId))
  return {
    of: kept.getMany,
    peek: kept.peekMany,
    peekVersion: kept.peekVersion,
    changedSince: kept.droppedSince,
  }
}

interface OutRow {
  author_id: Id
  id: Id
  audience: StoryAudience
  created_at: Date
  expires_at: Date
}

const outOfAuthors = prepared<{ buckets: number[]; ids: Id[]; now: Date }, OutRow>(
  'stories_out',
  (db, p) => ({
    compile: () =>
      sql<OutRow>`
        select s.author_id, s.id, s.audience, s.created_at, s.expires_at
        from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
        join stories s on s.bucket = wanted.bucket and s.author_id = wanted.id
        where s.status = 'ready' and s.deleted_at is null and s.expires_at > ${p.now}
        order by s.author_id, s.id
      `.compile(db),
  }),
)

/** One query by one index, however many authors there are. */
export async function loadOut(db: Db, authorIds: readonly Id[], now: Date): Promise<Map<Id, AuthorsOut>> {
  const rows = await outOfAuthors(db, { buckets: authorIds.map(bucketOf), ids: [...authorIds], now })
  const byAuthor = Map.groupBy(rows, (row) => row.author_id)
  return new Map(
    authorIds.map((authorId) => [
      authorId,
      {
        authorId,
        stories: (byAuthor.get(authorId) ?? []).map((row) => ({
          id: row.id,
          audience: row.audience,
          createdAt: row.created_at.getTime(),
          expiresAt: row.expires_at.getTime(),
        })),
      },
    ]),
  )
}
