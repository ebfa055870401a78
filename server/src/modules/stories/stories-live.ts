import type { StoryAudience } from '@heliograph/contract/stories'
import { canSee, type SightOver } from '#modules/graph'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps } from './stories-deps.ts'
import type { StoryEvent } from './stories-tables.ts'
import { loadOut } from './tray/stories-out.ts'
import { readViewCount } from './views/views-repository.ts'

type Deps = Pick<StoriesDeps, 'database' | 'clock' | 'events' | 'hub' | 'graph' | 'log'>

/** A Story that many look at at once tells its new count at most this often. */
const countEveryMs = 250

/** Passes what happens to Stories on to open sockets; every receiver is asked about by the one rule. */
export function followStoriesLive(deps: Deps): void {
  const { events, hub } = deps
  const ticker = createViewTicker(deps)
  const status = ({ storyId, authorId }: StoryEvent, now: 'ready' | 'failed' | 'review' | 'removed') =>
    hub.send(authorId, { type: 'story.status', storyId, status: now })

  events.on('stories.published', async ({ data }) => {
    status(data, 'ready')
    await tell(deps, data.authorId, (sight) => sees(sight, data.authorId, data.audience))
  })
  events.on('stories.failed', ({ data }) => status(data, 'failed'))
  const inBackground = { inBackground: true }
  // Who saw it reads again, and finds it gone; who did not learns only that somebody whom they follow has a tray.
  const gone = (authorId: Id) => tell(deps, authorId, (sight) => sees(sight, authorId, 'followers'))
  events.on(
    'stories.in_review',
    async ({ data }) => {
      status(data, 'review')
      if (data.wasReady) await gone(data.authorId)
    },
    inBackground,
  )
  events.on(
    'stories.removed',
    async ({ data }) => {
      status(data, 'removed')
      if (data.wasReady) await gone(data.authorId)
    },
    inBackground,
  )
  events.on('stories.deleted', ({ data }) => gone(data.authorId), inBackground)
  // Whose tray changed because they did: the others' are their own business. Being on a list is told to nobody, so without a
  // Story that came into sight by it there is no word.
  events.on(
    'graph.story_unhidden',
    ({ data: { userId, hiddenId } }) => tellOne(deps, userId, hiddenId, ['followers', 'close_friends']),
    inBackground,
  )
  events.on(
    'graph.close_friend_added',
    ({ data: { userId, friendId } }) => tellOne(deps, userId, friendId, ['close_friends']),
    inBackground,
  )

  events.on('stories.seen', ({ data: { viewerIds, ...story } }) => {
    for (const viewerId of viewerIds)
      if (hub.isConnected(viewerId)) hub.send(viewerId, { type: 'story.seen', authorId: story.authorId })
    ticker.changed(story)
  })
  // The list of viewers says with what they reacted.
  events.on('stories.reacted', ({ data }) => ticker.changed(data))
}

function sees(sight: SightOver, authorId: Id, audience: 'followers' | 'close_friends'): boolean {
  return canSee(sight, { kind: 'story', authorId, audience, status: 'ready' })
}

async function tell(
  { hub, graph }: Deps,
  authorId: Id,
  isTold: (sight: SightOver) => boolean,
): Promise<void> {
  const event = { type: 'stories.changed', authorId } as const
  // The author's other devices show it as well.
  hub.send(authorId, event)
  const connected = hub.connected().filter((id) => id !== authorId)
  if (connected.length === 0) return
  const followers = await graph.followersAmong(authorId, connected)
  for (const [id, sight] of await graph.loadAudience(authorId, followers))
    if (isTold(sight) && !sight.authors.get(authorId)?.mutesStories) hub.send(id, event)
}

async function tellOne(
  { hub, graph, database, clock }: Deps,
  authorId: Id,
  viewerId: Id,
  newInSight: readonly StoryAudience[],
): Promise<void> {
  if (!hub.isConnected(viewerId)) return
  const sight = (await graph.loadAudience(authorId, [viewerId])).get(viewerId)
  if (!sight?.authors.get(authorId)?.following) return
  const out = (await loadOut(database.main, [authorId], new Date(clock.now()))).get(authorId)
  const isNew = out?.stories.some(
    ({ audience }) => newInSight.includes(audience) && sees(sight, authorId, audience),
  )
  if (isNew) hub.send(viewerId, { type: 'stories.changed', authorId })
}

/** Counts go to the Story's author while looking; the same one again tells of a reaction. */
function createViewTicker({ database, hub, log }: Pick<Deps, 'database' | 'hub' | 'log'>) {
  const waiting = new Map<Id, NodeJS.Timeout>()

  async function tellCount({ storyId, authorId }: StoryEvent): Promise<void> {
    if (!hub.isConnected(authorId)) return
    const viewCount = await readViewCount(database.main, storyId)
    hub.send(authorId, { type: 'story.views', storyId, viewCount })
  }

  return {
    changed(story: StoryEvent): void {
      if (waiting.has(story.storyId) || !hub.isConnected(story.authorId)) return
      const timer = setTimeout(() => {
        waiting.delete(story.storyId)
        tellCount(story).catch((err: unknown) => log.warn({ err }, 'The count of views was not told'))
      }, countEveryMs)
      timer.unref()
      waiting.set(story.storyId, timer)
    },
  }
}
