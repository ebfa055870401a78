import type { LiveEvent } from '@heliograph/contract/live'
import type { Audience, PostStatus } from '@heliograph/contract/posts'
import { canSee, mutes, type Sight } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import { readCounts } from './posts-counts.ts'
import type { PostsDeps } from './posts-deps.ts'
import type { PostEvent } from './posts-tables.ts'
import type { PostsGate } from './presenting/posts-gate.ts'
import { findNewestOf } from './presenting/posts-lists.ts'
import { mediaIdsOf } from './publishing/posts-locks.ts'

type Deps = Pick<PostsDeps, 'database' | 'events' | 'hub' | 'graph' | 'media' | 'log'> & { gate: PostsGate }

type PostFor = PostEvent & { audience: Audience }

/** A post that many like at once tells its new counts at most this often. */
const countsEveryMs = 250

/** Passes what happens to posts on to open sockets; every receiver is asked about by the one rule. */
export function followPostsLive(deps: Deps): void {
  const { events, hub } = deps
  const counts = createCountsTicker(deps)

  events.on('posts.published', async ({ data }) => {
    tellStatus(deps, data, 'ready')
    if (data.feedId === null) return
    const event: LiveEvent = { type: 'feed.post', postId: data.postId, authorId: data.authorId }
    // The author's other devices show it as well.
    hub.send(data.authorId, event)
    await tellFollowers(deps, data, event)
  })
  events.on('posts.failed', ({ data }) => tellStatus(deps, data, 'failed'))
  const inBackground = { inBackground: true }
  events.on(
    'posts.in_review',
    async ({ data }) => {
      tellStatus(deps, data, 'review')
      await tellGone(deps, data)
    },
    inBackground,
  )
  events.on(
    'posts.removed',
    async ({ data }) => {
      tellStatus(deps, data, 'removed')
      await tellGone(deps, data)
    },
    inBackground,
  )
  events.on('posts.retried', ({ data }) => tellStatus(deps, data, 'processing'))
  // Another crop of a post that was ready already: its author's open pages show it, or that it failed.
  for (const kind of ['media.ready', 'media.failed'] as const)
    events.on(kind, async ({ data: { ownerId, postId, revision } }) => {
      if (postId === null || revision <= 1 || !hub.isConnected(ownerId)) return
      const [post] = await deps.gate.findVisible({ id: ownerId }, [postId])
      if (post) hub.send(ownerId, { type: 'post.status', postId, status: post.status })
    })
  deps.media.onProgress((mediaId, ownerId) => {
    if (!hub.isConnected(ownerId)) return
    tellProgress(deps, mediaId, ownerId).catch((err: unknown) =>
      deps.log.warn({ err }, 'Progress was not told'),
    )
  })
  events.on(
    'posts.deleted',
    async ({ data }) => {
      const event: LiveEvent = { type: 'post.gone', postId: data.postId }
      hub.send(data.authorId, event)
      await tellFollowers(deps, data, event, { mutedToo: true })
    },
    inBackground,
  )
  events.on(
    'posts.updated',
    async ({ data: { narrowed, ...post } }) => {
      if (narrowed) await tellLost(deps, post, narrowed)
    },
    inBackground,
  )
  events.on(
    'graph.close_friend_removed',
    async ({ data: { userId, friendId } }) => {
      if (hub.isConnected(friendId)) await tellStruckOff(deps, userId, friendId)
    },
    inBackground,
  )
  const changed = ({ data }: { data: PostEvent }) => counts.changed(data)
  events.on('likes.created', changed)
  events.on('likes.deleted', changed)
  events.on('comments.created', changed)
  events.on('comments.held', changed)
  events.on('comments.waiting', changed)
  events.on('comments.deleted', changed)
  events.on('shares.created', changed)
}

