import { sql } from 'kysely'
import type { Sight } from '#modules/graph'
import type { Tx } from '#platform/db/db.ts'
import type { Outcome } from '#platform/db/group-commit.ts'
import { prepared } from '#platform/db/prepared.ts'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id, slotOf, timeOf } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'
import { canSeeStory, isExpired } from '../stories-policy.ts'
import { findStories, type StoryRow } from '../stories-repository.ts'
import type { SeenStories } from './seen-stories.ts'
import { addToCounts } from './views-repository.ts'

/** Somebody has a Story before them. */
export interface ViewWrite {
  storyId: Id
  viewerId: Id
  /** Its place among the views. */
  id: Id
  at: Date
}

export interface ViewResult {
  authorId: Id
  /** False: it was seen before. */
  isNew: boolean
}

type Deps = Pick<StoriesDeps, 'database' | 'ids' | 'events' | 'clock' | 'graph'> & { seen: SeenStories }

/** A later one is drawn anew: readers of events look back only so far. */
const idAgeMaxMs = 5000

/**
 * Commits views of Stories of one bucket together: a row for the Story, a row for the viewer, one more in this process's
 * counter, and one event for each Story, whoever many have seen it.
 */
export function createViewsCommit({ database, ids, events, clock, graph, seen }: Deps) {
  async function judge(writes: readonly ViewWrite[]): Promise<(StoryRow | undefined)[]> {
    const stories = await findStories(
      database.main,
      writes.map(({ storyId }) => storyId),
    )
    const sights = await sightsOf(
      graph,
      writes.flatMap(({ storyId, viewerId }) => {
        const story = stories.get(storyId)
        return story ? [{ viewerId, authorId: story.author_id }] : []
      }),
    )
    const now = clock.now()
    return writes.map(({ storyId, viewerId }) => {
      const story = stories.get(storyId)
      const sight = story && sights.get(`${story.author_id} ${viewerId}`)
      const isOut = story?.status === 'ready' && !isExpired(story, now)
      return sight && isOut && canSeeStory(sight, story, now) ? story : undefined
    })
  }

  async function write(tx: Tx, able: readonly ViewWrite[], stories: ReadonlyMap<Id, StoryRow>) {
    const bucket = bucketOf(able[0]!.storyId)
    for (const one of able) if (clock.now() - timeOf(one.id) > idAgeMaxMs) one.id = ids.next(bucket)
    const inserted = await insertViews(tx, {
      bucket,
      storyIds: able.map(({ storyId }) => storyId),
      viewerIds: able.map(({ viewerId }) => viewerId),
      ids: able.map(({ id }) => id),
      times: able.map(({ at }) => at),
      now: new Date(clock.now()),
    })
    if (inserted.length === 0) return inserted
    await insertSeen(tx, {
      buckets: inserted.map(({ viewer_id }) => bucketOf(viewer_id)),
      viewerIds: inserted.map(({ viewer_id }) => viewer_id),
      storyIds: inserted.map(({ story_id }) => story_id),
      authorIds: inserted.map(({ story_id }) => stories.get(story_id)!.author_id),
      ends: inserted.map(({ story_id }) => stories.get(story_id)!.expires_at),
    })
    const byStory = [...Map.groupBy(inserted, (row) => row.story_id)]
    await addToCounts(tx, {
      bucket,
      slot: slotOf(able[0]!.id),
      storyIds: byStory.map(([id]) => id),
      views: byStory.map(([, rows]) => rows.length),
      reactions: byStory.map(() => 0),
    })
    await events.emitAll(
      tx,
      byStory.map(([storyId, rows]) => ({
        kind: 'stories.seen' as const,
        bucket,
        subjectId: storyId,
        data: {
          storyId,
          authorId: stories.get(storyId)!.author_id,
          viewerIds: rows.map(({ viewer_id }) => viewer_id),
        },
      })),
    )
    return inserted
  }

  return async (writes: readonly ViewWrite[]): Promise<Outcome<ViewResult>[]> => {
    const found = await judge(writes)
    const stories = new Map(found.flatMap((story) => (story ? [[story.id, story] as const] : [])))
    // One's own looks at one's own are no views.
    const able = writes.filter((one, index) => found[index] && found[index].author_id !== one.viewerId)
    const inserted =
      able.length === 0
        ? []
        : await database.transaction((tx) => write(tx, able, stories), {
            by: able.map(({ viewerId }) => viewerId),
          })
    const fresh = new Set(inserted.map((row) => keyOf(row.story_id, row.viewer_id)))
    for (const { story_id, viewer_id } of inserted)
      seen.note(viewer_id, { storyId: story_id, authorId: stories.get(story_id)!.author_id })
    return writes.map(({ storyId, viewerId }, index) => {
      const story = found[index]
      if (!story) return { error: fault('story.not_found') }
      return { value: { authorId: story.author_id, isNew: fresh.has(keyOf(storyId, viewerId)) } }
    })
  }
}

