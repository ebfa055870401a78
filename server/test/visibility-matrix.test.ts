import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ApiError, type Client } from '@heliograph/client'
import type { LiveEvent } from '@heliograph/contract/live'
import type { Audience, Post } from '@heliograph/contract/posts'
import pLimit from 'p-limit'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, follow, type Person } from './helpers/factories.ts'
import { type Listener, listen } from './helpers/listener.ts'
import {
  type Account,
  type Author,
  accounts,
  addressesOf,
  buildWorld,
  type Relation,
  relations,
  saidInGroupBy,
  share,
  type World,
  waitsBy,
} from './helpers/visibility-world.ts'

// Who may see what, written out by hand: nothing here asks the rule that the server goes by.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

const anyone: Relation[] = [
  ...['self', 'follower', 'pending', 'stranger', 'removed', 'muting', 'muting stranger'],
  'signed out',
] as Relation[]
const signedIn = anyone.filter((name) => name !== 'signed out')
const accepted: Relation[] = ['self', 'follower', 'muting']
const readers: Relation[] = ['self', 'follower']
const everybody: Relation[] = [...relations]

interface Row {
  /** Has nothing to do with a post: it is not asked about each of them. */
  isApart?: true
  public: Relation[]
  private: Relation[]
  sees(ask: Ask): Promise<boolean>
}
interface Ask {
  viewer: Client
  author: Author
  post: Post
}

/** The posts and what hangs on them: for anybody, or for accepted followers alone. */
const likePosts = { public: anyone, private: accepted }
/** The same for what only somebody signed in can ask. */
const likePostsSignedIn = { public: signedIn, private: accepted }
/** A name is not hidden by a private account, nor from whoever blocks it and may want to unblock. */
const likeNames: Pick<Row, 'public' | 'private'> = {
  public: [...anyone, 'blocking'],
  private: [...anyone, 'blocking'],
}

/** A Story is for who follows, whoever may see the account's posts. */
const likeStories: Omit<Row, 'sees'> = { public: accepted, private: accepted, isApart: true }

