import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import fc from 'fast-check'
import { createPostFeatures, grown, halfLivesMs } from '#modules/ranking'
import { systemClock } from '#platform/clock/clock.ts'
import { createLease, lockLease } from '#platform/events/lease.ts'
import { FOLLOWER_PREFIX } from '#platform/events/purge.ts'
import { createIdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, MIN_ID } from '#platform/ids/ids.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'
import { type Followed, followedKinds } from './signals-acts.ts'
import { followForSignals } from './signals-follow.ts'
import { createRecord } from './signals-store.ts'
import { loadSums } from './sums-repository.ts'

// What the follower of signals is told late, twice and in any order, as when a process was cut off from the others. The one of
// the app itself does not run here: it begins when a test settles.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

let kit: PostsKit
let ids: Awaited<ReturnType<typeof createIdSource>>
let tell: (batch: readonly Followed[]) => Promise<void>

before(async () => {
  kit = await createPostsKit()
  const { database, events, coherence } = kit.app
  const log = createLog(kit.app.config.log)
  ids = await createIdSource({ db: database.main, clock: systemClock, log })
  assert.ok(await createLease(database, `${FOLLOWER_PREFIX}signals`).hold())
  followForSignals({
    database,
    clock: systemClock,
    features: createPostFeatures({ database, coherence, events: { ...events, on: () => undefined } }),
    record: createRecord({ ids, accounts: kit.app.modules.accounts.api }),
    events: {
      ...events,
      follow(name, _kinds, handle) {
        tell = handle as unknown as typeof tell
        return { position: () => assert.fail(name), lock: (tx) => lockLease(tx, FOLLOWER_PREFIX + name) }
      },
    },
  })
})
after(async () => {
  await ids.close()
  await kit[Symbol.asyncDispose]()
})

let last: Id = MIN_ID
/** What happened since the last time, as it happened. */
async function hear(): Promise<Followed[]> {
  const rows = await kit.app.database.main
    .selectFrom('events')
    .select(['id', 'bucket', 'kind', 'subject_id', 'data'])
    .where('kind', 'in', [...followedKinds])
    .where('id', '>', last)
    .orderBy('id')
    .execute()
  last = rows.at(-1)?.id ?? last
  return rows.map(({ subject_id, ...row }) => ({ ...row, subjectId: subject_id })) as unknown as Followed[]
}

/** Each told for itself, the last first. */
async function tellBackwards(events: readonly Followed[]): Promise<void> {
  for (const event of events.toReversed()) await tell([event])
}

interface Known {
  kinds: string[]
  given: number
  received: number
}
const nothing: Known = { kinds: [], given: 0, received: 0 }

async function knownOf(person: Person, other: Person): Promise<Known> {
  const { main } = kit.app.database
  const { id } = person.user
  const rows = await main
    .selectFrom('signals')
    .select('kind')
    .where('bucket', '=', bucketOf(id))
    .where('user_id', '=', id)
    .where('person_id', '=', other.user.id)
    .execute()
  const sums = (await loadSums(main, [id])).get(id)!.authors.get(other.user.id)
  // As it grows with time: of a thing done just now.
  const now = grown(Date.now(), halfLivesMs.authors)
  const round = (sum: number) => Math.round((sum / now) * 100) / 100 + 0
  return {
    kinds: rows.map(({ kind }) => kind).sort(),
    given: round(sums?.given ?? 0),
    received: round(sums?.received ?? 0),
  }
}

const about = (post: Pick<Post, 'id'>) => ({ params: { id: post.id } })
const named = (person: Person) => ({ params: { username: person.user.username } })

/** Anna follows ben, so that what he does counts for her. */
async function meet(): Promise<{ ben: Person; anna: Person; post: Post }> {
  const [ben, anna] = (await kit.people(2)) as [Person, Person]
  const post = await kit.post(anna, { caption: '#order' })
  await anna.call('PUT /api/users/:username/follow', named(ben))
  await tell(await hear())
  return { ben, anna, post }
}
const met: Known = { kinds: ['follow'], given: 1, received: 0 }

async function comment(person: Person, post: Post): Promise<() => Promise<unknown>> {
  const { id } = await person.call('POST /api/posts/:id/comments', { ...about(post), body: { text: 'oh' } })
  const params = { id: post.id, commentId: id }
  return () => person.call('DELETE /api/posts/:id/comments/:commentId', { params })
}

test('a like that was taken back does not come back when it is told after that', async () => {
  const { ben, anna, post } = await meet()
  await ben.call('PUT /api/posts/:id/like', about(post))
  await ben.call('DELETE /api/posts/:id/like', about(post))
  await tellBackwards(await hear())
  assert.deepEqual(await knownOf(ben, anna), nothing)
  assert.deepEqual(await knownOf(anna, ben), met)

  await ben.call('PUT /api/posts/:id/like', about(post))
  await ben.call('DELETE /api/posts/:id/like', about(post))
  await ben.call('PUT /api/posts/:id/like', about(post))
  await tellBackwards(await hear())
  assert.deepEqual(await knownOf(ben, anna), { kinds: ['like'], given: 1, received: 0 })
  assert.deepEqual(await knownOf(anna, ben), { kinds: ['follow', 'received_like'], given: 1, received: 1 })
})

