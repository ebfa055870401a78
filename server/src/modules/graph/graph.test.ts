import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { UserListItem } from '@heliograph/contract/accounts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import {
  assertRefused,
  block,
  buildPeople,
  buildPerson,
  follow,
  type Person,
} from '../../../test/helpers/factories.ts'

let app: TestApp

before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())

const at = ({ username }: Person) => ({ params: { username } })

async function relationship(viewer: Person, other: Person) {
  const profile = await viewer.call('GET /api/users/:username', at(other))
  return profile.relationship ?? assert.fail('no relationship')
}

async function counts(person: Person): Promise<[followers: number, following: number]> {
  const { followerCount, followingCount } = await person.call('GET /api/me')
  return [followerCount, followingCount]
}

const names = (people: { items: UserListItem[] }) => people.items.map((item) => item.username)

async function pair(wanted: { isPrivate?: boolean } = {}): Promise<[Person, Person]> {
  return [await buildPerson(app.client), await buildPerson(app.client, wanted)]
}

async function epochOf(person: Person): Promise<number> {
  const found = await app.modules.accounts.api.findByIds([person.id])
  return found.get(person.id)?.sightEpoch ?? assert.fail('no account')
}

test('a follow stands on both sides and in both counts; repeating changes nothing', async () => {
  const [ann, ben] = await pair()
  for (let i = 0; i < 2; i++) {
    const { relationship } = await ann.call('PUT /api/users/:username/follow', at(ben))
    assert.equal(relationship.following, 'yes')
  }
  assert.equal((await relationship(ben, ann)).followedBy, true)
  assert.deepEqual(
    [await counts(ann), await counts(ben)],
    [
      [0, 1],
      [1, 0],
    ],
  )
  for (let i = 0; i < 2; i++) {
    const { relationship } = await ann.call('DELETE /api/users/:username/follow', at(ben))
    assert.equal(relationship.following, 'no')
  }
  assert.deepEqual(
    [await counts(ann), await counts(ben)],
    [
      [0, 0],
      [0, 0],
    ],
  )
})

test('one cannot follow, block or mute oneself, nor somebody who is not there', async () => {
  const me = await buildPerson(app.client)
  await assertRefused(me.call('PUT /api/users/:username/follow', at(me)), 'follow.self')
  await assertRefused(me.call('PUT /api/users/:username/block', at(me)), 'block.self')
  await assertRefused(me.call('PUT /api/users/:username/mute', at(me)), 'mute.self')
  const nobody = { params: { username: 'nobody.here' } }
  await assertRefused(me.call('PUT /api/users/:username/follow', nobody), 'user.not_found')
  await assertRefused(me.call('DELETE /api/users/:username/block', nobody), 'user.not_found')
  await assertRefused(app.client.call('PUT /api/users/:username/follow', at(me)), 'auth.required')
})

test('a follow of a private account is a request, and gives nothing until it is accepted', async () => {
  const [ann, ben] = await pair({ isPrivate: true })
  const cat = await buildPerson(app.client)
  await follow(cat, ben)
  for (let i = 0; i < 2; i++) {
    const { relationship } = await ann.call('PUT /api/users/:username/follow', at(ben))
    assert.equal(relationship.following, 'requested')
  }
  assert.deepEqual(await counts(ben), [1, 0])
  assert.deepEqual(names(await ann.call('GET /api/users/:username/followers', at(ben))), [])
  assert.deepEqual(names(await cat.call('GET /api/users/:username/followers', at(ben))), [cat.username])
  assert.deepEqual(await app.modules.graph.api.followersAmong(ben.id, [ann.id, cat.id]), [cat.id])
  assert.deepEqual(await app.modules.graph.api.followeesOf(ann.id), [])
  assert.deepEqual(names(await ben.call('GET /api/follow-requests')), [ann.username])
  assert.equal((await ben.call('GET /api/me')).followRequestCount, 1)
  const { relationship } = await ben.call('PUT /api/follow-requests/:username', at(ann))
  assert.equal(relationship.followedBy, true)
  assert.equal(relationship.requestedBy, false)
  assert.deepEqual(names(await ann.call('GET /api/users/:username/followers', at(ben))).sort(), [
    ...[ann.username, cat.username].sort(),
  ])
  assert.deepEqual(await counts(ben), [2, 0])
  await assertRefused(ben.call('PUT /api/follow-requests/:username', at(ann)), 'follow_request.not_found')
})