const surfaces: Record<string, Row> = {
  'the tray': {
    isApart: true,
    public: readers,
    private: readers,
    sees: async ({ viewer, author }) => {
      const { items } = await viewer.call('GET /api/stories')
      return items.some(({ user }) => user.id === author.person.id)
    },
  },
  'the Stories of the person': {
    ...likeStories,
    sees: async ({ viewer, author }) => {
      const params = { username: author.person.username }
      return (await viewer.call('GET /api/users/:username/stories', { params })).items.length > 0
    },
  },
  'the Story by its id': {
    ...likeStories,
    sees: async ({ viewer, author }) =>
      answers(viewer.call('GET /api/stories/:id', { params: { id: author.story.id } })),
  },
  'a look at the Story': {
    ...likeStories,
    sees: async ({ viewer, author }) =>
      answers(viewer.call('PUT /api/stories/:id/seen', { params: { id: author.story.id } })),
  },
  'a reaction to the Story': {
    isApart: true,
    public: ['follower', 'muting'],
    private: ['follower', 'muting'],
    sees: async ({ viewer, author }) =>
      answers(
        viewer.call('POST /api/stories/:id/reactions', {
          params: { id: author.story.id },
          body: { emoji: '👍' },
        }),
      ),
  },
  'who has seen the Story': {
    isApart: true,
    public: ['self'],
    private: ['self'],
    sees: async ({ viewer, author }) =>
      answers(viewer.call('GET /api/stories/:id/viewers', { params: { id: author.story.id } })),
  },
  'the highlights of the person': {
    ...likeStories,
    sees: async ({ viewer, author }) => {
      const params = { username: author.person.username }
      return (await viewer.call('GET /api/users/:username/highlights', { params })).items.length > 0
    },
  },
  'the Stories of a highlight': {
    ...likeStories,
    sees: async ({ viewer, author }) => {
      const { items } = await viewer.call('GET /api/highlights/:id', { params: { id: author.highlightId } })
      return items.some(({ id }) => id === author.story.id)
    },
  },
  'a notification of the author’s answer to a comment of the viewer’s': {
    isApart: true,
    public: signedIn.filter((name) => name !== 'self'),
    private: ['follower', 'muting'],
    sees: async ({ viewer, author }) => {
      const { items, unreadCount } = await viewer.call('GET /api/notifications', { query: { limit: 50 } })
      assert.equal(unreadCount, items.filter(({ isNew }) => isNew).length)
      return items.some(
        ({ kind, people }) => kind === 'reply' && people.some(({ id }) => id === author.person.id),
      )
    },
  },
  'the post by its id': {
    ...likePosts,
    sees: async ({ viewer, post }) => {
      const found = await viewer.call('GET /api/posts/:id', { params: { id: post.id } })
      return found.id === post.id
    },
  },
  'what the camera of its picture wrote': {
    ...likePosts,
    sees: async ({ viewer, post }) => {
      const found = await viewer.call('GET /api/posts/:id', { params: { id: post.id } })
      return found.media[0]?.metadata?.lens !== undefined
    },
  },
  'the list of its likers': {
    ...likePosts,
    sees: async ({ viewer, post }) =>
      answers(viewer.call('GET /api/posts/:id/likes', { params: { id: post.id } })),
  },
  'its comments': {
    ...likePosts,
    sees: async ({ viewer, post }) =>
      answers(viewer.call('GET /api/posts/:id/comments', { params: { id: post.id } })),
  },
  'a like of it': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) =>
      answers(viewer.call('PUT /api/posts/:id/like', { params: { id: post.id } })),
  },
  'a save of it': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) =>
      answers(viewer.call('PUT /api/posts/:id/save', { params: { id: post.id } })),
  },
  'a comment on it': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) =>
      answers(
        viewer.call('POST /api/posts/:id/comments', { params: { id: post.id }, body: { text: 'Again' } }),
      ),
  },
  'a share of it': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) =>
      answers(viewer.call('POST /api/posts/:id/shares', { params: { id: post.id } })),
  },
  'the profile': {
    ...likeNames,
    sees: async ({ viewer, author }) =>
      answers(viewer.call('GET /api/users/:username', { params: { username: author.person.username } })),
  },
  'the picture of the author': {
    ...likeNames,
    sees: async ({ viewer, author }) => {
      const params = { username: author.person.username }
      const { avatarUrl } = await viewer.call('GET /api/users/:username', { params })
      return avatarUrl !== null && (await statusOf(viewer, avatarUrl)) === 200
    },
  },
  'the posts of the profile': {
    ...likePosts,
    sees: async ({ viewer, author, post }) => {
      const params = { username: author.person.username }
      return has(await all(viewer.all('GET /api/users/:username/posts', { params })), post)
    },
  },
  'the list of followers': {
    ...likePosts,
    sees: async ({ viewer, author }) => {
      const params = { username: author.person.username }
      return (await all(viewer.all('GET /api/users/:username/followers', { params }))).length > 0
    },
  },
  'the list of whom the author follows': {
    ...likePosts,
    sees: async ({ viewer, author }) => {
      const params = { username: author.person.username }
      return (await all(viewer.all('GET /api/users/:username/following', { params }))).length > 0
    },
  },
  'the feed': {
    public: readers,
    private: readers,
    sees: async ({ viewer, post }) => has(await all(viewer.all('GET /api/feed')), post),
  },
  'the page of a hashtag that others use too': {
    ...likePosts,
    sees: async ({ viewer, post }) =>
      has(await all(viewer.all('GET /api/tags/:tag/posts', { params: { tag: 'shared' } })), post),
  },
  'the page of a hashtag of their own': {
    ...likePosts,
    sees: async ({ viewer, author, post }) =>
      has(await all(viewer.all('GET /api/tags/:tag/posts', { params: { tag: author.secret } })), post),
  },
  'what one saved': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) => {
      await answers(viewer.call('PUT /api/posts/:id/save', { params: { id: post.id } })).catch(() => false)
      return has(await all(viewer.all('GET /api/me/saved')), post)
    },
  },
  'what one likes': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) => {
      await answers(viewer.call('PUT /api/posts/:id/like', { params: { id: post.id } })).catch(() => false)
      return has(await all(viewer.all('GET /api/me/likes')), post)
    },
  },
  'a copy of what one saved, to take along': {
    ...likePostsSignedIn,
    sees: async ({ viewer, author, post }) => {
      await answers(viewer.call('PUT /api/posts/:id/save', { params: { id: post.id } })).catch(() => false)
      const saved = await rowsOfCopy<{ postId: string; author: string | null }>(viewer, 'saves')
      return saved.some((one) => one.postId === post.id && one.author === author.person.username)
    },
  },
  'the completion of the name': {
    public: signedIn,
    private: signedIn,
    sees: async ({ viewer, author }) => {
      const { items } = await viewer.call('GET /api/users', {
        query: { prefix: author.person.username.slice(0, 6) },
      })
      return items.some(({ id }) => id === author.person.id)
    },
  },
  // Through a friend of all: who follows already is offered nobody, and a private account is offered to nobody.
  'what is suggested': {
    public: ['stranger', 'removed'],
    private: [],
    sees: async ({ viewer, author }) => {
      const { items } = await viewer.call('GET /api/suggestions', { query: { limit: 50 } })
      return items.some(({ user }) => user.id === author.person.id)
    },
  },
  'the completion of their hashtag': {
    ...likePostsSignedIn,
    sees: async ({ viewer, author }) => {
      const { items } = await viewer.call('GET /api/tags', { query: { prefix: author.secret } })
      return items.length > 0
    },
  },
  'the post as a friend shared it in a group of all of them': {
    ...likePostsSignedIn,
    sees: async ({ viewer, author, post }) => {
      const { items } = await viewer.call('GET /api/conversations/:id/messages', {
        params: { id: groupOf(author) },
      })
      return items.some(({ attachments }) =>
        attachments.some((one) => one.type === 'post' && one.post?.id === post.id),
      )
    },
  },
  'the post that a friend shared in a copy of one’s messages': {
    ...likePostsSignedIn,
    sees: async ({ viewer, post }) => {
      const written = await rowsOfCopy<{ attachments?: { postId?: string }[] }>(viewer, 'messages')
      return written.some(({ attachments = [] }) => attachments.some(({ postId }) => postId === post.id))
    },
  },
  'the tags of its link’s page': {
    // Made for whoever follows a link, and so as a visitor sees it, whoever asks.
    public: everybody,
    private: [],
    sees: async ({ viewer, author, post }) => {
      const response = await fetch(`${viewer.baseUrl}/p/${post.id}`, { headers: headersOf(viewer) })
      const page = await response.text()
      const tells = page.includes(author.secret) || page.includes(author.person.username)
      assert.equal(response.status, tells ? 200 : 404)
      return tells
    },
  },
  'the addresses of its picture': {
    ...likePosts,
    sees: async ({ viewer, post }) => {
      const found = await viewer.call('GET /api/posts/:id', { params: { id: post.id } })
      const given = Object.values(addressesOf(found))
      const statuses = await Promise.all(given.map((address) => statusOf(viewer, address)))
      return statuses.every((status) => status === 200)
    },
  },
  'the address of its original': {
    public: ['self'],
    private: ['self'],
    sees: async ({ viewer, post }) => {
      const found = await viewer.call('GET /api/posts/:id', { params: { id: post.id } })
      const original = found.media[0]?.originalUrl
      return original !== undefined && (await statusOf(viewer, original)) === 200
    },
  },
}

