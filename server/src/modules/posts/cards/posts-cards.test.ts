import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Post } from '@heliograph/contract/posts'
import fc from 'fast-check'
import { createTestClock } from '#platform/clock/clock.ts'
import type { Skeleton } from '#platform/db/fill-page.ts'
import { textOfRaw } from '#platform/http/raw-json.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { createPostsKit, type Person, type PostsKit, refusal } from '../../../../test/helpers/posts-kit.ts'
import { until } from '../../../../test/helpers/until.ts'
import type { Reader } from '../posts-deps.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

type Name = 'author' | 'hidden' | 'follower' | 'writer' | 'blocked' | 'stranger'
const names: Name[] = ['author', 'hidden', 'follower', 'writer', 'blocked', 'stranger']

interface World {
  kit: PostsKit
  people: Record<Name, Person>
  posts: Id[]
}

async function createWorld(kit: PostsKit): Promise<World> {
  const entries = await Promise.all(
    names.map(async (name) => [name, await kit.person(undefined, { isPrivate: name === 'hidden' })] as const),
  )
  const people = Object.fromEntries(entries) as Record<Name, Person>
  const { hidden, follower, writer, blocked } = people
  for (const person of [follower, writer]) {
    await kit.follow(person, hidden)
    await hidden.call('PUT /api/follow-requests/:username', nameOf(person))
  }
  await writer.call('PUT /api/users/:username/block', nameOf(blocked))
  const world: World = { kit, people, posts: [] }
  for (const name of ['author', 'hidden'] as const) {
    world.posts.push(await share(world, name, {}))
    world.posts.push(await share(world, name, { showMetadata: true, count: 3, video: true }))
    world.posts.push(
      await share(world, name, {
        caption: `Größe 🜚 #light @${writer.user.username} and @${blocked.user.username}`,
        place: { name: 'Zürich', lat: 47.37, lng: 8.54 },
      }),
    )
  }
  await kit.follow(follower, people.author)
  await people.author.call('PUT /api/users/:username/close-friend', nameOf(writer))
  await hidden.call('PUT /api/users/:username/close-friend', nameOf(writer))
  for (const name of ['author', 'hidden'] as const)
    for (const audience of ['followers', 'close_friends'] as const)
      world.posts.push(await share(world, name, { audience }))
  const [first, second, third] = world.posts
  await comment(world, 'blocked', first!, 'zero')
  await comment(world, 'writer', first!, 'one')
  for (const text of ['a', 'b', 'c'])
    await comment(world, 'stranger', second!, `${text} @${writer.user.username}`)
  await comment(world, 'writer', second!, `hello @${people.author.user.username}`)
  for (let n = 0; n < 7; n++) await comment(world, n < 5 ? 'writer' : 'follower', third!, `number ${n}`)
  return world
}

const nameOf = (person: Person) => ({ params: { username: person.user.username } })

interface NewPost {
  audience?: 'followers' | 'close_friends'
  caption?: string
  place?: { name: string; lat?: number; lng?: number }
  showMetadata?: boolean
  count?: number
  video?: boolean
}

async function share(
  { kit, people }: World,
  name: Name,
  { count = 1, video, ...body }: NewPost,
): Promise<Id> {
  const author = people[name]
  const uploads: Id[] = []
  for (let n = 0; n < count; n++) uploads.push(await kit.upload(author))
  const { main } = kit.app.database
  await main
    .updateTable('media')
    .set({ exif: JSON.stringify({ cameraMake: 'Camera', cameraModel: 'One', iso: 64 }) as never })
    .where('upload_id', 'in', uploads)
    .execute()
  if (video)
    await main
      .updateTable('media')
      .set({
        media_type: 'video',
        duration_ms: 1500,
        has_audio: true,
        video_key: `videos/2026/01/01/720/${uploads[0]}_0011_720.mp4`,
        hls_key: `videos/2026/01/01/${uploads[0]}_0011/master.m3u8`,
      })
      .where('upload_id', '=', uploads[0]!)
      .execute()
  const post = await author.call('POST /api/posts', {
    body: { ...body, media: uploads.map((uploadId) => ({ uploadId, altText: `“${uploadId}”` })) },
  })
  assert.equal(post.status, 'ready')
  return post.id
}

const comment = ({ people }: World, name: Name, id: Id, text: string, parentId?: Id) =>
  people[name].call('POST /api/posts/:id/comments', { params: { id }, body: { text, parentId } })

