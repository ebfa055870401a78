import type { SignalKind } from '@heliograph/contract/signals'
import {
  localHourAt,
  noteGiven,
  noteInteraction,
  noteReceived,
  type PostFacts,
  type PostFeaturesStore,
} from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import { forgetAttention } from './post-attention.ts'
import { type Act, actsOf, type Followed, followedKinds } from './signals-acts.ts'
import { changedOf } from './signals-changed.ts'
import { forgetPairs, lockPeople, type Withdrawal } from './signals-repository.ts'
import { findStanding, type Standing } from './signals-standing.ts'
import { dayOf, type Entry, type RecordSignals } from './signals-store.ts'

interface Deps {
  database: Database
  events: Events
  clock: Clock
  features: Pick<PostFeaturesStore, 'loadFacts'>
  record: RecordSignals
}

/**
 * What is done on the server is a signal without anybody sending one: nobody can make it up. Each is looked up as it stands
 * now, so that running twice or in another order ends the same and nothing that was taken back comes back.
 */
export function followForSignals(deps: Deps): void {
  const { database, events } = deps
  const following = events.follow('signals', followedKinds, async (batch) => {
    const acts = batch.flatMap(actsOf)
    const posts = await deps.features.loadFacts(acts.flatMap(({ postId }) => postId ?? []))
    await database.transaction(async (tx) => {
      await following.lock(tx)
      await takeIn(deps, tx, { batch, acts, posts })
    })
  })
}

interface Told {
  batch: readonly Followed[]
  acts: readonly Act[]
  posts: ReadonlyMap<Id, PostFacts>
}

async function takeIn({ events, clock, record }: Deps, tx: Tx, { batch, acts, posts }: Told): Promise<void> {
  const now = clock.now()
  const standing = await findStanding(tx, acts, receiversOf(acts))
  const entries = acts.flatMap((act) => entriesOf(act, posts, standing))
  const withdrawals = acts.flatMap((act) => withdrawalsOf(act, posts, standing))
  const { changed } = await record(tx, entries, withdrawals, now)
  const parted = await forgetParted(tx, batch, now)
  for (const { kind, subjectId } of batch) if (kind === 'posts.deleted') await forgetAttention(tx, subjectId)
  await events.emitAll(tx, [...changedOf(changed, 'acts'), ...changedOf(parted)])
}

/** Under their locks: what is being recorded about one of the two is there by then, or finds the block. */
async function forgetParted(tx: Tx, batch: readonly Followed[], now: number): Promise<Set<Id>> {
  const pairs = batch.flatMap((event) => {
    if (event.kind !== 'graph.blocked') return []
    const { blockerId, blockedId } = event.data
    return [
      { userId: blockerId, personId: blockedId },
      { userId: blockedId, personId: blockerId },
    ]
  })
  const people = new Set(pairs.map(({ userId }) => userId))
  if (people.size === 0) return people
  await lockPeople(tx, [...people].sort(compareIds), dayOf(now))
  await forgetPairs(tx, pairs)
  return people
}

/** What everybody may see of others' doings, or the other one has read; saves, shares and visits are nobody's business. */
const received: Partial<Record<Act['interaction'], SignalKind>> = {
  like: 'received_like',
  comment: 'received_comment',
  follow: 'received_follow',
  message: 'received_message',
  story_reaction: 'received_story_reaction',
}

/** What others do counts for somebody only from those whom they follow: nobody else's posts come to their feed. */
function receiversOf(acts: readonly Act[]): { from: Id; to: Id }[] {
  return acts.flatMap(({ personId, actorId, interaction, undone }) =>
    undone || personId === null || personId === actorId || !(interaction in received)
      ? []
      : [{ from: personId, to: actorId }],
  )
}

function entriesOf(act: Act, posts: ReadonlyMap<Id, PostFacts>, standing: Standing): Entry[] {
  const { actorId, personId, postId, interaction, undone } = act
  const at = undone ? undefined : standing.sinceOf(act)
  const post = postId === null ? undefined : posts.get(postId)
  const owner = personId ?? post?.authorId
  if (at === undefined || owner === undefined || owner === actorId || (postId !== null && !post)) return []
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
  if (kind !== undefined && standing.follows(owner, actorId))
    entries.push({
      userId: owner,
      kind,
      subject: receivedSubjectOf(act),
      at,
      postId,
      personId: actorId,
      add: (sums) => noteReceived(sums, interaction, actorId, at),
    })
  return entries
}

/** Also where it was done again: of another day it would count a second time. Of the day on which it stands it stays. */
function withdrawalsOf(act: Act, posts: ReadonlyMap<Id, PostFacts>, standing: Standing): Withdrawal[] {
  const { actorId, personId, postId, interaction, undone } = act
  const post = postId === null ? undefined : posts.get(postId)
  const owner = personId ?? post?.authorId
  if (!undone || owner === undefined || owner === actorId || (postId !== null && !post)) return []
  const exceptDays = standing.timesOf(act).map(dayOf)
  const kinds = withdrawn[interaction]
  return (kinds ?? []).map((kind) =>
    kind === 'like' || kind === 'save' || kind === 'comment' || kind === 'follow'
      ? {
          userId: actorId,
          kind,
          subject: postId ?? owner,
          exceptDays,
          subtract(sums, at, timeZone) {
            if (post) noteInteraction(sums, kind, post, { at, localHour: localHourAt(timeZone, at) }, -1)
            else noteGiven(sums, kind, owner, at, -1)
          },
        }
      : {
          userId: owner,
          kind,
          subject: receivedSubjectOf(act),
          exceptDays,
          subtract: (sums, at) => noteReceived(sums, interaction, actorId, at, -1),
        },
  )
}

/** Rows of what can be taken back. */
const withdrawn: Partial<Record<Act['interaction'], readonly Withdrawal['kind'][]>> = {
  like: ['like', 'received_like'],
  save: ['save'],
  comment: ['comment', 'received_comment'],
  follow: ['follow', 'received_follow'],
}

function receivedSubjectOf({ actorId, postId }: Act): string {
  return postId === null ? actorId : `${actorId} ${postId}`
}