/** A file of the copy that somebody can take along, as it would be written at this moment. */
async function rowsOfCopy<T>(viewer: Client, name: string): Promise<T[]> {
  const { id } = await viewer.call('GET /api/me')
  const wish = { id, before: '9223372036854775807' }
  const files = app.modules.accounts.api.exportRooms.flatMap((room) => room.data(wish))
  const file = files.find((one) => one.name === name)
  assert.ok(file && 'rows' in file)
  const rows: object[] = []
  for await (const row of file.rows()) rows.push(row)
  return rows as T[]
}

/** Its members are the author and whoever is signed in. */
function groupOf(author: Author): string {
  return world.groups[accounts.find((account) => world.authors[account].person.id === author.person.id)!]
}

/** What authors do at a friend's, whose post everybody may see. */
const elsewhere: Record<string, Row> = {}

function addElsewhere(name: string, row: Pick<Row, 'public' | 'private'>, sees: Elsewhere): void {
  elsewhere[name] = { ...row, sees: (ask) => sees({ ...ask, world }) }
}
type Elsewhere = (ask: Ask & { world: World }) => Promise<boolean>

addElsewhere(
  'the author’s comment on a friend’s post',
  { public: anyone, private: anyone },
  async ({ viewer, author, world: { friendsPost } }) => {
    const params = { id: friendsPost.id }
    const comments = await all(viewer.all('GET /api/posts/:id/comments', { params }))
    return comments.some((comment) => comment.author.id === author.person.id)
  },
)
addElsewhere(
  'the author’s words in a group of all of them',
  { public: signedIn, private: signedIn },
  async ({ viewer, author }) => {
    const params = { id: groupOf(author) }
    const { items } = await viewer.call('GET /api/conversations/:id/messages', { params })
    return items.some(({ text }) => text === saidInGroupBy(author.person))
  },
)
addElsewhere(
  'the author’s comment that waits for a friend to approve it',
  { public: ['self'], private: ['self'] },
  async ({ viewer, author, world: { friendsPost } }) => {
    const params = { id: friendsPost.id }
    const [comments, { newestComments }] = await Promise.all([
      all(viewer.all('GET /api/posts/:id/comments', { params })),
      viewer.call('GET /api/posts/:id', { params }),
    ])
    return [...comments, ...newestComments].some(({ text }) => text === waitsBy(author.person))
  },
)
addElsewhere(
  'the author’s name among the likers of a friend’s post',
  likeNames,
  async ({ viewer, author, world: { friendsPost } }) => {
    const likers = await all(viewer.all('GET /api/posts/:id/likes', { params: { id: friendsPost.id } }))
    return likers.some((liker) => liker.id === author.person.id)
  },
)
addElsewhere(
  'the author’s name among a friend’s followers',
  likeNames,
  async ({ viewer, author, world: { friend } }) => {
    const params = { username: friend.username }
    const followers = await all(viewer.all('GET /api/users/:username/followers', { params }))
    return followers.some((follower) => follower.id === author.person.id)
  },
)
addElsewhere(
  'the mention of the author by a friend',
  likeNames,
  async ({ viewer, author, world: { friendsPost } }) => {
    const { entities } = await viewer.call('GET /api/posts/:id', { params: { id: friendsPost.id } })
    return entities.some((entity) => entity.userId === author.person.id)
  },
)

