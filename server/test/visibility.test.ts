import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ApiError, type Client } from '@heliograph/client'
import sharp from 'sharp'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { block, buildPerson, follow, type Person } from './helpers/factories.ts'

// Every surface × every relation: who sees what of an author, over HTTP. The table of answers is written
// out below. Everybody reads everything before anything is taken away, so that caches are warm with it.

let app: TestApp

before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())

const relations = [
  'self',
  'follower',
  'mutedFollower',
  'pending',
  'stranger',
  'removed',
  'muted',
  'blocked',
  'blocking',
  'signedOut',
] as const
type Relation = (typeof relations)[number]

interface Scene {
  author: Person
  /** Shared by a third person; the author likes it and comments on it. */
  thirdPostId: string
  /** Made before the account became what it is, before relations changed, and after both. */
  postIds: string[]
  tag: string
  commentId: string
  viewers: Record<Relation, Client>
}

type Surface = (scene: Scene, viewer: Client) => Promise<boolean>

const has = (items: { id: string }[], id: string) => items.some((item) => item.id === id)
const at = ({ author }: Scene) => ({ params: { username: author.username } })

/** A refusal is not seeing; anything else that goes wrong is a mistake. */
async function seen(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ApiError && [401, 404].includes(error.status)) return false
    throw error
  }
}

const ofAccount: Record<string, Surface> = {
  'profile by name': async (scene, viewer) => {
    await viewer.call('GET /api/users/:username', at(scene))
    return true
  },
  completion: async (scene, viewer) => {
    const query = { prefix: scene.author.username }
    return has((await viewer.call('GET /api/users', { query })).items, scene.author.id)
  },
  followers: async (scene, viewer) =>
    (await viewer.call('GET /api/users/:username/followers', at(scene))).items.length > 0,
  following: async (scene, viewer) =>
    (await viewer.call('GET /api/users/:username/following', at(scene))).items.length > 0,
  'likers of another’s post': async (scene, viewer) => {
    const { items } = await viewer.call('GET /api/posts/:id/likes', { params: { id: scene.thirdPostId } })
    return has(items, scene.author.id)
  },
  'comment under another’s post': async (scene, viewer) => {
    const params = { id: scene.thirdPostId }
    const { items } = await viewer.call('GET /api/posts/:id/comments', { params })
    const post = await viewer.call('GET /api/posts/:id', { params })
    const isInPost = has(post.newestComments, scene.commentId)
    assert.equal(isInPost, has(items, scene.commentId), 'the post and the list of its comments disagree')
    return isInPost
  },
}

/** Asked for old and new posts: all are seen, or none. */
function ofPosts(look: (scene: Scene, viewer: Client, postId: string) => Promise<boolean>): Surface {
  return async (scene, viewer) => {
    const answers = await Promise.all(scene.postIds.map((id) => seen(() => look(scene, viewer, id))))
    assert.equal(new Set(answers).size, 1, 'old and new posts differ')
    return answers[0] ?? assert.fail('no posts')
  }
}

const ofPost: Record<string, Surface> = {
  'post by id': ofPosts(async (_, viewer, id) => {
    const { media } = await viewer.call('GET /api/posts/:id', { params: { id } })
    const response = await fetch(app.url + media[0]?.mediumUrl)
    await response.arrayBuffer()
    assert.equal(response.status, 200, 'who sees the post gets its picture')
    return true
  }),
  'likers of the post': ofPosts(async (_, viewer, id) => {
    await viewer.call('GET /api/posts/:id/likes', { params: { id } })
    return true
  }),
  'comments of the post': ofPosts(async (_, viewer, id) => {
    await viewer.call('GET /api/posts/:id/comments', { params: { id } })
    return true
  }),
  'posts of the profile': ofPosts(async (scene, viewer, id) =>
    has((await viewer.call('GET /api/users/:username/posts', at(scene))).items, id),
  ),
  'hashtag page': ofPosts(async ({ tag }, viewer, id) =>
    has((await viewer.call('GET /api/tags/:tag/posts', { params: { tag } })).items, id),
  ),
  feed: ofPosts(async (_, viewer, id) => has((await viewer.call('GET /api/feed')).items, id)),
  'saved posts': ofPosts(async (_, viewer, id) => has((await viewer.call('GET /api/me/saved')).items, id)),
  'liked posts': ofPosts(async (_, viewer, id) => has((await viewer.call('GET /api/me/likes')).items, id)),
}

const allBut = (...out: Relation[]) => relations.filter((relation) => !out.includes(relation))
const followers: Relation[] = ['self', 'follower', 'mutedFollower']
const unlessBlocked = allBut('blocked', 'blocking')
const signedInUnlessBlocked = allBut('blocked', 'blocking', 'signedOut')

/** Who sees it while the account is public, and while it is private. */
const expected: Record<string, { public: readonly Relation[]; private: readonly Relation[] }> = {
  // Whom one blocks can still be opened by name, to unblock.
  'profile by name': { public: allBut('blocked'), private: allBut('blocked') },
  completion: { public: signedInUnlessBlocked, private: signedInUnlessBlocked },
  followers: { public: unlessBlocked, private: followers },
  following: { public: unlessBlocked, private: followers },
  'likers of another’s post': { public: allBut('blocked'), private: allBut('blocked') },
  'comment under another’s post': { public: unlessBlocked, private: unlessBlocked },
  'post by id': { public: unlessBlocked, private: followers },
  'likers of the post': { public: unlessBlocked, private: followers },
  'comments of the post': { public: unlessBlocked, private: followers },
  'posts of the profile': { public: unlessBlocked, private: followers },
  'hashtag page': { public: unlessBlocked, private: followers },
  feed: { public: ['self', 'follower'], private: ['self', 'follower'] },
  'saved posts': { public: signedInUnlessBlocked, private: followers },
  'liked posts': { public: signedInUnlessBlocked, private: followers },
}

