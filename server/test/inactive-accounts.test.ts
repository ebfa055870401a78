import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApiError, type Client } from '@heliograph/client'
import sharp from 'sharp'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, follow, type Person } from './helpers/factories.ts'

let app: TestApp
let author: Person
let fan: Person
/** Follows the fan alone, to whom the author can be suggested. */
let newcomer: Person
/** Follows the author alone, because of whom others can be suggested. */
let admirer: Person
let postId: string
let addresses: string[]
let thirdPostId: string

before(async () => {
  app = await createTestApp()
  author = await buildPerson(app.client, { username: 'author' })
  fan = await buildPerson(app.client)
  const third = await buildPerson(app.client)
  newcomer = await buildPerson(app.client)
  admirer = await buildPerson(app.client)
  await follow(newcomer, fan)
  await follow(admirer, author)
  await follow(fan, author)
  await follow(author, third)
  postId = await share(author, 'Hello #light')
  thirdPostId = await share(third, 'Another one')
  for (const person of [author, fan])
    for (const id of [postId, thirdPostId]) {
      await person.call('PUT /api/posts/:id/like', { params: { id } })
      await person.call('PUT /api/posts/:id/save', { params: { id } })
      await person.call('POST /api/posts/:id/comments', { params: { id }, body: { text: 'Well seen.' } })
    }
  const { media } = await fan.call('GET /api/posts/:id', { params: { id: postId } })
  addresses = [media[0]!.thumbnailUrl!, media[0]!.largeUrl!]
})
after(() => app[Symbol.asyncDispose]())

async function share(person: Person, caption: string): Promise<string> {
  const color = { width: 1200, height: 900, channels: 3, background: '#a46' } as const
  const uploadId = await person.upload(await sharp({ create: color }).jpeg().toBuffer())
  const { id } = await person.call('POST /api/posts', { body: { caption, media: [{ uploadId }] } })
  await app.settle()
  return id
}

const ofAuthor = { params: { username: 'author' } }
const has = (items: { id: string }[], id: string) => items.some((item) => item.id === id)

/** Everywhere that something of an account can stand. */
const places: Record<string, (viewer: Client) => Promise<boolean>> = {
  profile: async (viewer) => (await viewer.call('GET /api/users/:username', ofAuthor)).id === author.id,
  post: async (viewer) => (await viewer.call('GET /api/posts/:id', { params: { id: postId } })).id === postId,
  'posts of the profile': async (viewer) =>
    has((await viewer.call('GET /api/users/:username/posts', ofAuthor)).items, postId),
  following: async (viewer) =>
    (await viewer.call('GET /api/users/:username/following', ofAuthor)).items.length > 0,
  'hashtag page': async (viewer) =>
    has((await viewer.call('GET /api/tags/:tag/posts', { params: { tag: 'light' } })).items, postId),
  'likers of another’s post': async (viewer) =>
    has((await viewer.call('GET /api/posts/:id/likes', { params: { id: thirdPostId } })).items, author.id),
  'comments under another’s post': async (viewer) =>
    (await viewer.call('GET /api/posts/:id/comments', { params: { id: thirdPostId } })).items.some(
      (comment) => comment.author.id === author.id,
    ),
  picture: async () => {
    const answers = await Promise.all(addresses.map((address) => fetch(app.url + address)))
    for (const answer of answers) await answer.arrayBuffer()
    return answers.some((answer) => answer.status === 200)
  },
}

const placesOfFan: typeof places = {
  feed: async (viewer) => has((await viewer.call('GET /api/feed')).items, postId),
  'saved posts': async (viewer) => has((await viewer.call('GET /api/me/saved')).items, postId),
  'liked posts': async (viewer) => has((await viewer.call('GET /api/me/likes')).items, postId),
  'own followees': async (viewer) =>
    has(
      (await viewer.call('GET /api/users/:username/following', { params: { username: fan.username } })).items,
      author.id,
    ),
  completion: async (viewer) =>
    has((await viewer.call('GET /api/users', { query: { prefix: 'author' } })).items, author.id),
}

const placesOfOthers: Record<string, () => Promise<boolean>> = {
  'a newcomer: suggestions': async () =>
    (await newcomer.call('GET /api/suggestions')).items.some(({ user }) => user.id === author.id),
  'an admirer: reasons of suggestions': async () =>
    (await admirer.call('GET /api/suggestions')).items.some(
      ({ reason }) => reason.kind === 'followed_by' && has(reason.people, author.id),
    ),
}

/** A refusal is not seeing; anything else that goes wrong is a mistake. */
async function isSeen(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}

async function placesSeen(): Promise<string[]> {
  const seen: string[] = []
  for (const [name, look] of Object.entries(places))
    for (const [who, viewer] of [
      ['a follower', fan],
      ['a visitor', app.client],
    ] as const)
      if (await isSeen(() => look(viewer))) seen.push(`${who}: ${name}`)
  for (const [name, look] of Object.entries(placesOfFan))
    if (await isSeen(() => look(fan))) seen.push(`a follower: ${name}`)
  for (const [name, look] of Object.entries(placesOfOthers)) if (await isSeen(look)) seen.push(name)
  return seen
}

const everything = Object.keys(places).length * 2 + Object.keys({ ...placesOfFan, ...placesOfOthers }).length

test('nothing of an account that is not active is anywhere, its likes are still counted, and all comes back', async () => {
  const { api } = app.modules.accounts
  assert.equal((await placesSeen()).length, everything)
  for (const state of ['waiting', 'suspended', 'deactivated', 'deleted'] as const) {
    await api.setState(author.id, state)
    assert.deepEqual(await placesSeen(), [], state)
    const { likeCount } = await fan.call('GET /api/posts/:id', { params: { id: thirdPostId } })
    assert.equal(likeCount, 2)
  }
  await api.setState(author.id, 'active')
  const back = await placesSeen()
  // Addresses of before stay refused: new ones are handed out with every answer.
  assert.equal(back.length, everything - 2)
})