let app: TestApp
let world: World
const listeners = new Map<Relation | Account, Listener>()

before(async () => {
  app = await createTestApp()
  world = await buildWorld(app, {
    async beforeNewPosts({ viewer, people }) {
      for (const relation of relations)
        if (relation !== 'self' && relation !== 'signed out')
          listeners.set(relation, await listen(app.url, viewer(relation, 'public').token ?? ''))
      for (const account of accounts)
        listeners.set(account, await listen(app.url, people[account].token ?? ''))
    },
  })
})
after(async () => {
  for (const listener of listeners.values()) await listener[Symbol.asyncDispose]()
  await app[Symbol.asyncDispose]()
})

/** A request is only there while the account is private. */
function stands(relation: Relation, account: Account): boolean {
  return relation !== 'pending' || account !== 'public'
}

/** More than that at once is refused by a busy server. */
const atOnce = pLimit(12)

/** Asks for everything beside each other, about the post of before and the new one. */
async function listWrong(
  account: Account,
  relation: Relation,
  memory: string,
  ages: readonly ('old' | 'new')[] = ['old', 'new'],
  /** Where it is not what stands beside each surface. */
  may?: readonly Relation[],
): Promise<string[]> {
  const author = world.authors[account]
  const viewer = world.viewer(relation, account)
  const asked = Object.entries({ ...surfaces, ...elsewhere }).flatMap(([name, row]) =>
    ages.filter((age) => age === 'new' || row.isApart !== true).map((age) => ({ name, row, age })),
  )
  const wrong = await atOnce.map(asked, async ({ name, row, age }) => {
    const expected = (may ?? row[account === 'public' ? 'public' : 'private']).includes(relation)
    const post = age === 'old' ? author.oldPost : author.newPost
    const sees = await isSeen(row.sees({ viewer, author, post }))
    if (sees === expected) return []
    const what = sees ? 'sees what is not for them' : 'does not see what is for them'
    return [`${relation} ${what} in ${name} (${account} account, ${age} post, memory ${memory})`]
  })
  return wrong.flat()
}

for (const account of accounts) {
  const asking = relations.filter((name) => stands(name, account))
  for (const relation of asking)
    test(`of a ${account} account: ${relation} never sees more, nor less, than may be`, async () => {
      app.coherence.forget()
      assert.deepEqual(await listWrong(account, relation, 'cold'), [])
    })

  test(`of a ${account} account: nobody ever sees what others, or they before, left in memory`, async () => {
    const wrong: string[] = []
    for (let round = 0; round < (isLong ? 2 : 1); round++)
      for (const relation of [...asking, ...asking.slice(0, 1)])
        wrong.push(...(await listWrong(account, relation, 'warm')))
    assert.deepEqual(wrong, [])
  })
}