const keyOf = (storyId: Id, viewerId: Id) => `${storyId} ${viewerId}`

/** By `<author> <viewer>`. Many who look at one author are asked about together. */
async function sightsOf(
  graph: Deps['graph'],
  wanted: readonly { viewerId: Id; authorId: Id }[],
): Promise<Map<string, Sight>> {
  const sights = new Map<string, Sight>()
  await Promise.all(
    [...Map.groupBy(wanted, ({ authorId }) => authorId)].map(async ([authorId, all]) => {
      const viewers = [...new Set(all.map(({ viewerId }) => viewerId))]
      const [viewer] = viewers
      const found =
        viewers.length === 1
          ? new Map([[viewer!, await graph.loadSight({ id: viewer! }, [authorId])]])
          : await graph.loadAudience(authorId, viewers)
      for (const [viewerId, sight] of found) sights.set(`${authorId} ${viewerId}`, sight)
    }),
  )
  return sights
}

interface NewViews {
  bucket: number
  storyIds: Id[]
  viewerIds: Id[]
  ids: Id[]
  times: Date[]
  now: Date
}

/**
 * Looks at the Stories once more, and holds them against being taken away until this is committed, without keeping anybody
 * else from doing the same.
 */
const insertViews = prepared<NewViews, { story_id: Id; viewer_id: Id }>('stories_view', (db, p) => ({
  compile: () =>
    sql<{ story_id: Id; viewer_id: Id }>`
      with out as materialized (
        select id from stories
        where bucket = ${p.bucket} and id = any(${p.storyIds}::bigint[])
          and status = 'ready' and deleted_at is null and expires_at > ${p.now}
        order by id for key share
      )
      insert into story_views (bucket, story_id, viewer_id, id, seen_at)
      select ${p.bucket}::smallint, w.story_id, w.viewer_id, w.id, w.seen_at
      from unnest(
        ${p.storyIds}::bigint[], ${p.viewerIds}::bigint[], ${p.ids}::bigint[], ${p.times}::timestamptz[]
      ) as w(story_id, viewer_id, id, seen_at)
      join out on out.id = w.story_id
      order by w.story_id, w.viewer_id
      on conflict (bucket, story_id, viewer_id) do nothing
      returning story_id, viewer_id
    `.compile(db),
}))

interface NewSeen {
  buckets: number[]
  viewerIds: Id[]
  storyIds: Id[]
  authorIds: Id[]
  ends: Date[]
}

const insertSeen = prepared<NewSeen, { story_id: Id }>('stories_note_seen', (db, p) => ({
  compile: () =>
    sql<{ story_id: Id }>`
      insert into story_seen (bucket, viewer_id, story_id, author_id, expires_at)
      select * from unnest(
        ${p.buckets}::smallint[], ${p.viewerIds}::bigint[], ${p.storyIds}::bigint[], ${p.authorIds}::bigint[],
        ${p.ends}::timestamptz[]
      )
      on conflict (bucket, viewer_id, story_id) do nothing
    `.compile(db),
}))