test('a request can be refused and taken back; nobody else can answer it', async () => {
  const [ann, ben] = await pair({ isPrivate: true })
  const eve = await buildPerson(app.client)
  await ann.call('PUT /api/users/:username/follow', at(ben))
  await assertRefused(eve.call('PUT /api/follow-requests/:username', at(ann)), 'follow_request.not_found')
  await assertRefused(ann.call('PUT /api/follow-requests/:username', at(ben)), 'follow_request.not_found')
  await ben.call('DELETE /api/follow-requests/:username', at(ann))
  assert.equal((await relationship(ann, ben)).following, 'no')
  await ann.call('PUT /api/users/:username/follow', at(ben))
  await ann.call('DELETE /api/users/:username/follow', at(ben))
  assert.deepEqual(names(await ben.call('GET /api/follow-requests')), [])
})

test('whoever asked follows once the account goes public, and nobody is left asking', async () => {
  const ben = await buildPerson(app.client, { isPrivate: true })
  const askers = await buildPeople(app.client, 3)
  for (const asker of askers) await asker.call('PUT /api/users/:username/follow', at(ben))
  await ben.call('PATCH /api/me', { body: { isPrivate: false } })
  await app.settle()
  assert.deepEqual(await counts(ben), [3, 0])
  assert.equal((await ben.call('GET /api/me')).followRequestCount, 0)
  for (const asker of askers) assert.equal((await relationship(asker, ben)).following, 'yes')
})

test('an account that is private again before the requests were accepted keeps them waiting', async () => {
  const [ann, ben] = await pair({ isPrivate: true })
  await ann.call('PUT /api/users/:username/follow', at(ben))
  await ben.call('PATCH /api/me', { body: { isPrivate: false } })
  await ben.call('PATCH /api/me', { body: { isPrivate: true } })
  await app.settle()
  assert.equal((await relationship(ann, ben)).following, 'requested')
})

test('going private, removing a follower of a private account and blocking from it void old addresses', async () => {
  const [ann, ben] = await pair()
  await follow(ann, ben)
  const start = await epochOf(ben)
  await ben.call('DELETE /api/users/:username/follower', at(ann))
  assert.equal(await epochOf(ben), start, 'what is public stays public')
  await ben.call('PATCH /api/me', { body: { isPrivate: true } })
  assert.equal(await epochOf(ben), start + 1)
  await follow(ann, ben)
  await ben.call('DELETE /api/users/:username/follower', at(ann))
  assert.equal(await epochOf(ben), start + 2)
  assert.equal((await relationship(ann, ben)).following, 'no')
  await block(ben, ann)
  assert.equal(await epochOf(ben), start + 3)
})

test('a block ends follows and requests in both directions, and neither sees the other', async () => {
  const [ann, ben] = await pair()
  await follow(ann, ben)
  await follow(ben, ann)
  for (let i = 0; i < 2; i++) await block(ben, ann)
  assert.deepEqual(
    [await counts(ann), await counts(ben)],
    [
      [0, 0],
      [0, 0],
    ],
  )
  for (const call of [
    () => ann.call('GET /api/users/:username', at(ben)),
    () => ann.call('PUT /api/users/:username/follow', at(ben)),
    () => ann.call('PUT /api/users/:username/block', at(ben)),
    () => ann.call('PUT /api/users/:username/mute', at(ben)),
    () => ann.call('GET /api/users/:username/followers', at(ben)),
    () => ann.call('GET /api/users/:username/following', at(ben)),
    () => ann.call('DELETE /api/users/:username/follow', at(ben)),
    () => ann.call('DELETE /api/users/:username/follower', at(ben)),
  ])
    await assertRefused(call(), 'user.not_found')
  assert.equal((await relationship(ben, ann)).blocking, true)
  await assertRefused(ben.call('PUT /api/users/:username/follow', at(ann)), 'auth.forbidden')
  assert.deepEqual(names(await ben.call('GET /api/me/blocks')), [ann.username])
  await ben.call('DELETE /api/users/:username/block', at(ann))
  assert.equal((await relationship(ann, ben)).following, 'no', 'what ended does not come back')
})