test('nobody ever sees more, nor less, while memory is not to be trusted', async () => {
  await app.coherence.stop()
  // Where nothing is remembered, when a post was made tells nothing.
  for (const account of accounts)
    for (const relation of relations.filter((name) => stands(name, account)))
      assert.deepEqual(
        await listWrong(account, relation, 'not to be trusted', isLong ? ['old', 'new'] : ['new']),
        [],
      )
  assert.equal(app.coherence.isCurrent(), false)
  await app.coherence.start()
  assert.equal(app.coherence.isCurrent(), true)
})

test('what is not for somebody never looks other than what is not there', async () => {
  const { newPost, person } = world.authors.private
  const absent = String(BigInt(newPost.id) + 32n)
  for (const relation of ['stranger', 'pending', 'removed', 'blocked', 'signed out'] as const) {
    const viewer = world.viewer(relation, 'private')
    const [hidden, nothing] = await Promise.all(
      [newPost.id, absent].map((id) => problemOf(viewer.call('GET /api/posts/:id', { params: { id } }))),
    )
    assert.deepEqual(hidden, nothing, relation)
  }
  const blocked = world.viewer('blocked', 'private')
  const [hidden, nothing] = await Promise.all(
    [person.username, 'nobody_at_all'].map((username) =>
      problemOf(blocked.call('GET /api/users/:username', { params: { username } })),
    ),
  )
  assert.deepEqual(hidden, nothing)
})

test('neither likes that are hidden nor a closed list are ever told to anybody but their owner', async () => {
  const lists = ['the list of followers', 'the list of whom the author follows'] as const
  const wrong: string[] = []
  for (const account of accounts) {
    const author = world.authors[account]
    const { person, oldPost: post } = author
    await person.call('PATCH /api/me', { body: { hideLikeCounts: true, listsVisibleTo: 'nobody' } })
    await atOnce.map(relations, async (relation) => {
      const viewer = world.viewer(relation, account)
      const params = { id: post.id }
      const isOwn = relation === 'self'
      const told: Record<string, boolean> = {
        count: await isSeen(viewer.call('GET /api/posts/:id', { params }).then((seen) => seen.likeCount > 0)),
        likers: await isSeen(
          all(viewer.all('GET /api/posts/:id/likes', { params })).then((by) => by.length > 0),
        ),
      }
      for (const name of lists) told[name] = await isSeen(surfaces[name]!.sees({ viewer, author, post }))
      for (const [name, isTold] of Object.entries(told))
        if (isTold !== isOwn) wrong.push(`${relation} ${isTold ? 'sees' : 'misses'} ${name} of ${account}`)
    })
    await person.call('PATCH /api/me', { body: { hideLikeCounts: false, listsVisibleTo: 'everyone' } })
  }
  assert.deepEqual(wrong, [])
})

describe('addresses of pictures that were handed out before', () => {
  test('are never good once the account is private or a follower was taken out', async () => {
    for (const account of ['private', 'gone private'] as const)
      for (const [relation, addresses] of world.authors[account].handedOut)
        for (const [size, address] of Object.entries(addresses))
          for (const as of [app.client, world.viewer('follower', account)])
            assert.equal(
              await statusOf(as, address),
              403,
              `${size} that ${relation} had of the ${account} account`,
            )
    assert.equal(await statusOf(app.client, world.authors['gone private'].oldAvatar), 403)
  })

  test('are never good once the post is deleted', async () => {
    const { person, newPost } = world.authors.public
    const params = { id: newPost.id }
    const given = addressesOf(await person.call('GET /api/posts/:id', { params }))
    await person.call('DELETE /api/posts/:id', { params })
    for (const [size, address] of Object.entries(given))
      assert.equal(await statusOf(person, address), 410, size)
  })
})

