import type { SignalKind } from '@heliograph/contract/signals'
import type { GraphApi } from '#modules/graph'
import {
  type Interaction,
  localHourAt,
  noteGiven,
  noteInteraction,
  noteReceived,
  type PostFacts,
  type PostFeaturesStore,
} from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events, StoredEvent } from '#platform/events/events.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import { forgetAttention } from './post-attention.ts'
import { changedOf } from './signals-changed.ts'
import type { Withdrawal } from './signals-repository.ts'
import { forgetPair } from './signals-repository.ts'
import type { Entry, RecordSignals } from './signals-store.ts'

interface Deps {
  database: Database
  events: Events
  clock: Clock
  graph: Pick<GraphApi, 'relationsOf'>
  posts: Pick<PostFeaturesStore, 'loadFacts'>
  record: RecordSignals
}

const kinds = [
  'likes.created',
  'likes.deleted',
  'saves.created',
  'saves.deleted',
  'comments.created',
  'comments.waiting',
  'comments.deleted',
  'shares.created',
  'graph.followed',
  'messages.sent',
  'stories.seen',
  'stories.reacted',
  'graph.blocked',
  'posts.deleted',
] as const
type Kind = (typeof kinds)[number]
type Followed = { [K in Kind]: StoredEvent<K> }[Kind]

/** What is done on the server is a signal without anybody sending one: nobody can make it up. */
export function followForSignals(deps: Deps): void {
  const { database, events, clock, record } = deps

  events.follow('signals', kinds, async (batch) => {
    const acts = batch.flatMap(actsOf)
    const [posts, wanted] = await Promise.all([
      deps.posts.loadFacts(acts.flatMap(({ postId }) => (postId === null ? [] : [postId]))),
      findFollowees(deps.graph, acts),
    ])
    const last = lastOf(acts)
    const entries = last.flatMap((act) => (act.undone ? [] : entriesOf(act, posts, wanted)))
    const withdrawals = undoneOf(acts).flatMap((act) => withdrawalsOf(act, posts))
    await database.transaction(async (tx) => {
      const { changed } = await record(tx, entries, withdrawals, clock.now())
      const parted = new Set<Id>()
      for (const event of batch)
        if (event.kind === 'graph.blocked') {
          const { blockerId, blockedId } = event.data
          await forgetPair(tx, blockerId, blockedId)
          await forgetPair(tx, blockedId, blockerId)
          parted.add(blockerId).add(blockedId)
        } else if (event.kind === 'posts.deleted') await forgetAttention(tx, event.subjectId)
      await events.emitAll(tx, [...changedOf(changed, 'acts'), ...changedOf(parted)])
    })
  })
}

/** Somebody did something to somebody's post, or to somebody. */
interface Act {
  actorId: Id
  /** Whose post it is, or who is followed. */
  personId: Id | null
  postId: Id | null
  interaction: Extract<
    Interaction,
    'like' | 'save' | 'comment' | 'share' | 'follow' | 'message' | 'story_view' | 'story_reaction'
  >
  at: number
  /** Unliked, unsaved, the last of one’s comments taken away. */
  undone: boolean
}

function actsOf(event: Followed): Act[] {
  const at = timeOf(event.id)
  const act = (
    interaction: Act['interaction'],
    data: { postId: Id; authorId?: Id; userId: Id },
    undone = false,
  ): Act[] => [
    { actorId: data.userId, personId: data.authorId ?? null, postId: data.postId, interaction, at, undone },
  ]
  switch (event.kind) {
    case 'likes.created':
      return act('like', event.data)
    case 'likes.deleted':
      return act('like', event.data, true)
    case 'saves.created':
      return act('save', event.data)
    case 'saves.deleted':
      return act('save', event.data, true)
    case 'comments.waiting':
      // What is kept of them tells its author as little as everything else does that it waits, or was approved.
      return act('comment', event.data)
    case 'comments.created':
      return event.data.hasWaited ? [] : act('comment', event.data)
    case 'comments.deleted':
      return (event.data.goneIds ?? []).flatMap((userId) => act('comment', { ...event.data, userId }, true))
    case 'shares.created':
      return act('share', event.data)
    case 'graph.followed': {
      const { followerId, followedId } = event.data
      return [
        { actorId: followerId, personId: followedId, postId: null, interaction: 'follow', at, undone: false },
      ]
    }
    case 'messages.sent': {
      const { kind, senderId, memberIds, requestedOf } = event.data
      const [otherId] = memberIds.filter((id) => id !== senderId)
      // Of groups, and of what nobody asked for, nothing follows.
      if (kind !== 'direct' || otherId === undefined || requestedOf.length > 0) return []
      return [
        { actorId: senderId, personId: otherId, postId: null, interaction: 'message', at, undone: false },
      ]
    }
    case 'stories.seen': {
      const { authorId, viewerIds } = event.data
      return viewerIds.map((viewerId) => ofStory('story_view', viewerId, authorId, at))
    }
    case 'stories.reacted': {
      const { authorId, userId, emoji } = event.data
      return emoji === null ? [] : [ofStory('story_reaction', userId, authorId, at)]
    }
    default:
      return []
  }
}