test('a request to somebody who then blocks is gone', async () => {
  const [ann, ben] = await pair({ isPrivate: true })
  await ann.call('PUT /api/users/:username/follow', at(ben))
  await block(ben, ann)
  await ben.call('DELETE /api/users/:username/block', at(ann))
  assert.equal((await relationship(ann, ben)).following, 'no')
  assert.equal((await ben.call('GET /api/me')).followRequestCount, 0)
})

test('a block can be lifted although the other side has blocked as well', async () => {
  const [ann, ben] = await pair()
  await Promise.all([block(ann, ben), block(ben, ann)].map((call) => call.catch(() => undefined)))
  const blockers = [ann, ben]
  for (const [me, other] of [blockers, [...blockers].reverse()] as [Person, Person][]) {
    const stands = (await app.modules.graph.api.relationships(me.id, [other.id])).get(other.id)
    if (stands?.blocking) await me.call('DELETE /api/users/:username/block', at(other))
  }
  assert.equal((await relationship(ann, ben)).blocking, false)
  assert.equal((await relationship(ben, ann)).blocking, false)
})

test('a suspended account can be unfollowed and is in no list', async () => {
  const [ann, ben] = await pair()
  await follow(ann, ben)
  await app.modules.accounts.api.setState(ben.id, 'suspended')
  assert.deepEqual(names(await ann.call('GET /api/users/:username/following', at(ann))), [])
  await ann.call('DELETE /api/users/:username/follow', at(ben))
  assert.deepEqual(await counts(ann), [0, 0])
  await assertRefused(ann.call('PUT /api/users/:username/follow', at(ben)), 'user.not_found')
})

test('a mute is known to whoever mutes alone', async () => {
  const [ann, ben] = await pair()
  await follow(ann, ben)
  const { relationship: muting } = await ann.call('PUT /api/users/:username/mute', at(ben))
  assert.deepEqual(muting.muting, ['posts', 'stories'])
  assert.equal(muting.following, 'yes')
  assert.deepEqual(names(await ann.call('GET /api/me/mutes')), [ben.username])
  assert.deepEqual((await relationship(ben, ann)).muting, [])
  assert.deepEqual([...(await app.modules.graph.api.mutedBy(ann.id))], [ben.id])
  await ann.call('DELETE /api/users/:username/mute', at(ben))
  assert.deepEqual((await relationship(ann, ben)).muting, [])
})

test('a favourite is one of those one follows, known to oneself alone, and ends with the follow', async () => {
  const [ann, ben] = await pair()
  await assertRefused(ann.call('PUT /api/users/:username/favourite', at(ben)), 'favourite.not_followed')
  await assertRefused(ann.call('PUT /api/users/:username/favourite', at(ann)), 'favourite.not_followed')
  for (const end of [
    () => ann.call('DELETE /api/users/:username/favourite', at(ben)),
    () => ann.call('DELETE /api/users/:username/follow', at(ben)),
    () => ben.call('DELETE /api/users/:username/follower', at(ann)),
    () => ben.call('PUT /api/users/:username/block', at(ann)),
  ]) {
    await follow(ann, ben)
    for (let twice = 0; twice < 2; twice++) {
      const { relationship: marked } = await ann.call('PUT /api/users/:username/favourite', at(ben))
      assert.equal(marked.favourite, true)
    }
    assert.equal((await relationship(ben, ann)).favourite, false)
    assert.deepEqual(names(await ann.call('GET /api/me/favourites')), [ben.username])
    assert.deepEqual(names(await ben.call('GET /api/me/favourites')), [])
    await end()
    assert.deepEqual(names(await ann.call('GET /api/me/favourites')), [])
    assert.deepEqual(await app.modules.graph.api.favouritesOf(ann.id), [])
  }
  await assertRefused(ann.call('PUT /api/users/:username/favourite', at(ben)), 'user.not_found')
})