describe('live events', () => {
  const kinds: Record<string, { allowed: Relation[]; isAbout(event: LiveEvent, author: Author): boolean }> = {
    'of a new post': {
      allowed: readers,
      isAbout: (event, { newPost }) => event.type === 'feed.post' && event.postId === newPost.id,
    },
    'of a state': {
      allowed: ['self'],
      isAbout: (event, { newPost }) => event.type === 'post.status' && event.postId === newPost.id,
    },
    'of counts': {
      allowed: ['self'],
      isAbout: (event, { newPost }) => event.type === 'post.counts' && event.postId === newPost.id,
    },
  }
  for (const [name, { allowed, isAbout }] of Object.entries(kinds))
    test(`${name} never reach anybody else, and all who are to hear them`, async () => {
      await hearAll(isAbout)
      assert.deepEqual(heardOtherwise(allowed, isAbout), [])
    })

  test('of an end never reach anybody who could not see the post', async () => {
    const ended = new Map<Account, Post>()
    for (const account of accounts) {
      const { person, oldPost } = world.authors[account]
      await person.call('DELETE /api/posts/:id', { params: { id: oldPost.id } })
      ended.set(account, oldPost)
    }
    const isAbout = (event: LiveEvent, { oldPost }: Author) =>
      event.type === 'post.gone' && event.postId === oldPost.id
    await hearAll(isAbout)
    assert.deepEqual(heardOtherwise(accepted, isAbout), [])
  })

  /** Everything committed is told; counts follow a moment after. */
  async function hearAll(isAbout: (event: LiveEvent, author: Author) => boolean): Promise<void> {
    await app.settle()
    for (const account of accounts) {
      const own = listeners.get(account)
      while (!own?.events.some((event) => isAbout(event, world.authors[account])))
        await new Promise((resolve) => setTimeout(resolve, 10))
    }
    for (const listener of listeners.values()) await listener.caughtUp()
  }

  function heardOtherwise(
    allowed: Relation[],
    isAbout: (event: LiveEvent, author: Author) => boolean,
  ): string[] {
    const wrong: string[] = []
    for (const account of accounts)
      for (const [name, { events }] of listeners) {
        if (!stands(name as Relation, account)) continue
        const relation = name === account ? 'self' : (name as Relation)
        const heard = events.some((event) => isAbout(event, world.authors[account]))
        if (heard !== allowed.includes(relation))
          wrong.push(`${name} ${heard ? 'heard' : 'did not hear'} of the ${account} account’s post`)
      }
    return wrong
  }
})

/** Surfaces that show the post asked about, and not only its author. */
const ofPosts = [
  ...['the post by its id', 'the list of its likers', 'its comments', 'a like of it', 'a save of it'],
  ...['a comment on it', 'a share of it', 'the posts of the profile', 'the feed', 'what one saved'],
  ...['the page of a hashtag of their own', 'the page of a hashtag that others use too', 'what one likes'],
  ...[
    'the addresses of its picture',
    'the tags of its link’s page',
    'a copy of what one saved, to take along',
  ],
]