test('nor does a save, a follow or a comment', async () => {
  const { ben, anna, post } = await meet()
  await ben.call('PUT /api/posts/:id/save', about(post))
  await ben.call('DELETE /api/posts/:id/save', about(post))
  await ben.call('PUT /api/users/:username/follow', named(anna))
  await ben.call('DELETE /api/users/:username/follow', named(anna))
  await (await comment(ben, post))()
  await tellBackwards(await hear())
  assert.deepEqual(await knownOf(ben, anna), nothing)
  assert.deepEqual(await knownOf(anna, ben), met)

  const takeBack = await comment(ben, post)
  await takeBack()
  await comment(ben, post)
  await tellBackwards(await hear())
  assert.deepEqual(await knownOf(ben, anna), { kinds: ['comment'], given: 2, received: 0 })
  assert.deepEqual(await knownOf(anna, ben), { kinds: ['follow', 'received_comment'], given: 1, received: 2 })
})

test('nothing is known of two of whom one blocks the other, however late it is told what they did before', async () => {
  const { ben, anna, post } = await meet()
  await ben.call('PUT /api/posts/:id/like', about(post))
  await ben.call('POST /api/posts/:id/shares', about(post))
  await comment(ben, post)
  await anna.call('PUT /api/users/:username/block', named(ben))
  await tellBackwards(await hear())
  assert.deepEqual(await knownOf(ben, anna), nothing)
  assert.deepEqual(await knownOf(anna, ben), nothing)
})

test('what failed and is told again after newer things undoes nothing of them', async () => {
  const { ben, anna, post } = await meet()
  await ben.call('PUT /api/posts/:id/like', about(post))
  const older = await hear()
  await ben.call('DELETE /api/posts/:id/like', about(post))
  await tell(await hear())
  await tell(older)
  assert.deepEqual(await knownOf(ben, anna), nothing)
  await ben.call('PUT /api/posts/:id/like', about(post))
  const newer = await hear()
  await tell(newer)
  await tell(older)
  assert.deepEqual(await knownOf(ben, anna), { kinds: ['like'], given: 1, received: 0 })
})

test('told in any order, twice and in any batches, it ends as it stands', async () => {
  const step = fc.constantFrom('like', 'unlike', 'save', 'unsave', 'follow', 'unfollow', 'say', 'take')
  const steps = fc.array(step, { minLength: 4, maxLength: 10 })
  const keys = fc.array(fc.nat(), { minLength: 24, maxLength: 24 })
  await fc.assert(
    fc.asyncProperty(steps, keys, fc.integer({ min: 1, max: 4 }), async (acts, order, size) => {
      const { ben, anna, post } = await meet()
      const said: (() => Promise<unknown>)[] = []
      const stands = new Set<string>()
      const perform = async (act: (typeof acts)[number]) => {
        if (act === 'like') await ben.call('PUT /api/posts/:id/like', about(post))
        if (act === 'unlike') await ben.call('DELETE /api/posts/:id/like', about(post))
        if (act === 'save') await ben.call('PUT /api/posts/:id/save', about(post))
        if (act === 'unsave') await ben.call('DELETE /api/posts/:id/save', about(post))
        if (act === 'follow') await ben.call('PUT /api/users/:username/follow', named(anna))
        if (act === 'unfollow') await ben.call('DELETE /api/users/:username/follow', named(anna))
        if (act === 'say') said.push(await comment(ben, post))
        if (act === 'take') await said.pop()?.()
        if (act === 'like' || act === 'save' || act === 'follow') stands.add(act)
        else if (act.startsWith('un')) stands.delete(act.slice(2))
        if (said.length > 0) stands.add('comment')
        else stands.delete('comment')
      }
      const half = acts.length >> 1
      for (const act of acts.slice(0, half)) await perform(act)
      const early = await hear()
      // Some of it is heard before the rest happens.
      await tell(early.filter((_, at) => order[at]! % 2 === 0))
      for (const act of acts.slice(half)) await perform(act)
      const events = [...early, ...(await hear())]
      const dealt = [...events, ...events]
        .map((event, at) => ({ event, key: order[at % order.length]! * (at + 1) }))
        .sort((a, b) => a.key - b.key)
        .map(({ event }) => event)
      for (let at = 0; at < dealt.length; at += size) await tell(dealt.slice(at, at + size))
      const worth: Record<string, number> = { like: 1, save: 2, follow: 1, comment: 2 }
      const sum = (kinds: readonly string[]) => kinds.reduce((all, kind) => all + worth[kind]!, 0)
      const kinds = [...stands].sort()
      assert.deepEqual(await knownOf(ben, anna), { kinds, given: sum(kinds), received: 0 })
      const seen = kinds.filter((kind) => kind !== 'save')
      assert.deepEqual(await knownOf(anna, ben), {
        kinds: ['follow', ...seen.map((kind) => `received_${kind}`)].sort(),
        given: 1,
        received: sum(seen),
      })
    }),
    { numRuns: isLong ? 200 : 15, endOnFailure: true },
  )
})