/** Of the whole post, which may have several videos. */
async function tellProgress({ database, media, hub }: Deps, mediaId: Id, ownerId: Id): Promise<void> {
  const postId = (await media.findByIds([mediaId])).get(mediaId)?.post_id
  if (!postId) return
  const mediaIds = await mediaIdsOf(database.main, postId)
  const progress = media.progressOf((await media.findByIds(mediaIds)).values())
  if (progress !== undefined) hub.send(ownerId, { type: 'post.progress', postId, progress })
}

function tellStatus({ hub }: Deps, { postId, authorId }: PostEvent, status: PostStatus) {
  hub.send(authorId, { type: 'post.status', postId, status })
}

/** Those who had it on their page; its author keeps it. */
async function tellGone(deps: Deps, post: PostFor & { wasReady: boolean }): Promise<void> {
  if (post.wasReady)
    await tellFollowers(deps, post, { type: 'post.gone', postId: post.postId }, { mutedToo: true })
}

async function tellFollowers(
  deps: Deps,
  { authorId, audience }: PostFor,
  event: LiveEvent,
  { mutedToo = false } = {},
): Promise<void> {
  for (const [id, sight] of await followersLooking(deps, authorId)) {
    if (!canSee(sight, { kind: 'post', authorId, audience, status: 'ready' })) continue
    if (mutedToo || !mutes(sight, authorId)) deps.hub.send(id, event)
  }
}

/** Those who saw it as it was, and do not see it as it is. */
async function tellLost(
  deps: Deps,
  { postId, authorId }: PostEvent,
  { from, to }: { from: Audience; to: Audience },
): Promise<void> {
  const sees = (sight: Sight, audience: Audience) =>
    canSee(sight, { kind: 'post', authorId, audience, status: 'ready' })
  for (const [id, sight] of await followersLooking(deps, authorId))
    if (sees(sight, from) && !sees(sight, to)) deps.hub.send(id, { type: 'post.gone', postId })
}

/** Of what one person shared with close friends at most this many are on a page that is open. */
const lookedAtMax = 100

async function tellStruckOff({ database, graph, hub }: Deps, authorId: Id, friendId: Id): Promise<void> {
  const sight = await graph.loadSight({ id: friendId }, [authorId])
  if (canSee(sight, { kind: 'post', authorId, audience: 'close_friends', status: 'ready' })) return
  for (const { id } of await findNewestOf(database.main, authorId, 'close_friends', lookedAtMax))
    hub.send(friendId, { type: 'post.gone', postId: id })
}

async function followersLooking({ hub, graph }: Deps, authorId: Id): Promise<Map<Id, Sight>> {
  const connected = hub.connected().filter((id) => id !== authorId)
  if (connected.length === 0) return new Map()
  return await graph.loadAudience(authorId, await graph.followersAmong(authorId, connected))
}

/** Counts go to the post's author while looking; everybody else learns them with the next page. */
function createCountsTicker({ database, hub, gate, log }: Deps) {
  const waiting = new Map<Id, NodeJS.Timeout>()

  async function tell({ postId, authorId }: PostEvent): Promise<void> {
    if (!hub.isConnected(authorId)) return
    // Of two that were asked for at once the later one knows more, whichever is answered first.
    const order = { stream: `post.counts ${postId}`, at: performance.now() }
    const [post] = await gate.findVisible({ id: authorId }, [postId])
    if (!post) return
    const counts = await readCounts(database.main, postId)
    const event: LiveEvent = {
      type: 'post.counts',
      postId,
      likeCount: counts.like_count,
      commentCount: counts.comment_count,
      shareCount: counts.share_count,
    }
    hub.send(authorId, event, order)
  }

  return {
    changed(event: PostEvent): void {
      if (waiting.has(event.postId) || !hub.isConnected(event.authorId)) return
      const timer = setTimeout(() => {
        waiting.delete(event.postId)
        tell(event).catch((error: unknown) => log.warn({ err: error }, 'Counts were not told'))
      }, countsEveryMs)
      timer.unref()
      waiting.set(event.postId, timer)
    },
  }
}