describe('a post for some alone', () => {
  /** Beside those of the world: on the lists of all authors; the last one is not any more. */
  const closeOnes = ['close follower', 'close friend', 'no longer close'] as const
  type Onlooker = Relation | (typeof closeOnes)[number]
  const close = {} as Record<(typeof closeOnes)[number], Person>
  const followers: Onlooker[] = ['self', 'follower', 'muting', 'close follower', 'no longer close']
  const inFeeds: Onlooker[] = followers.filter((name) => name !== 'muting')

  /** Who may see it at all, by the account and the audience. */
  const seers: Record<'public' | 'private', Record<Exclude<Audience, 'public'>, Onlooker[]>> = {
    public: { followers, close_friends: ['self', 'close follower', 'close friend'] },
    private: { followers, close_friends: ['self', 'close follower'] },
  }
  const viewerOf = (name: Onlooker, account: Account): Client =>
    name in close ? close[name as keyof typeof close] : world.viewer(name as Relation, account)
  const asking = (account: Account): Onlooker[] => [
    ...relations.filter((name) => stands(name, account)),
    ...closeOnes,
  ]

  before(async () => {
    for (const name of closeOnes) {
      close[name] = await buildPerson(app.client, { username: name.replaceAll(' ', '_') })
      for (const { person } of Object.values(world.authors)) {
        if (name !== 'close friend') await follow(close[name], person)
        await person.call('PUT /api/users/:username/close-friend', { params: close[name] })
      }
    }
  })

  async function listSeen(
    account: Account,
    audience: Exclude<Audience, 'public'>,
    post: Post,
    names: readonly string[] = ofPosts,
  ) {
    const author = world.authors[account]
    const may = seers[account === 'public' ? 'public' : 'private'][audience]
    const asked = asking(account).flatMap((relation) => names.map((name) => ({ relation, name })))
    const wrong = await atOnce.map(asked, async ({ relation, name }) => {
      const row = surfaces[name] ?? assert.fail(name)
      const sees = await isSeen(row.sees({ viewer: viewerOf(relation, account), author, post }))
      // A link's page is made for whoever follows it: nobody is told anything.
      const isFor = may.includes(relation) && name !== 'the tags of its link’s page'
      const expected = isFor && (name !== 'the feed' || inFeeds.includes(relation))
      return sees === expected ? [] : [`${relation} ${sees ? 'sees' : 'misses'} ${name}`]
    })
    return wrong.flat().map((what) => `${what} of a ${account} account, for ${audience}`)
  }

  for (const audience of ['followers', 'close_friends'] as const)
    for (const account of isLong ? accounts : (['public', 'private'] as const))
      test(`is never seen by others, new or narrowed: ${audience} of a ${account} account`, async () => {
        const { person, secret } = world.authors[account]
        const caption = `for some #${secret} #shared`
        await person.call('PUT /api/users/:username/close-friend', { params: close['no longer close'] })
        const post = await share(app, person, caption, audience)
        const narrowed = await share(app, person, caption, 'public')
        await app.settle()
        // Everybody looks, likes and saves while it is for all, so that every memory knows it.
        const given = new Map<Onlooker, string[]>()
        await atOnce.map(asking(account), async (relation) => {
          const viewer = viewerOf(relation, account)
          for (const name of ['what one saved', 'what one likes', 'the feed'] as const)
            await isSeen(surfaces[name]!.sees({ viewer, author: world.authors[account], post: narrowed }))
          const params = { id: narrowed.id }
          const seen = await viewer.call('GET /api/posts/:id', { params }).catch(() => null)
          if (seen) given.set(relation, Object.values(addressesOf(seen)))
        })
        await person.call('PATCH /api/posts/:id', { params: { id: narrowed.id }, body: { audience } })
        await person.call('DELETE /api/users/:username/close-friend', { params: close['no longer close'] })
        for (const [relation, addresses] of given)
          for (const address of addresses)
            assert.equal(await statusOf(app.client, address), 403, `${relation} still opens ${address}`)
        const wrong = [
          ...(await listSeen(account, audience, narrowed)),
          ...(await listSeen(account, audience, post)),
        ]
        assert.deepEqual(wrong, [])
        app.coherence.forget()
        // What is written to a post was asked about already, and goes by the same rule.
        const shown = isLong
          ? ofPosts
          : ['the post by its id', 'the posts of the profile', 'the feed', 'its comments']
        assert.deepEqual(await listSeen(account, audience, narrowed, shown), [])
        await app.coherence.stop()
        if (isLong) assert.deepEqual(await listSeen(account, audience, post), [])
        await app.coherence.start()
        for (const { id } of [post, narrowed]) await person.call('DELETE /api/posts/:id', { params: { id } })
      })
})

describe('what a moderator has to look at first', () => {
  const nothingBy = [
    ...['the post by its id', 'the posts of the profile', 'the list of its likers', 'its comments'],
  ]
  /** What its author may do with it until then, or was ever shown of it. */
  const ownSight: Record<string, string[]> = {
    review: [...nothingBy, 'the addresses of its picture'],
    removed: nothingBy,
  }

  for (const status of ['review', 'removed'] as const)
    test(`is seen by its author alone, on every surface (${status})`, async () => {
      const wrong: string[] = []
      for (const account of accounts) {
        const author = world.authors[account]
        const post = await share(app, author.person, `#${author.secret} #shared du Arschloch`)
        await app.settle()
        if (status === 'removed') await removeLast()
        const asked = relations
          .filter((name) => stands(name, account))
          .flatMap((relation) => ofPosts.map((name) => ({ relation, name })))
        const ask = async ({ relation, name }: (typeof asked)[number]) => {
          const viewer = world.viewer(relation, account)
          const found = surfaces[name]?.sees({ viewer, author, post })
          const sees = await isSeen(found ?? assert.fail(name)).catch((error: unknown) => {
            // Its author is told that it is not ready, or has no picture any more.
            if (relation === 'self') return false
            throw error
          })
          const expected = relation === 'self' && (ownSight[status] ?? []).includes(name)
          if (sees !== expected) wrong.push(`${relation} ${sees ? 'sees' : 'misses'} ${name} of ${account}`)
        }
        await atOnce.map(asked, ask)
      }
      assert.deepEqual(wrong, [])
    })

  test('is never told to anybody else when it is a comment', async () => {
    const { friendsPost } = world
    const params = { id: friendsPost.id }
    const { person } = world.authors.public
    const held = await person.call('POST /api/posts/:id/comments', { params, body: { text: 'Hurensohn' } })
    assert.equal(held.held, true)
    for (const relation of relations) {
      const viewer = world.viewer(relation, 'public')
      const comments = await all(viewer.all('GET /api/posts/:id/comments', { params })).catch(() => [])
      const newest = await viewer.call('GET /api/posts/:id', { params }).catch(() => null)
      const shown = [...comments, ...(newest?.newestComments ?? [])]
      assert.equal(
        shown.some(({ id }) => id === held.id),
        relation === 'self',
        relation,
      )
    }
  })

  async function removeLast(): Promise<void> {
    const { queue, decisions, blockList } = app.modules.moderation.api
    const { items } = await queue.list(null, null, 50)
    const last = items.at(-1) ?? assert.fail('nothing waits')
    await decisions.decide(null, last.id, { act: 'remove', note: '' })
    // All here share the same picture, which is to be let in again.
    for (const { id } of await blockList.list(null, 50)) await decisions.unblock(null, id, '')
    await app.settle()
  }
})

