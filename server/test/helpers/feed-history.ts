import assert from 'node:assert/strict'
import type { Client } from '@heliograph/client'
import type { FeedMode } from '@heliograph/contract/accounts'
import fc from 'fast-check'
import { compareIds, type Id } from '#platform/ids/ids.ts'
import { type Person, refusal } from './posts-kit.ts'
import { until } from './until.ts'

// Any history of a few people, told to two processes by turns, and what their feeds must be after it.

export const modes: readonly FeedMode[] = ['ranked', 'chronological', 'favourites']

/** What the history happens to: two processes in one test, or two real ones. */
export interface TwoProcesses {
  /** One of the two, as this person. */
  at(isElsewhere: boolean, person: Person): Client
  people(count: number): Promise<Person[]>
  post(author: Person): Promise<Id>
  /** Memory and caches are lost at one of them. */
  forget(isElsewhere: boolean): Promise<void>
  /** The same at both so many milliseconds later; absent where they are not in the test's process. */
  forgetLater?(afterMs: number): Promise<void>
  /** Beginnings are made ready, for whoever is likely to come. */
  precompute(): Promise<void>
  /** Everything that one of the two has in memory is gone, as after a start; what was made ready is not. */
  cool(isElsewhere: boolean): Promise<void>
  /** A while for the worker, where nobody else gives it one. */
  work(): Promise<void>
}

const named = (person: Person) => ({ params: { username: person.user.username } })

/** Plain lists of what was acknowledged. */
class World {
  readonly people: readonly Person[]
  posts: { author: number; id: Id }[] = []
  readonly deleted: Id[] = []
  readonly follows = new Map<string, 'requested' | 'yes'>()
  readonly favourites = new Set<string>()
  readonly mutes = new Set<string>()
  readonly blocks = new Set<string>()

  constructor(people: readonly Person[]) {
    this.people = people
  }

  end(who: number, whom: number): void {
    this.follows.delete(`${who}:${whom}`)
    this.favourites.delete(`${who}:${whom}`)
  }

  /** Taken away before its answer: in no feed of theirs, not even for a moment. */
  goneFor(who: number): ReadonlySet<Id> {
    const isBlocked = (author: number) =>
      this.blocks.has(`${who}:${author}`) || this.blocks.has(`${author}:${who}`)
    const behindBlocks = this.posts.filter(({ author }) => isBlocked(author)).map(({ id }) => id)
    return new Set([...this.deleted, ...behindBlocks])
  }

  feedOf(who: number, mode: FeedMode): Id[] {
    const isHeard = (author: number) => {
      const pair = `${who}:${author}`
      if (author === who) return mode !== 'favourites'
      if (this.blocks.has(pair) || this.blocks.has(`${author}:${who}`) || this.mutes.has(pair)) return false
      return this.follows.get(pair) === 'yes' && (mode !== 'favourites' || this.favourites.has(pair))
    }
    return this.posts.filter(({ author }) => isHeard(author)).map(({ id }) => id)
  }
}

const kinds = [
  ...(['follow', 'follow', 'unfollow', 'favourite', 'mute', 'unmute', 'block', 'unblock'] as const),
  ...(['delete', 'private', 'public', 'forget', 'precompute', 'come', 'come'] as const),
]
type Kind = 'post' | (typeof kinds)[number]

interface Step {
  kind: Kind
  who: number
  whom: number
  isElsewhere: boolean
  /** So long after the page behind it was asked for memory is lost. */
  forgetMs: number | null
}

const count = 4
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Kind>('post') },
    { weight: 3, arbitrary: fc.constantFrom<Kind>(...kinds) },
  ),
  who: fc.nat({ max: count - 1 }),
  whom: fc.nat({ max: count - 1 }),
  isElsewhere: fc.boolean(),
  forgetMs: fc.option(fc.nat({ max: 10 }), { freq: 3 }),
})