async function photograph(): Promise<Buffer> {
  return sharp({ create: { width: 1200, height: 900, channels: 3, background: '#a46' } })
    .jpeg()
    .toBuffer()
}

async function share(person: Person, caption: string): Promise<string> {
  const uploadId = await person.upload(await photograph())
  const { id } = await person.call('POST /api/posts', { body: { caption, media: [{ uploadId }] } })
  await app.settle()
  return id
}

async function keep(viewer: Client, id: string): Promise<void> {
  if (viewer.token === undefined) return
  await viewer.call('PUT /api/posts/:id/like', { params: { id } })
  await viewer.call('PUT /api/posts/:id/save', { params: { id } })
}

async function setScene(account: 'public' | 'private'): Promise<Scene> {
  const author = await buildPerson(app.client, { username: `author.${account}` })
  const third = await buildPerson(app.client)
  const people = await Promise.all(
    relations.slice(1, -1).map(async (name) => [name, await buildPerson(app.client)] as const),
  )
  const by = Object.fromEntries(people) as Record<Relation, Person>
  const viewers: Record<Relation, Client> = { ...by, self: author, signedOut: app.client }

  const tag = `tag_${account}`
  const old = await share(author, `before #${tag}`)
  const thirdPostId = await share(third, 'of somebody else')
  await follow(author, third)
  for (const name of ['follower', 'mutedFollower', 'removed', 'blocked', 'blocking'] as const)
    await follow(by[name], author)
  await author.call('PUT /api/posts/:id/like', { params: { id: thirdPostId } })
  const comment = await author.call('POST /api/posts/:id/comments', {
    params: { id: thirdPostId },
    body: { text: 'Well seen.' },
  })
  const scene: Scene = { author, thirdPostId, postIds: [old], tag, commentId: comment.id, viewers }
  for (const viewer of Object.values(viewers)) await keep(viewer, old)
  await readEverything(scene)

  const latest = await share(author, `after #${tag}`)
  for (const viewer of Object.values(viewers)) await keep(viewer, latest)
  if (account === 'private') await author.call('PATCH /api/me', { body: { isPrivate: true } })
  const target = { params: { username: author.username } }
  if (account === 'private') await by.pending.call('PUT /api/users/:username/follow', target)
  await by.mutedFollower.call('PUT /api/users/:username/mute', target)
  await by.muted.call('PUT /api/users/:username/mute', target)
  await author.call('DELETE /api/users/:username/follower', { params: { username: by.removed.username } })
  await block(author, by.blocked)
  await block(by.blocking, author)
  const newest = await share(author, `now #${tag}`)
  for (const viewer of Object.values(viewers)) await seen(() => keep(viewer, newest).then(() => true))
  return { ...scene, postIds: [old, latest, newest] }
}

const surfaces = { ...ofAccount, ...ofPost }

async function readEverything(scene: Scene): Promise<void> {
  for (const viewer of Object.values(scene.viewers))
    for (const surface of Object.values(surfaces)) await seen(() => surface(scene, viewer))
}

for (const account of ['public', 'private'] as const) {
  describe(`of a ${account} account`, () => {
    let scene: Scene
    before(async () => {
      scene = await setScene(account)
    })

    for (const [name, surface] of Object.entries(surfaces)) {
      test(`${name}: seen by those it is for, and not there for the others`, async () => {
        const answers: Relation[] = []
        for (const relation of relations)
          if (await seen(() => surface(scene, scene.viewers[relation]))) answers.push(relation)
        assert.deepEqual(answers, expected[name]?.[account])
      })
    }

    test('once suspended nothing of it is there for anybody, and all of it comes back', async () => {
      const { api } = app.modules.accounts
      const others = relations.filter((relation) => relation !== 'self')
      for (const state of ['suspended', 'deactivated', 'deleted'] as const) {
        await api.setState(scene.author.id, state)
        for (const [name, surface] of Object.entries(surfaces))
          for (const relation of others)
            assert.equal(
              await seen(() => surface(scene, scene.viewers[relation])),
              false,
              `${relation} sees ${name} of a ${state} account`,
            )
      }
      await api.setState(scene.author.id, 'active')
      for (const relation of ['follower', 'mutedFollower'] as const)
        assert.equal(await seen(() => surfaces['post by id']!(scene, scene.viewers[relation])), true)
    })
  })
}

test('public addresses handed out before an account went private are refused', async () => {
  const author = await buildPerson(app.client)
  const fan = await buildPerson(app.client)
  await follow(fan, author)
  const id = await share(author, 'still public')
  const addressesFor = async (viewer: Client) => {
    const { media } = await viewer.call('GET /api/posts/:id', { params: { id } })
    const { thumbnailUrl, mediumUrl, largeUrl, fallbackUrl } = media[0] ?? assert.fail('no medium')
    return [thumbnailUrl, mediumUrl, largeUrl, fallbackUrl].map((address) => app.url + address)
  }
  const statusOf = async (address: string) => {
    const response = await fetch(address)
    await response.arrayBuffer()
    return response.status
  }
  const old = await addressesFor(app.client)
  for (const address of old) assert.equal(await statusOf(address), 200)
  await author.call('PATCH /api/me', { body: { isPrivate: true } })
  for (const address of old) assert.notEqual(await statusOf(address), 200, address)
  const fresh = await addressesFor(fan)
  for (const address of fresh) assert.equal(await statusOf(address), 200)
  await author.call('DELETE /api/users/:username/follower', { params: { username: fan.username } })
  for (const address of fresh) assert.notEqual(await statusOf(address), 200, address)
})