test('a request that is repeated never shows what its sender may no longer see', async () => {
  const [writer, reader] = [
    await buildPerson(app.client, { username: 'writer', isPrivate: true }),
    await buildPerson(app.client, { username: 'reader' }),
  ]
  await follow(reader, writer)
  const { id } = await share(app, writer, 'for followers')
  await app.settle()
  const comment = () =>
    reader.call('POST /api/posts/:id/comments', {
      params: { id },
      body: { text: 'mine' },
      idempotencyKey: 'once',
    })
  assert.equal((await comment()).id, (await comment()).id)
  await writer.call('DELETE /api/users/:username/follower', { params: { username: 'reader' } })
  assert.equal(await isSeen(answers(comment())), false)
})

for (const state of isLong ? (['suspended', 'waiting', 'deactivated'] as const) : (['suspended'] as const))
  for (const account of isLong ? accounts : (['public'] as const))
    test(`of a ${account} account that is ${state} nobody ever sees anything, on any surface`, async () => {
      const { setState } = app.modules.accounts.api
      const { person, secret } = world.authors[account]
      await setState(person.id, 'active')
      const own = app.client.as((await app.client.signIn(person.username, person.password)).token)
      const newPost = await share(app, { ...person, ...own }, `#${secret} #shared`)
      await app.settle()
      world.authors[account] = { ...world.authors[account], newPost }
      await world.friend.call('POST /api/conversations/:id/messages', {
        params: { id: world.groups[account] },
        body: { clientId: `before-${state}`, attachments: [{ type: 'post', postId: newPost.id }] },
      })
      const params = { id: newPost.id }
      const { id: parentId } = await world
        .viewer('follower', account)
        .call('POST /api/posts/:id/comments', { params, body: { text: 'I see it' } })
      await own.call('POST /api/posts/:id/comments', { params, body: { text: 'an answer', parentId } })
      await app.events.settle()
      // Every memory knows it.
      assert.deepEqual(await listWrong(account, 'follower', 'warm', ['new']), [])
      await setState(person.id, state)
      const asked = relations.filter((name) => name !== 'self' && stands(name, account))
      for (const relation of asked)
        assert.deepEqual(await listWrong(account, relation, state, ['new'], []), [])
      app.coherence.forget()
      for (const relation of isLong ? asked : (['follower'] as const))
        assert.deepEqual(await listWrong(account, relation, `${state}, cold`, ['new'], []), [])
    })

async function answers(call: Promise<unknown>): Promise<boolean> {
  await call
  return true
}

/** `story.own`: told to its author, who cannot react to it. */
const nothings = [
  ...['post.not_found', 'user.not_found', 'story.not_found', 'highlight.not_found'],
  ...['auth.required', 'story.own'],
]

/** A refusal that says anything but "not there" or "sign in" would be a leak itself. */
async function isSeen(looking: Promise<boolean>): Promise<boolean> {
  try {
    return await looking
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (nothings.includes(error.code)) return false
    throw error
  }
}

async function problemOf(call: Promise<unknown>): Promise<object> {
  const error = await call.then(
    () => assert.fail('answered'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ApiError)
  const { requestId: _, ...problem } = error.problem
  return problem
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

function has(posts: Post[], post: Post): boolean {
  return posts.some(({ id }) => id === post.id)
}

function headersOf(viewer: Client): Record<string, string> {
  return viewer.token === undefined ? {} : { authorization: `Bearer ${viewer.token}` }
}

async function statusOf(viewer: Client, address: string): Promise<number> {
  assert.match(address, /^\/m\//)
  const response = await fetch(viewer.baseUrl + address, { headers: headersOf(viewer) })
  await response.arrayBuffer()
  return response.status
}
