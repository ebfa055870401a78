import type { SentSignal } from '@heliograph/contract/signals'
import { normalizeHashtag } from '@heliograph/contract/text'
import type { AccountsApi } from '#modules/accounts'
import { canSee, type GraphApi, type Sight } from '#modules/graph'
import {
  localHourAt,
  noteGiven,
  noteSession,
  noteShown,
  noteTag,
  type PostFacts,
  type PostFeaturesStore,
} from '#modules/ranking'
import type { Clock } from '#platform/clock/clock.ts'
import { afterCommit, type Database, jsonb, type Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, timeOf } from '#platform/ids/ids.ts'
import { changedOf } from './signals-changed.ts'
import { dayOf, type Entry, type RecordSignals } from './signals-store.ts'
import type { ViewerTastes } from './signals-taste.ts'

/** Phones that were away send later; older than this tells little, and clocks are never this wrong. */
const oldestMs = 48 * 60 * 60 * 1000
const clockErrorMs = 5 * 60 * 1000
/** Told so soon after midnight, what was looked at just before counts for the day that has ended. */
const lateMs = 10 * 60 * 1000
/** Longer looks are mostly phones that lie on a table. */
const dwellMaxMs = 5 * 60 * 1000
const sessionMaxMs = 6 * 60 * 60 * 1000

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  accounts: Pick<AccountsApi, 'findByUsernames'>
  graph: Pick<GraphApi, 'loadSight'>
  features: Pick<PostFeaturesStore, 'loadFacts'>
  record: RecordSignals
  tastes: Pick<ViewerTastes, 'expectLooks'>
}

/** Takes what a client tells; nothing in the answer says what of it counted. */
export type TakeSent = (viewer: { id: Id }, told: Told) => Promise<void>

interface Told {
  signals: readonly SentSignal[]
  sentAt?: string | undefined
}

/** When it happened, by the server's clock: in between, and `at` is taken for it. */
interface Moment {
  at: number
  earliest: number
}

interface Known {
  sight: Sight
  posts: ReadonlyMap<Id, PostFacts>
  people: ReadonlyMap<string, { id: Id }>
}

export function createTakeSent(deps: Deps): TakeSent {
  const { database, events, clock, record } = deps

  async function lookUp(viewer: { id: Id }, signals: readonly SentSignal[]): Promise<Known> {
    const [posts, people] = await Promise.all([
      deps.features.loadFacts(
        signals.flatMap(({ kind, postId }) => (kind === 'impression' && postId ? [postId] : [])),
      ),
      deps.accounts.findByUsernames(
        signals.flatMap(({ kind, username }) => (kind === 'profile_visit' && username ? [username] : [])),
      ),
    ])
    const sight = await deps.graph.loadSight(viewer, [
      ...[...posts.values()].map(({ authorId }) => authorId),
      ...[...people.values()].map(({ id }) => id),
      ...signals.flatMap(({ kind, userId }) => (kind === 'profile_visit' && userId ? [userId] : [])),
    ])
    return { sight, posts, people }
  }

  return async (viewer, { signals, sentAt }) => {
    const now = clock.now()
    const momentOf = momentsBy(sentAt, now)
    const timely = signals.filter(({ at }) => {
      const moment = momentOf(at)
      return moment.at > now - oldestMs && moment.at < now + clockErrorMs
    })
    if (timely.length === 0) return
    const known = await lookUp(viewer, timely)
    const entries = timely.flatMap((signal) => entryOf(viewer, signal, known, momentOf(signal.at), now) ?? [])
    if (entries.length === 0) return
    await database.transaction(
      async (tx) => {
        const { added } = await record(tx, entries, [], now)
        if (added.length === 0) return
        await passOn(tx, viewer.id, added, now)
        await tellChanged(tx, viewer.id, added)
      },
      { by: viewer.id },
    )
  }

  /** What was looked at comes into the memory of this process without being read again; others hear that there is more. */
  async function tellChanged(tx: Tx, viewerId: Id, added: readonly Entry[]): Promise<void> {
    const acts = added.filter(({ kind }) => kind !== 'impression' && kind !== 'session')
    const told = acts.length === 0 ? [] : changedOf([viewerId], 'acts')
    if (acts.length < added.length) {
      const id = deps.ids.next(bucketOf(viewerId))
      const note = deps.tastes.expectLooks(viewerId, id)
      const looks = added
        .filter(({ kind }) => kind === 'impression')
        .map(({ subject, at }) => ({ postId: subject, day: dayOf(at) }))
      afterCommit(tx, () => note(looks))
      told.push(...changedOf([viewerId], 'looks').map((event) => ({ ...event, id })))
    }
    await events.emitAll(tx, told)
  }

  /**
   * To the posts, without a word on who it was. Of today and of just now alone: whoever sends what is said to be of the days
   * before with it would count as several.
   */
  async function passOn(tx: Tx, viewerId: Id, added: readonly Entry[], now: number): Promise<void> {
    const posts = added
      .filter(({ kind, at }) => kind === 'impression' && (dayOf(at) === dayOf(now) || at > now - lateMs))
      .map(({ subject, dwellMs }) => ({ id: subject, dwellMs: dwellMs ?? null }))
    if (posts.length === 0) return
    const bucket = bucketOf(viewerId)
    await tx
      .insertInto('attention_batches')
      .values({ bucket, id: deps.ids.next(bucket), posts: jsonb(posts) as never })
      .execute()
  }
}