function listOf(ids: readonly Id[]): Skeleton<{ post_id: Id }> {
  return {
    async read(position, count) {
      const start = position ? ids.indexOf(position[0]!) + 1 : 0
      return ids.slice(start, start + count).map((post_id) => ({ post_id }))
    },
    positionOf: (row) => [row.post_id],
  }
}

const readersOf = ({ people }: World): Reader[] => [
  null,
  ...names.map((name) => ({ id: people[name].user.id })),
]

interface Seen {
  items: Post[]
  nextPosition: readonly string[] | null
}

async function asCards({ kit, posts }: World, reader: Reader, limit: number): Promise<Seen> {
  const { presentCards } = kit.app.modules.posts.api
  const { cards, rows, nextPosition } = await presentCards(reader, listOf(posts), { position: null, limit })
  const items = cards.map((card): Post => {
    const post: Post = JSON.parse(textOfRaw(card.json()))
    assert.equal(post.likeCountHidden, card.likesHidden)
    assert.equal(post.author.fullName || post.author.username, card.authorName)
    return post
  })
  assert.deepEqual(
    rows.map((row) => row.post_id),
    items.map((post) => post.id),
  )
  return { items, nextPosition }
}

async function asPage({ kit, posts }: World, reader: Reader, limit: number): Promise<Seen> {
  const { presentPage } = kit.app.modules.posts.api
  const { items, nextPosition } = await presentPage(reader, listOf(posts), { position: null, limit })
  return { items, nextPosition }
}

/** That any of a list is shown is never said for what the page leaves out, however much of it there is, and never missed. */
async function assertAnyShown({ kit, posts }: World, reader: Reader, { items }: Seen): Promise<void> {
  const { showsAny } = kit.app.modules.posts.api
  const shown = new Set(items.map((post) => post.id))
  const leftOut = posts.filter((id) => !shown.has(id))
  const isAnyOf = (ids: readonly Id[]) => {
    const rest = ids.map((post_id) => ({ post_id }))
    return showsAny(reader, { read: (_, count) => rest.splice(0, count) })
  }
  const before = Array.from({ length: Math.ceil(70 / Math.max(1, leftOut.length)) }, () => leftOut).flat()
  assert.equal(await isAnyOf(before), false)
  for (const id of shown) assert.equal(await isAnyOf([...before, id]), true)
}

/** For everybody, one after the other, so that what one was shown would show with the next; and once more. */
async function assertSame(world: World, limits: readonly number[] = isLong ? [2, 50] : [50]): Promise<void> {
  for (const limit of limits) {
    const pages: [Reader, Seen][] = []
    for (const reader of readersOf(world)) {
      const page = await asPage(world, reader, limit)
      pages.push([reader, page])
      assert.deepEqual(await asCards(world, reader, limit), page)
      if (limit >= world.posts.length) await assertAnyShown(world, reader, page)
    }
    for (const [reader, page] of pages) assert.deepEqual(await asCards(world, reader, limit), page)
  }
}

/** What many do at once (likes, comments) is shown within a quarter of a second; everything else at once. */
async function assertSoonSame(world: World): Promise<void> {
  await until(async () => {
    await assertSame(world)
    return true
  })
}

