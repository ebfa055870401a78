import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { GraphApi } from './graph-types.ts'
import { type AuthorFacts, canSee, type Sight, type Thing } from './visibility.ts'

interface Deps {
  events: Events
  hub: Pick<LiveHub, 'connected' | 'send'>
  api: Pick<GraphApi, 'loadAudience'>
}

/** Nobody learns of a change to what they never saw: who is blocked would hear that the account is there. */
function saw(sight: Sight, thing: Thing, before: Partial<AuthorFacts>): boolean {
  const facts = sight.authors.get(thing.authorId)
  if (!facts) return false
  return canSee({ ...sight, authors: new Map([[thing.authorId, { ...facts, ...before }]]) }, thing)
}

/** Open clients learn that a relation changed; they read what it is now over REST. */
export function subscribeGraph({ events, hub, api }: Deps): void {
  const changed = (...ids: Id[]) => {
    for (const id of ids) hub.send(id, { type: 'graph.changed' })
  }
  const gone = (authorId: Id, viewerIds: Iterable<Id>) => {
    for (const id of viewerIds) if (id !== authorId) hub.send(id, { type: 'author.gone', authorId })
  }
  const audience = async (authorId: Id, isTold: (sight: Sight) => boolean): Promise<Id[]> => {
    const sights = await api.loadAudience(authorId, hub.connected())
    return [...sights].filter(([, sight]) => isTold(sight)).map(([id]) => id)
  }

  events.on('graph.followed', ({ data }) => changed(data.followerId, data.followedId))
  events.on('graph.requested', ({ data }) => changed(data.followerId, data.followedId))
  events.on('graph.request_ended', ({ data }) => changed(data.followerId, data.followedId))
  events.on('graph.unfollowed', ({ data }) => {
    changed(data.followerId, data.followedId)
    if (data.by !== 'follower') gone(data.followedId, [data.followerId])
  })
  events.on('graph.blocked', ({ data }) => {
    changed(data.blockerId)
    gone(data.blockerId, [data.blockedId])
    gone(data.blockedId, [data.blockerId])
  })
  // Whoever is blocked or muted is told nothing that a refusal elsewhere would not tell.
  events.on('graph.unblocked', ({ data }) => changed(data.blockerId))
  events.on('graph.muted', ({ data }) => changed(data.muterId))
  events.on('graph.unmuted', ({ data }) => changed(data.muterId))
  events.on('graph.restricted', ({ data }) => changed(data.restricterId))
  events.on('graph.unrestricted', ({ data }) => changed(data.restricterId))
  events.on('graph.favourite_added', ({ data }) => changed(data.userId))
  events.on('graph.favourite_removed', ({ data }) => changed(data.userId))
  // Nobody is told of lists on which they stand.
  events.on('graph.close_friend_added', ({ data }) => changed(data.userId))
  events.on('graph.close_friend_removed', ({ data }) => changed(data.userId))
  events.on('graph.story_hidden', ({ data }) => changed(data.userId))
  events.on('graph.story_unhidden', ({ data }) => changed(data.userId))

  const inBackground = { inBackground: true }
  events.on(
    'accounts.privacy_changed',
    async ({ subjectId, data }) => {
      if (!data.isPrivate) return
      const thing: Thing = { kind: 'post', authorId: subjectId }
      const losesIt = (sight: Sight) => saw(sight, thing, { isPrivate: false }) && !canSee(sight, thing)
      gone(subjectId, await audience(subjectId, losesIt))
    },
    inBackground,
  )
  events.on(
    'accounts.state_changed',
    async ({ subjectId, data }) => {
      if (data.state === 'active') return
      const thing: Thing = { kind: 'profile', authorId: subjectId }
      gone(subjectId, await audience(subjectId, (sight) => saw(sight, thing, { active: true })))
    },
    inBackground,
  )
}