async function take(two: TwoProcesses, world: World, { kind, who, whom, isElsewhere }: Step): Promise<void> {
  const me = two.at(isElsewhere, world.people[who]!)
  const you = named(world.people[whom]!)
  const pair = `${who}:${whom}`
  switch (kind) {
    case 'post':
      world.posts.push({ author: who, id: await two.post(world.people[who]!) })
      return
    case 'delete': {
      const post = world.posts.find(({ author }) => author === who)
      if (!post) return
      await me.call('DELETE /api/posts/:id', { params: { id: post.id } })
      world.posts = world.posts.filter((each) => each !== post)
      world.deleted.push(post.id)
      return
    }
    case 'follow':
      await me.call('PUT /api/users/:username/follow', you).then(
        ({ relationship: { following } }) => void (following !== 'no' && world.follows.set(pair, following)),
        () => undefined,
      )
      return
    case 'unfollow':
      await refusal(me.call('DELETE /api/users/:username/follow', you))
      world.end(who, whom)
      return
    case 'favourite':
      if ((await refusal(me.call('PUT /api/users/:username/favourite', you))) === 'none')
        world.favourites.add(pair)
      return
    case 'mute':
      if ((await refusal(me.call('PUT /api/users/:username/mute', you))) === 'none') world.mutes.add(pair)
      return
    case 'unmute':
      await refusal(me.call('DELETE /api/users/:username/mute', you))
      world.mutes.delete(pair)
      return
    case 'block':
      if ((await refusal(me.call('PUT /api/users/:username/block', you))) !== 'none') return
      world.blocks.add(pair)
      world.end(who, whom)
      world.end(whom, who)
      return
    case 'unblock':
      await refusal(me.call('DELETE /api/users/:username/block', you))
      world.blocks.delete(pair)
      return
    case 'private':
      await me.call('PATCH /api/me', { body: { isPrivate: true } })
      return
    case 'public':
      await me.call('PATCH /api/me', { body: { isPrivate: false } })
      // Requests that wait are accepted behind the answer.
      await until(async () => {
        await two.work()
        return (await me.call('GET /api/follow-requests', {})).items.length === 0
      }, 30_000)
      for (const [each, state] of world.follows)
        if (state === 'requested' && each.endsWith(`:${who}`)) world.follows.set(each, 'yes')
      return
    case 'precompute':
      await two.precompute()
      return
    case 'come':
      await two.precompute()
      await two.cool(isElsewhere)
      return
    case 'forget':
      await two.forget(isElsewhere)
  }
}

/** Each follows somebody and looks at a post of theirs. */
async function begin(two: TwoProcesses, world: World): Promise<void> {
  const step = { isElsewhere: false, forgetMs: null }
  for (let who = 0; who < count; who++) await take(two, world, { ...step, kind: 'post', who, whom: who })
  for (let who = 0; who < count; who++) {
    const whom = (who + 1) % count
    await take(two, world, { ...step, kind: 'follow', who, whom })
    await lookAt(two.at(false, world.people[who]!), world.posts[whom]!.id)
  }
}

/** Now: by their hours they are likely to come. */
export async function lookAt(viewer: Client, postId: Id): Promise<void> {
  const at = new Date().toISOString()
  const signals = [
    { id: 'seen', kind: 'impression' as const, at, postId, dwellMs: 2000 },
    { id: 'here', kind: 'session' as const, at, dwellMs: 60_000 },
  ]
  await viewer.call('POST /api/signals', { body: { signals } })
}

interface FeedPage {
  items: { id: Id }[]
  nextCursor: string | null
}

/** Each page from the other process. */
export async function pageThrough(
  two: Pick<TwoProcesses, 'at'>,
  viewer: Person,
  mode: FeedMode,
  limit: number,
): Promise<Id[]> {
  const seen: Id[] = []
  let cursor: string | undefined
  let isElsewhere = false
  do {
    const page: FeedPage = await two
      .at(isElsewhere, viewer)
      .call('GET /api/feed', { query: { mode, limit, cursor } })
    if (page.nextCursor !== null) assert.equal(page.items.length, limit, 'every page but the last is full')
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
    isElsewhere = !isElsewhere
  } while (cursor !== undefined)
  return seen
}