/** A clock that is ahead says so when it sends. One that does not tell may be: what it saw may be of before an erasing. */
function momentsBy(sentAt: string | undefined, now: number): (at: string) => Moment {
  const aheadMs = sentAt === undefined ? 0 : Math.max(0, Date.parse(sentAt) - now)
  const doubtMs = sentAt === undefined ? clockErrorMs : 0
  return (text) => {
    const at = Date.parse(text) - aheadMs
    return { at, earliest: at - doubtMs }
  }
}

/** Undefined: one's own, or not there, or not for this viewer. */
function entryOf(
  viewer: { id: Id },
  signal: SentSignal,
  known: Known,
  moment: Moment,
  now: number,
): Entry | undefined {
  const at = Math.min(now, moment.at)
  const { earliest } = moment
  const common = { userId: viewer.id, kind: signal.kind, at, earliest, surface: signal.surface ?? null }
  switch (signal.kind) {
    case 'impression':
      return impressionOf(viewer, signal, known, common)
    case 'profile_visit': {
      const id = signal.userId ?? known.people.get(signal.username?.toLowerCase() ?? '')?.id
      if (id === undefined || id === viewer.id) return undefined
      if (known.sight.authors.get(id)?.blocking) return undefined
      if (!canSee(known.sight, { kind: 'profile', authorId: id })) return undefined
      return {
        ...common,
        subject: id,
        personId: id,
        add: (sums) => noteGiven(sums, 'profile_visit', id, at),
      }
    }
    case 'hashtag_tap': {
      const tag = normalizeHashtag(signal.tag ?? '')
      if (tag === undefined) return undefined
      return { ...common, subject: tag, tag, add: (sums) => noteTag(sums, tag, at) }
    }
    case 'session': {
      const lengthMs = Math.min(signal.dwellMs ?? 0, sessionMaxMs, now - at)
      return {
        ...common,
        subject: signal.id,
        dwellMs: lengthMs,
        add: (sums, { previous }) => noteSession(sums, { startedAt: at, lengthMs }, previous),
      }
    }
  }
}

function impressionOf(
  viewer: { id: Id },
  { postId, dwellMs }: SentSignal,
  { posts, sight }: Known,
  common: Pick<Entry, 'userId' | 'kind' | 'at' | 'earliest' | 'surface'>,
): Entry | undefined {
  const post = posts.get(postId ?? '')
  if (!post || post.authorId === viewer.id) return undefined
  if (!canSee(sight, { ...post, kind: 'post' })) return undefined
  if (common.at < timeOf(post.id) - clockErrorMs) return undefined
  const looked = dwellMs === undefined ? null : Math.min(dwellMs, dwellMaxMs)
  return {
    ...common,
    subject: post.id,
    postId: post.id,
    personId: post.authorId,
    dwellMs: looked,
    add(sums, { timeZone }) {
      noteShown(sums, post, { at: common.at, localHour: localHourAt(timeZone, common.at) }, looked ?? 0)
    },
  }
}
