import type { Clock } from '#platform/clock/clock.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { OutboxIndex } from './outbox-index.ts'
import type { OutboxLoading } from './outbox-loading.ts'

interface Deps {
  events: Pick<Events, 'on'>
  clock: Clock
  outboxes: OutboxIndex
  loading: OutboxLoading
}

/** Longer than the readers of events look back: what they tell once more is known by then. */
const rememberedMs = 5 * 60_000

/**
 * Keeps what is in memory up with what is published and taken back: at least once, in any order. That a post is out comes
 * sometimes after the news that it is gone again; its author is read anew then.
 */
export function followOutboxes({ events, clock, outboxes, loading }: Deps): void {
  const gone = new Map<Id, number>()

  function noteGone(postId: Id): void {
    const now = clock.now()
    gone.delete(postId)
    gone.set(postId, now)
    for (const [id, at] of gone) {
      if (now - at < rememberedMs) break
      gone.delete(id)
    }
  }

  function forget(authorId: Id): void {
    const author = outboxes.findNumber(authorId)
    if (author === undefined) return
    loading.outdate(author)
    outboxes.forget(author)
  }

  events.on('posts.published', ({ data: { authorId, postId, feedId } }) => {
    if (feedId === null) return
    if (gone.has(postId)) return forget(authorId)
    const author = outboxes.findNumber(authorId)
    if (author === undefined) return
    loading.outdate(author)
    outboxes.publish(author, { feed_id: feedId, post_id: postId })
  })
  for (const kind of ['posts.deleted', 'posts.in_review', 'posts.removed'] as const)
    events.on(kind, ({ data: { authorId, postId } }) => {
      noteGone(postId)
      const author = outboxes.findNumber(authorId)
      if (author === undefined) return
      loading.outdate(author)
      outboxes.withdraw(author, postId)
    })
  events.on('feed.outboxes_mended', ({ data: { authorIds } }) => authorIds.forEach(forget))
}