/**
 * The first of them reads a feed while all this happens: after each step a page more, from the other process, and from the
 * top in the next mode when it ends. Whatever was done meanwhile, none comes twice and none that was taken away.
 */
function createReader(two: TwoProcesses, world: World, limit: number) {
  let mode = 0
  let isElsewhere = false
  let cursor: string | undefined
  const seen = new Set<Id>()

  /** From the top, as somebody who comes. */
  function comeTo(elsewhere: boolean): void {
    mode = modes.indexOf('ranked')
    isElsewhere = elsewhere
    cursor = undefined
    seen.clear()
  }

  async function readOn(): Promise<void> {
    const query = { mode: modes[mode]!, limit, cursor }
    const page: FeedPage = await two.at(isElsewhere, world.people[0]!).call('GET /api/feed', { query })
    if (page.nextCursor !== null) assert.equal(page.items.length, limit, 'every page but the last is full')
    const gone = world.goneFor(0)
    for (const { id } of page.items) {
      assert.ok(!seen.has(id), `${query.mode}: a post came twice`)
      assert.ok(!gone.has(id), `${query.mode}: what was taken away is seen`)
      seen.add(id)
    }
    isElsewhere = !isElsewhere
    cursor = page.nextCursor ?? undefined
    if (cursor !== undefined) return
    seen.clear()
    mode = (mode + 1) % modes.length
  }

  return { comeTo, readOn }
}

/** Of mutes and unfollows the other process knows within a second: what is wrong for longer is wrong. */
const soonMs = 10_000

/** Paging gives exactly what may be seen, each once, in full pages until the last. */
export async function assertAnyHistory(two: TwoProcesses, runs: fc.Parameters<unknown>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 15, maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, limit) => {
        const world = new World(await two.people(count))
        await begin(two, world)
        const { comeTo, readOn } = createReader(two, world, limit)
        for (const each of steps) {
          await take(two, world, each)
          if (each.kind === 'come') comeTo(each.isElsewhere)
          const forgotten = each.forgetMs === null ? undefined : two.forgetLater?.(each.forgetMs)
          await Promise.all([readOn(), forgotten])
        }
        await two.precompute()
        await two.cool(false)
        for (const [who, viewer] of world.people.entries())
          for (const mode of modes) await assertFeed(two, { world, who, viewer, mode, limit })
      },
    ),
    { endOnFailure: true, ...runs } as fc.Parameters<[Step[], number]>,
  )
}

interface Asked {
  world: World
  who: number
  viewer: Person
  mode: FeedMode
  limit: number
}

async function assertFeed(two: TwoProcesses, { world, who, viewer, mode, limit }: Asked): Promise<void> {
  const expected = world.feedOf(who, mode)
  const wanted = mode === 'ranked' ? expected.toSorted(compareIds) : expected.toReversed()
  const gone = world.goneFor(who)
  let found: Id[] = []
  let broken: assert.AssertionError | undefined
  const read = async () => {
    const seen = await pageThrough(two, viewer, mode, limit)
    assert.equal(new Set(seen).size, seen.length, 'no post comes twice')
    assert.deepEqual(
      seen.filter((id) => gone.has(id)),
      [],
      'what was taken away is not seen',
    )
    return seen
  }
  // What is late may come until it is there; what is wrong for a moment is wrong.
  const isRight = async () => {
    const seen = await read().catch((error: unknown) => {
      if (error instanceof assert.AssertionError) broken ??= error
      throw error
    })
    found = mode === 'ranked' ? seen.toSorted(compareIds) : seen
    return broken !== undefined || found.join() === wanted.join()
  }
  await until(isRight, soonMs).catch(() => undefined)
  if (broken) throw broken
  assert.deepEqual(found, wanted, `${mode} of ${who}`)
}
