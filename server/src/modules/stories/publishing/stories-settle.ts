import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from '../stories-deps.ts'
import { isExpired } from '../stories-policy.ts'
import { type LockedStory, lockStory, updateStory } from '../stories-repository.ts'
import { mentionedIn, textsOf } from './stories-overlays.ts'

type Deps = Pick<StoriesDeps, 'database' | 'events' | 'clock' | 'accounts' | 'media' | 'screening'>

export interface StoriesSettling {
  /**
   * Takes a processing Story on when its medium is done: makes it ready, once, or failed, or puts it before a moderator.
   * Does nothing otherwise, so it may be called at any time, by anybody, at once.
   */
  settle(storyId: Id): Promise<void>
  /** What its author sees when settling itself did not succeed. */
  giveUp(storyId: Id): Promise<void>
}

export function createStoriesSettling(deps: Deps): StoriesSettling {
  const { database, events, clock, accounts, media, screening } = deps
  const about = ({ bucket, id: storyId, author_id: authorId }: LockedStory) => ({
    bucket,
    subjectId: storyId,
    data: { storyId, authorId },
  })

  async function fail(tx: Tx, story: LockedStory, code: string): Promise<void> {
    await updateStory(tx, story, { status: 'failed', failure_code: code })
    const { data, ...event } = about(story)
    await events.emit(tx, 'stories.failed', { ...event, data: { ...data, code } })
  }

  async function letOut(tx: Tx, story: LockedStory): Promise<void> {
    const judged = await media.judgedNow(tx, [story.media_id])
    const isBlocked = [...judged.values()].some(({ verdict }) => verdict === 'blocked')
    if (isBlocked) return await fail(tx, story, 'media.blocked')
    const { id: storyId, author_id: authorId } = story
    const texts = textsOf(story)
    if (!(await screening.holdStory(tx, { storyId, authorId, texts, media: judged })))
      return await publishStory(deps, tx, story)
    await updateStory(tx, story, { status: 'review' })
    const { data, ...event } = about(story)
    await events.emit(tx, 'stories.in_review', { ...event, data: { ...data, wasReady: false } })
  }

  async function locked(storyId: Id, work: (tx: Tx, story: LockedStory) => Promise<void>): Promise<void> {
    const found = await database.main
      .selectFrom('stories')
      .select('author_id')
      .where('bucket', '=', bucketOf(storyId))
      .where('id', '=', storyId)
      .where('status', '=', 'processing')
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    if (!found) return
    await database.transaction(
      async (tx) => {
        await accounts.lockAccounts(tx, [found.author_id])
        const story = await lockStory(tx, storyId)
        if (story?.status === 'processing') await work(tx, story)
      },
      { by: found.author_id },
    )
  }

  return {
    settle: (storyId) =>
      locked(storyId, async (tx, story) => {
        const rows = await media.lockByIds(tx, [story.media_id])
        const state = media.stateOf(rows.values())
        if (rows.size === 0) await fail(tx, story, 'media.failed')
        else if (state.status === 'failed') await fail(tx, story, state.code)
        // It was being prepared until nobody could have seen it any more.
        else if (isExpired(story, clock.now())) await fail(tx, story, 'media.timeout')
        else if (state.status === 'ready') await letOut(tx, story)
      }),
    giveUp: (storyId) => locked(storyId, (tx, story) => fail(tx, story, 'media.failed')),
  }
}

/** Out, for whom it is for. One that a moderator held had its 24 hours all the while. */
export async function publishStory(
  { events, clock }: Pick<StoriesDeps, 'events' | 'clock'>,
  tx: Tx,
  story: LockedStory,
): Promise<void> {
  const { bucket, id: storyId, author_id: authorId, audience } = story
  await updateStory(tx, story, {
    status: 'ready',
    failure_code: null,
    published_at: story.published_at ?? new Date(clock.now()),
  })
  const expiresAt = story.expires_at.getTime()
  await events.emit(tx, 'stories.published', {
    bucket,
    subjectId: storyId,
    data: { storyId, authorId, audience, expiresAt, mentionedIds: mentionedIn(story.overlays) },
  })
}