describe('cards', () => {
  const clock = createTestClock()
  let world: World
  before(async () => {
    world = await createWorld(await createPostsKit({ clock }))
  })
  after(() => world.kit[Symbol.asyncDispose]())

  test('are the posts that a page has, field for field, cold and warm', async () => {
    await assertSoonSame(world)
    for (const limit of [2, 50]) {
      await assertSame(world, [limit])
      world.kit.app.modules.posts.api.dropMemory()
      await assertSame(world, [limit])
    }
  })

  test('are made from memory when it is warm, and from the database when it is not to be trusted', async () => {
    await assertSame(world)
    const stranger = { id: world.people.stranger.user.id }
    const { main } = world.kit.app.database
    const [post] = await asCardsOf(world, stranger)
    const caption = (text: string) =>
      main.updateTable('posts').set({ caption: text }).where('id', '=', post!.id).execute()
    // Nobody is told of it: memory answers.
    await caption('changed behind everybody’s back')
    assert.equal((await asCardsOf(world, stranger))[0]!.caption, post!.caption)
    await world.kit.app.coherence.stop()
    assert.equal((await asCardsOf(world, stranger))[0]!.caption, 'changed behind everybody’s back')
    await caption(post!.caption)
    await assertSame(world)
    await world.kit.app.coherence.start()
    await assertSoonSame(world)
  })

  test('take further members, and never show one reader what another was shown', async () => {
    const { presentCards } = world.kit.app.modules.posts.api
    const [id] = world.posts
    const { writer, stranger } = world.people
    await writer.call('PUT /api/posts/:id/like', { params: { id: id! } })
    const shown = async (reader: Reader) => {
      const { cards } = await presentCards(reader, listOf([id!]), { position: null, limit: 1 })
      return JSON.parse(textOfRaw(cards[0]!.json(['"reason":{"text":"ß"}']))) as Post
    }
    const [one, other, nobody] = [
      await shown({ id: writer.user.id }),
      await shown({ id: stranger.user.id }),
      await shown(null),
    ]
    assert.deepEqual([one.liked, other.liked, nobody.liked], [true, false, false])
    assert.deepEqual(one.reason, { text: 'ß' } as never)
    assert.equal(one.newestComments[0]!.canDelete, true)
    assert.equal(other.newestComments[0]!.canDelete, false)
    assert.equal(one.likeCount, 1, 'one’s own like is counted at once')
    await writer.call('DELETE /api/posts/:id/like', { params: { id: id! } })
  })

  for (const [what, change] of Object.entries(changes()))
    test(`are right after ${what}`, async () => {
      // Everybody's have just been looked at.
      await change(world)
      await assertSoonSame(world)
    })

  test('show authors what is theirs alone from memory, and nobody else', async () => {
    const { people, kit } = world
    await assertSoonSame(world)
    const { main } = kit.app.database
    for (const name of ['author', 'hidden'] as const) {
      const owner = { id: people[name].user.id }
      const mine = (await asCardsOf(world, owner)).filter(({ author }) => author.id === owner.id)
      assert.equal(mine.length, 5)
      for (const { media } of mine)
        for (const one of media) for (const key of ownKeys) assert.ok(key in one, key)
      // Nobody is told of it: memory answers.
      const caption = (text: string) =>
        main.updateTable('posts').set({ caption: text }).where('id', '=', mine[1]!.id).execute()
      await caption('changed behind everybody’s back')
      assert.equal(
        (await asCardsOf(world, owner)).find(({ id }) => id === mine[1]!.id)!.caption,
        mine[1]!.caption,
      )
      await caption(mine[1]!.caption)
      for (const reader of readersOf(world).filter((one) => one?.id !== owner.id))
        for (const post of await asCardsOf(world, reader)) {
          if (post.author.id !== owner.id) continue
          assert.ok(!('failure' in post))
          for (const one of post.media) for (const key of ownKeys) assert.ok(!(key in one), key)
        }
    }
  })

  test('are right at once after what takes sight away', async () => {
    const { people, kit } = world
    const { author, writer, stranger, blocked } = people
    const [id] = world.posts
    const params = { id: id! }
    const said = await comment(world, 'writer', id!, 'soon gone')
    await assertSoonSame(world)
    await writer.call('DELETE /api/posts/:id/comments/:commentId', {
      params: { id: id!, commentId: said.id },
    })
    await assertSame(world)
    await author.call('PATCH /api/posts/:id', { params, body: { caption: 'other words' } })
    await assertSame(world)
    await author.call('PUT /api/users/:username/block', nameOf(stranger))
    await assertSame(world)
    await author.call('DELETE /api/users/:username/block', nameOf(stranger))
    await author.call('PUT /api/users/:username/close-friend', nameOf(writer))
    for (const audience of ['close_friends', 'followers', 'public', 'close_friends'] as const) {
      await author.call('PATCH /api/posts/:id', { params, body: { audience } })
      await assertSame(world)
    }
    await author.call('DELETE /api/users/:username/close-friend', nameOf(writer))
    await assertSame(world)
    await author.call('PATCH /api/posts/:id', { params, body: { audience: 'public' } })
    await author.call('PATCH /api/me', { body: { hideLikeCounts: true } })
    await assertSame(world)
    await author.call('PATCH /api/me', { body: { hideLikeCounts: false, isPrivate: true } })
    await assertSame(world)
    await author.call('PATCH /api/me', { body: { isPrivate: false } })
    await kit.app.modules.accounts.api.setState(blocked.user.id, 'suspended')
    await assertSame(world)
    await kit.app.modules.accounts.api.setState(blocked.user.id, 'active')
    await assertSame(world)
  })

  test('are right under any history', async () => {
    const act = fc.record({
      what: fc.constantFrom(...Object.keys(changes())),
      who: fc.constantFrom(...names),
      at: fc.nat({ max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 10 }), async (acts) => {
        // What this one may not do is refused, and changes nothing.
        for (const { what, who, at } of acts)
          await refusal(changes()[what]!(world, world.people[who], world.posts[at]!))
        await assertSoonSame(world)
      }),
      { numRuns: isLong ? 60 : 3, endOnFailure: true },
    )
  })

  test('have new addresses before half the life of the old ones is over', async () => {
    const { follower, author, hidden } = world.people
    await hidden.call('PATCH /api/me', { body: { isPrivate: true } })
    const expiryOf = (address: string | null | undefined) => Number(address!.split('/')[2]) * 1000
    const addresses = async () => {
      const asFollower = await asCardsOf(world, { id: follower.user.id })
      const asAuthor = await asCardsOf(world, { id: author.user.id })
      const limited = asFollower.filter((post) => post.author.id === hidden.user.id)
      const own = asAuthor.filter((post) => post.author.id === author.user.id)
      return [
        ...limited.map(({ media }) => media[0]!.largeUrl),
        ...own.map(({ media }) => media[0]!.originalUrl),
      ]
    }
    assert.ok((await addresses()).length > 0)
    const minute = 60_000
    for (let passed = 0; passed < 130; passed += 10) {
      for (const address of await addresses())
        assert.ok(expiryOf(address) - clock.now() >= 60 * minute - 1000)
      await clock.advance(10 * minute)
    }
  })
})

