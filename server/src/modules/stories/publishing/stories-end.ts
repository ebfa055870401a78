import { sql } from 'kysely'
import { Counter } from 'prom-client'
import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'
import { hasViewers, heldForModeratorsMs, viewersKeptMs } from '../stories-policy.ts'
import { updateStory } from '../stories-repository.ts'
import { closeViews, noteViews } from '../views/views-forgetting.ts'

type Deps = Pick<StoriesDeps, 'database' | 'clock' | 'log' | 'media' | 'metrics' | 'screening'>

export interface Ended {
  /** Gone for good. */
  stories: number
  /** They stay for their authors, or in highlights. */
  kept: number
  /** Rows of who saw what, on both sides. */
  views: number
  objects: number
  bytes: number
}

export interface StoriesEnd {
  /** What has expired or was deleted goes, but for what is kept. Again is harmless; an interrupted one is gone on with. */
  run(): Promise<Ended>
  /** The same for one that was deleted. */
  remove(storyId: Id): Promise<void>
}

const batch = 500
/** Transactions that saw it as not over yet are done by then: they take 30 s at most, and clocks agree within 5 s. */
const graceMs = 60_000

/**
 * Expiry itself is no work: whoever reads asks the clock. This takes away what nobody can read any more, and counts it.
 */
export function createStoriesEnd(deps: Deps): StoriesEnd {
  const { database, clock, log, media, screening } = deps
  const counters = createCounters(deps)

  async function inBatches(work: () => Promise<number>): Promise<number> {
    let all = 0
    for (;;) {
      const done = await work()
      all += done
      if (done < batch) return all
    }
  }

  const removeViews = (storyId: Id) =>
    inBatches(async () => {
      const bucket = bucketOf(storyId)
      const gone = await sql`
        delete from story_views where bucket = ${bucket} and story_id = ${storyId} and viewer_id = any(array(
          select viewer_id from story_views where bucket = ${bucket} and story_id = ${storyId} limit ${batch}
        ))`.execute(database.main)
      return Number(gone.numAffectedRows ?? 0)
    })

  async function removeCounts(storyId: Id): Promise<void> {
    await database.main
      .deleteFrom('story_view_counts')
      .where('bucket', '=', bucketOf(storyId))
      .where('story_id', '=', storyId)
      .execute()
  }

  /** The row goes last: whatever stops this in between, it is found and gone on with. */
  async function remove(story: { id: Id; media_id: Id }, ended: Ended): Promise<void> {
    const freed = await media.reclaim([story.media_id])
    ended.objects += freed.objects
    ended.bytes += freed.bytes
    ended.views += await removeViews(story.id)
    await removeCounts(story.id)
    await database.transaction(async (tx) => {
      await screening.withdrawStory(tx, story.id)
      await tx
        .deleteFrom('stories')
        .where('bucket', '=', bucketOf(story.id))
        .where('id', '=', story.id)
        .execute()
    })
    ended.stories += 1
  }

  /** Only as long as nobody has decided, and not for ever. */
  async function isHeld(tx: Tx, { id, status, deleted_at, expires_at }: Ending): Promise<boolean> {
    if (deleted_at !== null || (status !== 'ready' && status !== 'review')) return false
    if (expires_at.getTime() + heldForModeratorsMs <= clock.now()) return false
    return await screening.awaitsDecision(tx, id)
  }

  /** Decides under its lock: a highlight that takes it up right now holds it, or finds that it is over. */
  async function end(storyId: Id, ended: Ended): Promise<void> {
    const story = await database.transaction(async (tx) => {
      const row = await lockEnding(tx, storyId)
      if (!row) return undefined
      const isKept = row.deleted_at === null && row.status === 'ready' && (row.archived || row.is_highlighted)
      if (!isKept && (await isHeld(tx, row))) return { ...row, isKept, isHeld: true }
      const now = new Date(clock.now())
      if (isKept) await updateStory(tx, row, { ended_at: now })
      else if (row.deleted_at === null) await updateStory(tx, row, { deleted_at: now })
      return { ...row, isKept, isHeld: false }
    })
    if (!story) return
    if (story.isHeld) ended.views += hasViewers(story, clock.now()) ? 0 : await removeViews(storyId)
    else if (story.isKept) ended.kept += 1
    else await remove(story, ended)
  }

  /** One that cannot be helped does not keep the others waiting. */
  async function endExpired(ended: Ended): Promise<void> {
    const before = new Date(clock.now() - graceMs)
    let after = { expires_at: new Date(0), id: '0' }
    for (;;) {
      const { rows } = await sql<{ id: Id; expires_at: Date }>`
        select id, expires_at from stories
        where ended_at is null and expires_at <= ${before}
          and (expires_at, id) > (${after.expires_at}::timestamptz, ${after.id}::bigint)
        order by expires_at, id limit ${batch}
      `.execute(database.main)
      for (const { id } of rows)
        await end(id, ended).catch((err: unknown) =>
          log.error({ err, storyId: id }, 'What is left of a Story could not be taken away'),
        )
      if (rows.length < batch) return
      after = rows.at(-1)!
    }
  }

  /** Of kept ones it stays known how many saw them; who did goes a day after their end. */
  async function forgetViewers(ended: Ended): Promise<void> {
    for (;;) {
      const rows = await database.main
        .selectFrom('stories')
        .select('id')
        .where('ended_at', 'is not', null)
        .where('final_views', 'is', null)
        .where('expires_at', '<=', new Date(clock.now() - viewersKeptMs))
        .orderBy('expires_at')
        .limit(batch)
        .execute()
      for (const { id } of rows) {
        await noteViews(database, id)
        ended.views += await removeViews(id)
        await closeViews(database, id)
      }
      if (rows.length < batch) return
    }
  }

  /** Until then an answer that was begun while the Story was there is still taken. */
  const forgetSeen = () =>
    inBatches(async () => {
      const gone = await sql`
        with gone as (
          select bucket, viewer_id, story_id from story_seen
          where expires_at <= ${new Date(clock.now() - viewersKeptMs)} limit ${batch}
        )
        delete from story_seen s using gone
        where s.bucket = gone.bucket and s.viewer_id = gone.viewer_id and s.story_id = gone.story_id
      `.execute(database.main)
      return Number(gone.numAffectedRows ?? 0)
    })

  return {
    async run() {
      const ended = nothing()
      await endExpired(ended)
      await forgetViewers(ended)
      ended.views += await forgetSeen()
      counters.note(ended)
      return ended
    },
    async remove(storyId) {
      const ended = nothing()
      await end(storyId, ended)
      counters.note(ended)
    },
  }
}