/** Which Story it was is not kept: it is gone tomorrow. */
function ofStory(interaction: 'story_view' | 'story_reaction', actorId: Id, personId: Id, at: number): Act {
  return { actorId, personId, postId: null, interaction, at, undone: false }
}

/** Of doing and undoing the same in one batch, what came last. */
function lastOf(acts: readonly Act[]): Act[] {
  const last = new Map<string, Act>()
  for (const act of acts.toSorted((a, b) => a.at - b.at))
    last.set(`${act.actorId} ${act.interaction} ${act.postId ?? act.personId}`, act)
  return [...last.values()]
}

/** What of it was undone, also where it was done again: of another day it would count a second time. */
function undoneOf(acts: readonly Act[]): Act[] {
  return lastOf(acts.filter(({ undone }) => undone))
}

/** What others do counts for somebody only from those whom they follow: nobody else's posts come to their feed. */
async function findFollowees(
  graph: Pick<GraphApi, 'relationsOf'>,
  acts: readonly Act[],
): Promise<Map<Id, Set<Id>>> {
  const receivers = Map.groupBy(
    acts.filter(({ personId, actorId, interaction }) => {
      return personId !== null && personId !== actorId && interaction in received
    }),
    ({ personId }) => personId!,
  )
  const found = new Map<Id, Set<Id>>()
  await Promise.all(
    [...receivers].map(async ([receiver, theirs]) => {
      const { following } = await graph.relationsOf(receiver)
      found.set(receiver, new Set(theirs.map(({ actorId }) => actorId).filter((id) => following.has(id))))
    }),
  )
  return found
}

/** What everybody may see of others' doings, or the other one has read; saves, shares and visits are nobody's business. */
const received: Partial<Record<Act['interaction'], SignalKind>> = {
  like: 'received_like',
  comment: 'received_comment',
  follow: 'received_follow',
  message: 'received_message',
  story_reaction: 'received_story_reaction',
}

function entriesOf(act: Act, posts: ReadonlyMap<Id, PostFacts>, followees: Map<Id, Set<Id>>): Entry[] {
  const { actorId, personId, postId, interaction, at } = act
  const post = postId === null ? undefined : posts.get(postId)
  const owner = personId ?? post?.authorId
  if (owner === undefined || owner === actorId || (postId !== null && !post)) return []
  const entries: Entry[] = [
    {
      userId: actorId,
      kind: interaction,
      subject: postId ?? owner,
      at,
      postId,
      personId: owner,
      add(sums, { timeZone }) {
        if (post) noteInteraction(sums, interaction, post, { at, localHour: localHourAt(timeZone, at) })
        else noteGiven(sums, interaction, owner, at)
      },
    },
  ]
  const kind = received[interaction]
  if (kind !== undefined && followees.get(owner)?.has(actorId))
    entries.push({
      userId: owner,
      kind,
      subject: subjectOf(act),
      at,
      postId,
      personId: actorId,
      add: (sums) => noteReceived(sums, interaction, actorId, at),
    })
  return entries
}

function withdrawalsOf(act: Act, posts: ReadonlyMap<Id, PostFacts>): Withdrawal[] {
  const { actorId, postId, interaction } = act
  const post = postId === null ? undefined : posts.get(postId)
  if (!post || post.authorId === actorId) return []
  if (interaction !== 'like' && interaction !== 'save' && interaction !== 'comment') return []
  const own: Withdrawal = {
    userId: actorId,
    kind: interaction,
    subject: post.id,
    subtract: (sums, at, timeZone) =>
      noteInteraction(sums, interaction, post, { at, localHour: localHourAt(timeZone, at) }, -1),
  }
  if (interaction === 'save') return [own]
  return [
    own,
    {
      userId: post.authorId,
      kind: `received_${interaction}`,
      subject: subjectOf(act),
      subtract: (sums, at) => noteReceived(sums, interaction, actorId, at, -1),
    },
  ]
}

function subjectOf({ actorId, postId }: Act): string {
  return postId === null ? actorId : `${actorId} ${postId}`
}