const ownKeys = ['originalUrl', 'crop', 'filter', 'edits'] as const

async function asCardsOf(world: World, reader: Reader): Promise<Post[]> {
  return (await asCards(world, reader, 50)).items
}

type Change = (world: World, who?: Person, id?: Id) => Promise<unknown>

/** Everything that changes what a post shows; without names, of the first post by the first who come to mind. */
function changes(): Record<string, Change> {
  const on = (id: Id) => ({ params: { id } })
  return {
    'a like': ({ people, posts }, who = people.stranger, id = posts[0]!) =>
      who.call('PUT /api/posts/:id/like', on(id)),
    'a like that is taken back': ({ people, posts }, who = people.stranger, id = posts[0]!) =>
      who.call('DELETE /api/posts/:id/like', on(id)),
    'a save': ({ people, posts }, who = people.stranger, id = posts[0]!) =>
      who.call('PUT /api/posts/:id/save', on(id)),
    'a save that is taken back': ({ people, posts }, who = people.stranger, id = posts[0]!) =>
      who.call('DELETE /api/posts/:id/save', on(id)),
    'a share': ({ people, posts }, who = people.follower, id = posts[0]!) =>
      who.call('POST /api/posts/:id/shares', on(id)),
    'a comment': ({ people, posts }, who = people.follower, id = posts[0]!) =>
      who.call('POST /api/posts/:id/comments', {
        ...on(id),
        body: { text: `@${people.blocked.user.username} #x` },
      }),
    'an answer': async ({ people, posts }, who = people.stranger, id = posts[0]!) => {
      const { items } = await who.call('GET /api/posts/:id/comments', on(id))
      await who.call('POST /api/posts/:id/comments', {
        ...on(id),
        body: { text: 're', parentId: items[0]!.id },
      })
    },
    'a comment that waits for a moderator': ({ people, posts }, who = people.follower, id = posts[0]!) =>
      who.call('POST /api/posts/:id/comments', { ...on(id), body: { text: 'you bitch' } }),
    'a comment that is let out': async ({ kit }) => {
      const held = await kit.app.database.main
        .selectFrom('comments')
        .select(['id', 'post_id'])
        .where('held_at', 'is not', null)
        .orderBy('id')
        .executeTakeFirst()
      if (held)
        await kit.app.database.transaction((tx) =>
          kit.app.modules.posts.api.moderation.approveComment(tx, {
            postId: held.post_id,
            commentId: held.id,
          }),
        )
    },
    'a comment that is deleted': async ({ people, posts }, who = people.author, id = posts[0]!) => {
      const { items } = await who.call('GET /api/posts/:id/comments', on(id))
      await who.call('DELETE /api/posts/:id/comments/:commentId', { params: { id, commentId: items[0]!.id } })
    },
    'other words': ({ people, posts }, who = people.author, id = posts[0]!) =>
      who.call('PATCH /api/posts/:id', {
        ...on(id),
        body: { caption: `changed @${people.stranger.user.username}`, showMetadata: true },
      }),
    'another way to see it': async ({ kit, people, posts }, who = people.author, id = posts[0]!) => {
      await kit.app.database.transaction((tx) =>
        kit.app.modules.posts.api.moderation.approvePost(
          tx,
          { postId: id, authorId: who.user.id },
          { sensitive: true },
        ),
      )
    },
    'media that were rendered anew': async ({ kit, posts }, _who, id = posts[0]!) => {
      const { main } = kit.app.database
      const rows = await main
        .selectFrom('media')
        .select(['id', 'owner_id', 'revision', 'large_key'])
        .where('post_id', '=', id)
        .execute()
      for (const row of rows)
        await kit.app.database.transaction(async (tx) => {
          const large_key = row.large_key!.replace(/(?=\.webp)/, 'x')
          await tx.updateTable('media').set({ large_key }).where('id', '=', row.id).execute()
          const data = { ownerId: row.owner_id, purpose: 'media' as const, postId: id, revision: 2 }
          await kit.app.events.emit(tx, 'media.ready', {
            bucket: bucketOf(row.id),
            subjectId: row.id,
            data: { ...data, replacedKeys: [] },
          })
        })
    },
    'another look': async ({ people, posts }, who = people.author, id = posts[0]!) => {
      const { media } = await who.call('GET /api/posts/:id', on(id))
      const filter = media[0]!.filter === 'golden' ? ('noon' as const) : ('golden' as const)
      await who.call('PATCH /api/posts/:id', {
        ...on(id),
        body: { media: media.map((one) => ({ id: one.id, filter, edits: { contrast: 8 } })) },
      })
    },
    'a look that failed': ({ kit, posts }, _who, id = posts[0]!) => kit.finishMedia(id, 'failed'),
    'a look that is tried once more': ({ people, posts }, who = people.author, id = posts[0]!) =>
      who.call('POST /api/posts/:id/retry', on(id)),
    'a look that is there': ({ kit, posts }, _who, id = posts[0]!) => kit.finishMedia(id, 'ready'),
    'another name': ({ people }, who = people.writer) =>
      who.call('PATCH /api/me', { body: { fullName: `Name ${Math.random()}` } }),
    'a block': ({ people }, who = people.stranger) =>
      who.call('PUT /api/users/:username/block', nameOf(people.follower)),
    'a block that ends': ({ people }, who = people.stranger) =>
      who.call('DELETE /api/users/:username/block', nameOf(people.follower)),
    'keeping it for followers': ({ people, posts }, who = people.author, id = posts[0]!) =>
      who.call('PATCH /api/posts/:id', { ...on(id), body: { audience: 'followers' } }),
    'a close friend': ({ people }, who = people.author) =>
      who.call('PUT /api/users/:username/close-friend', nameOf(people.writer)),
    'keeping it for close friends': ({ people, posts }, who = people.author, id = posts[0]!) =>
      who.call('PATCH /api/posts/:id', { ...on(id), body: { audience: 'close_friends' } }),
    'a close friend who is none any more': ({ people }, who = people.author) =>
      who.call('DELETE /api/users/:username/close-friend', nameOf(people.writer)),
    'giving it to everybody again': ({ people, posts }, who = people.author, id = posts[0]!) =>
      who.call('PATCH /api/posts/:id', { ...on(id), body: { audience: 'public' } }),
    'hiding who likes': ({ people }, who = people.author) =>
      who.call('PATCH /api/me', { body: { hideLikeCounts: true } }),
    'showing it again': ({ people }, who = people.author) =>
      who.call('PATCH /api/me', { body: { hideLikeCounts: false } }),
    'going private': ({ people }, who = people.writer) =>
      who.call('PATCH /api/me', { body: { isPrivate: true } }),
    'going public': ({ people }, who = people.writer) =>
      who.call('PATCH /api/me', { body: { isPrivate: false } }),
    'a follow': ({ people }, who = people.stranger) =>
      who.call('PUT /api/users/:username/follow', nameOf(people.author)),
    'a follow that ends': ({ people }, who = people.follower) =>
      who.call('DELETE /api/users/:username/follow', nameOf(people.hidden)),
    'suspending somebody': ({ kit, people }, who = people.blocked) =>
      who === people.blocked
        ? kit.app.modules.accounts.api.setState(who.user.id, 'suspended')
        : Promise.resolve(),
    'their return': ({ kit, people }) =>
      kit.app.modules.accounts.api.setState(people.blocked.user.id, 'active'),
  }
}
