import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPeople, follow, type Person } from '../../../test/helpers/factories.ts'

let app: TestApp

before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())

const at = ({ username }: Person) => ({ params: { username } })

const actions = [
  'PUT /api/users/:username/follow',
  'PUT /api/users/:username/follow',
  'DELETE /api/users/:username/follow',
  'DELETE /api/users/:username/follower',
  'PUT /api/users/:username/block',
  'DELETE /api/users/:username/block',
  'PUT /api/users/:username/close-friend',
  'DELETE /api/users/:username/close-friend',
  'PUT /api/follow-requests/:username',
  'DELETE /api/follow-requests/:username',
] as const

/** Deterministic, so that a failure can be looked at again. */
function createDice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

async function actAtRandom(people: Person[], seed: number, steps: number): Promise<void> {
  const dice = createDice(seed)
  for (let step = 0; step < steps; step++) {
    const me = people[dice(people.length)]!
    const other = people[dice(people.length)]!
    const action = actions[dice(actions.length)]!
    const call =
      dice(12) === 0
        ? me.call('PATCH /api/me', { body: { isPrivate: dice(2) === 0 } })
        : me.call(action, { params: { username: other.username } })
    await call.catch((error: { status?: number }) => {
      if (error.status === undefined || error.status >= 500) throw error
    })
  }
}

test('after many clients followed, unfollowed and blocked at once, both sides and all counts agree', async () => {
  const people = await buildPeople(app.client, 5)
  await Promise.all(Array.from({ length: 8 }, (_, seed) => actAtRandom(people, seed + 1, 30)))
  await app.settle()
  const { api } = app.modules.graph
  const { checked, ...wrong } = await api.reconcile()
  assert.ok(checked > 0)
  assert.deepEqual(wrong, { added: 0, removed: 0 })
  const recounted = await api.recount()
  assert.deepEqual([recounted.followers.repaired, recounted.following.repaired], [0, 0])
  await assertNoFollowAcrossBlock()
})

test('a follow, an acceptance and a block that meet never leave a follow across the block', async () => {
  const pairs = Array.from({ length: 3 }, () => buildPeople(app.client, 2))
  for (const [ann, ben] of await Promise.all(pairs)) {
    assert.ok(ann && ben)
    for (let round = 0; round < 8; round++) {
      const isRequest = round % 2 === 1
      await ben.call('PATCH /api/me', { body: { isPrivate: isRequest } })
      if (isRequest) await ann.call('PUT /api/users/:username/follow', at(ben))
      const meeting: (() => Promise<unknown>)[] = [
        () => ann.call('PUT /api/users/:username/follow', at(ben)),
        () => ben.call('PUT /api/users/:username/block', at(ann)),
        () => ben.call('PUT /api/users/:username/follow', at(ann)),
        () => ben.call('PUT /api/follow-requests/:username', at(ann)),
      ]
      await Promise.allSettled(meeting.map((call) => call()))
      await assertNoFollowAcrossBlock()
      await ben.call('DELETE /api/users/:username/block', at(ann))
      await ann.call('DELETE /api/users/:username/follow', at(ben))
      await ben.call('DELETE /api/users/:username/follow', at(ann))
    }
  }
  const recounted = await app.modules.graph.api.recount()
  assert.deepEqual([recounted.followers.repaired, recounted.following.repaired], [0, 0])
})

async function assertNoFollowAcrossBlock(): Promise<void> {
  const { main } = app.database
  const blocks = await main.selectFrom('blocks').select(['blocker_id', 'blocked_id']).execute()
  const follows = await main.selectFrom('following').select(['follower_id', 'followed_id']).execute()
  const requests = await main.selectFrom('follow_requests').select(['follower_id', 'followed_id']).execute()
  const blocked = new Set(
    blocks.flatMap((row) => [`${row.blocker_id} ${row.blocked_id}`, `${row.blocked_id} ${row.blocker_id}`]),
  )
  const listed = await app.database.main.selectFrom('close_friends').selectAll().execute()
  for (const row of listed)
    assert.equal(blocked.has(`${row.user_id} ${row.friend_id}`), false, 'a close friend across a block')
  for (const row of [...follows, ...requests])
    assert.equal(blocked.has(`${row.follower_id} ${row.followed_id}`), false, 'a follow across a block')
}

test('a side that is missing is added, one without a truth behind it is removed, counts are repaired', async () => {
  const [ann, ben, cat] = await buildPeople(app.client, 3)
  assert.ok(ann && ben && cat)
  await follow(ann, ben)
  await follow(ann, cat)
  const { main } = app.database
  await main
    .deleteFrom('followers')
    .where('follower_id', '=', ann.id)
    .where('followed_id', '=', ben.id)
    .execute()
  await main
    .deleteFrom('following')
    .where('follower_id', '=', ann.id)
    .where('followed_id', '=', cat.id)
    .execute()
  for (const friend of [ann, ben]) await cat.call('PUT /api/users/:username/close-friend', at(friend))
  await main.deleteFrom('close_friend_of').where('friend_id', '=', ann.id).execute()
  await main.deleteFrom('close_friends').where('friend_id', '=', ben.id).execute()
  const isFriend = async (person: Person) =>
    (await app.modules.graph.api.loadSight(person, [cat.id])).authors.get(cat.id)?.closeFriendOf
  // From memory too the repaired side is seen at once.
  assert.deepEqual([await isFriend(ann), await isFriend(ben)], [false, true])
  const report = await app.modules.graph.api.reconcile()
  assert.deepEqual([report.added, report.removed], [2, 2])
  assert.deepEqual([await isFriend(ann), await isFriend(ben)], [true, false])
  const recounted = await app.modules.graph.api.recount()
  assert.deepEqual([recounted.followers.repaired, recounted.following.repaired], [1, 1])
  const profile = async (person: Person) => {
    const { followerCount, followingCount } = await person.call('GET /api/me')
    return [followerCount, followingCount]
  }
  assert.deepEqual(await Promise.all([ann, ben, cat].map(profile)), [
    [0, 1],
    [1, 0],
    [0, 0],
  ])
  assert.deepEqual(await app.modules.graph.api.followersAmong(ben.id, [ann.id]), [ann.id])
})
