import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { LiveEvent } from '@heliograph/contract/live'
import { WebSocket } from 'ws'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'

let kit: PostsKit
let anna: Person
let ben: Person

before(async () => {
  kit = await createPostsKit()
  anna = await kit.person('anna')
  ben = await kit.person('ben')
  await kit.follow(ben, anna)
})
after(() => kit[Symbol.asyncDispose]())

interface Listener extends AsyncDisposable {
  events: LiveEvent[]
  ofType<T extends LiveEvent['type']>(type: T): Extract<LiveEvent, { type: T }>[]
}

/** Every event is held against the contract on its way in. */
async function listen(person: Person): Promise<Listener> {
  const socket = new WebSocket(`${kit.app.url.replace('http', 'ws')}/api/live`, {
    headers: { authorization: `Bearer ${person.token}` },
  })
  const events: LiveEvent[] = []
  const hello = once(socket, 'message')
  socket.on('message', (data) => events.push(LiveEvent.parse(JSON.parse(String(data)))))
  await hello
  return {
    events,
    ofType: (type) => events.filter((event) => event.type === type) as never,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** All that was committed is told; one more event is waited for, so that what was sent before has arrived. */
async function toldAll(listener: Listener, who: Person): Promise<void> {
  await kit.app.settle()
  const marker = await kit.post(who)
  await kit.app.settle()
  const isMarker = (event: LiveEvent) => event.type === 'post.status' && event.postId === marker.id
  while (!listener.events.some(isMarker)) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('an open feed', () => {
  test('hears of a followed person’s post, and of the end of it', async () => {
    await using live = await listen(ben)
    const post = await kit.post(anna)
    await toldAll(live, ben)
    assert.deepEqual(live.ofType('feed.post')[0], {
      type: 'feed.post',
      postId: post.id,
      authorId: anna.user.id,
    })
    await anna.call('DELETE /api/posts/:id', { params: { id: post.id } })
    await toldAll(live, ben)
    assert.deepEqual(live.ofType('post.gone'), [{ type: 'post.gone', postId: post.id }])
  })

  test('never hears of strangers, of whom is muted, blocked, or not followed yet', async () => {
    const [stranger, muted, blocked] = (await kit.people(3)) as [Person, Person, Person]
    const hidden = await kit.person(undefined, { isPrivate: true })
    await kit.follow(ben, muted)
    await kit.follow(ben, hidden)
    await kit.follow(ben, blocked)
    const named = (who: Person) => ({ params: { username: who.user.username } })
    await ben.call('PUT /api/users/:username/mute', named(muted))
    await blocked.call('PUT /api/users/:username/block', named(ben))
    await using live = await listen(ben)
    const posts = []
    for (const who of [stranger, muted, hidden, blocked]) posts.push(await kit.post(who))
    const [secret] = posts.slice(2)
    await hidden.call('DELETE /api/posts/:id', { params: { id: secret!.id } })
    await toldAll(live, ben)
    const heard = JSON.stringify(live.events)
    for (const post of posts) assert.ok(!heard.includes(post.id))
  })

  test('hears nothing of a post that enters no feed', async () => {
    await using live = await listen(ben)
    const old = await kit.post(anna, { displayAt: '2024-02-03T04:05:06Z' })
    await toldAll(live, ben)
    assert.ok(!JSON.stringify(live.events).includes(old.id))
  })
})

describe('an author', () => {
  test('hears how a post comes along', async () => {
    await using live = await listen(ben)
    const states = async (end: 'ready' | 'failed') => {
      const uploadId = await kit.upload(ben, 'processing')
      const post = await ben.call('POST /api/posts', { body: { media: [{ uploadId }] } })
      await kit.finishMedia(post.id, end)
      await toldAll(live, ben)
      return live.ofType('post.status').filter((event) => event.postId === post.id)
    }
    assert.deepEqual(
      (await states('ready')).map((event) => event.status),
      ['ready'],
    )
    assert.deepEqual(
      (await states('failed')).map((event) => event.status),
      ['failed'],
    )
  })

  for (const end of ['ready', 'failed'] as const)
    test(`hears when another crop is ${end === 'ready' ? 'there' : 'not to be had'}`, async () => {
      const post = await kit.post(ben)
      const [medium] = post.media
      await using live = await listen(ben)
      await ben.call('PATCH /api/posts/:id', {
        params: { id: post.id },
        body: { media: [{ id: medium!.id, crop: { x: 0, y: 0, width: 0.5, height: 1 } }] },
      })
      await kit.finishMedia(post.id, end)
      await toldAll(live, ben)
      assert.deepEqual(
        live.ofType('post.status').filter((event) => event.postId === post.id),
        [{ type: 'post.status', postId: post.id, status: 'ready' }],
      )
    })

  test('hears the counts of a post, many changes as few events, the last one true', async () => {
    const post = await kit.post(ben)
    const crowd = await kit.people(12)
    await using live = await listen(ben)
    await Promise.all(
      crowd.map((person) => person.call('PUT /api/posts/:id/like', { params: { id: post.id } })),
    )
    await anna.call('POST /api/posts/:id/comments', { params: { id: post.id }, body: { text: 'oh' } })
    await kit.app.settle()
    const last = () => live.ofType('post.counts').at(-1)
    while (last()?.likeCount !== 12 || last()?.commentCount !== 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
    assert.ok(live.ofType('post.counts').length < 13)
    assert.ok(live.ofType('post.counts').every((event) => event.postId === post.id))
  })
})