function nothing(): Ended {
  return { stories: 0, kept: 0, views: 0, objects: 0, bytes: 0 }
}

type Ending = NonNullable<Awaited<ReturnType<typeof lockEnding>>>

async function lockEnding(tx: Tx, storyId: Id) {
  const bucket = bucketOf(storyId)
  const row = await tx
    .selectFrom('stories')
    .select(['bucket', 'id', 'media_id', 'status', 'archived', 'deleted_at', 'expires_at'])
    .where('bucket', '=', bucket)
    .where('id', '=', storyId)
    .where('ended_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return undefined
  const held = await tx
    .selectFrom('highlight_stories')
    .select('highlight_id')
    .where('bucket', '=', bucket)
    .where('story_id', '=', storyId)
    .limit(1)
    .executeTakeFirst()
  return { ...row, is_highlighted: held !== undefined }
}

function createCounters({ metrics }: Pick<Deps, 'metrics'>) {
  const registers = [metrics.registry]
  const stories = new Counter({
    name: 'heliograph_stories_ended_total',
    help: 'Stories whose end was seen to: gone for good, or kept by their authors.',
    labelNames: ['what'],
    registers,
  })
  const freed = new Counter({
    name: 'heliograph_stories_reclaimed_total',
    help: 'What Stories left behind that was taken away: rows of views, objects, bytes.',
    labelNames: ['what'],
    registers,
  })
  return {
    note(ended: Ended): void {
      stories.inc({ what: 'gone' }, ended.stories)
      stories.inc({ what: 'kept' }, ended.kept)
      freed.inc({ what: 'views' }, ended.views)
      freed.inc({ what: 'objects' }, ended.objects)
      freed.inc({ what: 'bytes' }, ended.bytes)
    },
  }
}