test('a favourite who is out of sight is in no list, and can be let go', async () => {
  const [ann, ben] = await pair()
  await follow(ann, ben)
  await ann.call('PUT /api/users/:username/favourite', at(ben))
  await app.modules.accounts.api.setState(ben.id, 'suspended')
  assert.deepEqual(names(await ann.call('GET /api/me/favourites')), [])
  await ann.call('DELETE /api/users/:username/favourite', at(ben))
  await app.modules.accounts.api.setState(ben.id, 'active')
  assert.deepEqual(names(await ann.call('GET /api/me/favourites')), [])
})

test('lists leave out whom the viewer may not see, and their pages stay full', async () => {
  const star = await buildPerson(app.client)
  const fans = await buildPeople(app.client, 9)
  for (const fan of fans) await follow(fan, star)
  const viewer = await buildPerson(app.client)
  const [blocked, blocker, suspended, ...rest] = fans
  assert.ok(blocked && blocker && suspended)
  await block(viewer, blocked)
  await block(blocker, viewer)
  await app.modules.accounts.api.setState(suspended.id, 'suspended')
  const first = await viewer.call('GET /api/users/:username/followers', { ...at(star), query: { limit: 4 } })
  assert.equal(first.items.length, 4)
  const seen: string[] = []
  for await (const item of viewer.all('GET /api/users/:username/followers', {
    ...at(star),
    query: { limit: 4 },
  }))
    seen.push(item.username)
  // Whom one blocks can still be opened, to unblock.
  const expected = [blocked, ...rest].map((fan) => fan.username).reverse()
  assert.deepEqual(seen, expected)
  const signedOut = await app.client.call('GET /api/users/:username/followers', at(star))
  assert.equal(signedOut.items.length, 8)
  assert.equal(signedOut.items[0]?.relationship, null)
  assert.deepEqual(await counts(star), [9, 0], 'counts count all')
})

test('a cursor of one list opens no other, and a tampered one none', async () => {
  const [star, other] = await pair()
  for (const fan of await buildPeople(app.client, 3)) await follow(fan, star)
  const { nextCursor: cursor } = await star.call('GET /api/users/:username/followers', {
    ...at(star),
    query: { limit: 1 },
  })
  assert.ok(cursor)
  const ask = (person: Person, target: Person, with_: string) =>
    person.call('GET /api/users/:username/followers', { ...at(target), query: { cursor: with_ } })
  await ask(star, star, cursor)
  await assertRefused(ask(star, other, cursor), 'cursor.invalid')
  await assertRefused(ask(other, star, cursor), 'cursor.invalid')
  await assertRefused(ask(star, star, `${cursor.slice(0, -2)}AA`), 'cursor.invalid')
  await assertRefused(
    star.call('GET /api/users/:username/following', { ...at(star), query: { cursor } }),
    'cursor.invalid',
  )
})

test('nobody follows more than 7,500 accounts, requests included', async () => {
  const [ann, ben] = await pair()
  await app.database.transaction((tx) => app.modules.accounts.api.addCounts(tx, ann.id, { following: 7499 }))
  await follow(ann, ben)
  const priv = await buildPerson(app.client, { isPrivate: true })
  await assertRefused(ann.call('PUT /api/users/:username/follow', at(priv)), 'follow.too_many')
  await ann.call('DELETE /api/users/:username/follow', at(ben))
  await ann.call('PUT /api/users/:username/follow', at(priv))
  await assertRefused(ann.call('PUT /api/users/:username/follow', at(ben)), 'follow.too_many')
})

test('requests, blocks and mutes of another person are not readable', async () => {
  const [ann, ben] = await pair({ isPrivate: true })
  await ann.call('PUT /api/users/:username/follow', at(ben))
  await ben.call('PUT /api/users/:username/mute', at(ann))
  const eve = await buildPerson(app.client)
  for (const route of [
    'GET /api/follow-requests',
    'GET /api/me/blocks',
    'GET /api/me/mutes',
    'GET /api/me/favourites',
  ] as const) {
    assert.deepEqual((await eve.call(route)).items, [])
    await assertRefused(app.client.call(route), 'auth.required')
  }
})
