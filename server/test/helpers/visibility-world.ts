import type { Client } from '@heliograph/client'
import type { Audience, Post } from '@heliograph/contract/posts'
import type { Story } from '@heliograph/contract/stories'
import type { Id } from '#platform/ids/ids.ts'
import { dressJpeg } from '../corpus/camera-files.ts'
import { noise } from '../corpus/drawn-pictures.ts'
import type { TestApp } from './app.ts'
import { block, buildPerson, follow, type Person } from './factories.ts'

// People who stand to three authors in every way there is. Whoever may, sees, likes, saves and comments the
// old post before sight is taken away, so that what is asked afterwards has been answered once already.

export const relations = [
  'self',
  'follower',
  'pending',
  'stranger',
  'removed',
  'blocked',
  'blocking',
  'muting',
  'muting stranger',
  'signed out',
] as const
export type Relation = (typeof relations)[number]
type Onlooker = Exclude<Relation, 'self' | 'signed out'>

export const accounts = ['public', 'private', 'gone private'] as const
export type Account = (typeof accounts)[number]

export interface Author {
  person: Person
  oldPost: Post
  newPost: Post
  /** For followers, in a highlight as well. */
  story: Story
  highlightId: string
  /** Words that stand in the author's own texts alone. */
  secret: string
  /** Each address of the old post's picture as its viewers were given it while they saw it. */
  handedOut: Map<Relation, Addresses>
  /** The avatar's, likewise. */
  oldAvatar: string
}

export interface Addresses {
  thumbnail: string
  medium: string
  large: string
  fallback: string
}

export interface World {
  authors: Record<Account, Author>
  /** A public account that knows everybody: what authors do there shows them to others. */
  friend: Person
  friendsPost: Post
  viewer(relation: Relation, account: Account): Client
  /** Made by the friend when everything stood as it is asked about: the author, and everybody who can be in one. */
  groups: Record<Account, Id>
}

const onlookers = relations.filter((name): name is Onlooker => name !== 'self' && name !== 'signed out')
/** Followed every author while that was allowed. */
const oldFollowers: Onlooker[] = ['follower', 'removed', 'pending', 'blocked', 'blocking', 'muting']

export interface WorldHooks {
  /** Everything stands as it is asked about, but for the new posts. */
  beforeNewPosts(
    world: Omit<World, 'authors' | 'groups'> & { people: Record<Account, Person> },
  ): Promise<void>
}

export async function buildWorld(app: TestApp, hooks: WorldHooks): Promise<World> {
  const viewers = await buildViewers(app)
  const friend = await buildPerson(app.client, { username: 'friend' })
  const people = await buildAuthors(app)
  const friendsPost = await share(app, friend, `With ${Object.values(people).map((p) => `@${p.username}`)}`)
  await app.settle()
  for (const author of Object.values(people)) {
    for (const name of oldFollowers) await follow(viewers[name], author)
    await showAt(friendsPost, friend, author)
  }
  const early = {} as Record<Account, Omit<Author, 'newPost'>>
  for (const account of accounts)
    early[account] = await buildOldPost(app, account, people[account], viewers, friend)

  for (const author of Object.values(people)) await takeSides(author, viewers)
  // Whom they know is suggested through the friend.
  for (const author of Object.values(people)) await follow(friend, author)
  for (const name of onlookers) await follow(viewers[name], friend)
  await people['gone private'].call('PATCH /api/me', { body: { isPrivate: true } })
  await app.settle()
  for (const account of ['private', 'gone private'] as const)
    await viewers.pending.call('PUT /api/users/:username/follow', {
      params: { username: people[account].username },
    })

  const viewer = (relation: Relation, account: Account): Client =>
    relation === 'self' ? people[account] : relation === 'signed out' ? app.client : viewers[relation]
  const around = { friend, friendsPost, viewer }
  await hooks.beforeNewPosts({ ...around, people })
  const authors = {} as Record<Account, Author>
  for (const account of accounts) {
    const newPost = await share(app, people[account], captionOf(people[account], 'new'))
    authors[account] = { ...early[account], newPost }
  }
  await app.settle()
  const groups = {} as Record<Account, Id>
  for (const account of accounts)
    groups[account] = await buildGroup(friend, authors[account], Object.values(viewers))
  return { ...around, authors, groups }
}

/** The author writes in it, and the friend shares what the author posted. */
async function buildGroup(
  friend: Person,
  { person, oldPost, newPost }: Author,
  onlookers: readonly Person[],
): Promise<Id> {
  const members = [person, ...onlookers].map(({ username }) => username)
  const { id } = await friend.call('POST /api/conversations', { body: { members, name: 'everybody' } })
  const params = { id }
  const attachments = [oldPost, newPost].map((post) => ({ type: 'post' as const, postId: post.id }))
  await friend.call('POST /api/conversations/:id/messages', {
    params,
    body: { clientId: 'what-was-posted', attachments },
  })
  await person.call('POST /api/conversations/:id/messages', {
    params,
    body: { clientId: 'what-was-said', text: saidInGroupBy(person) },
  })
  return id
}

export function saidInGroupBy(author: Person): string {
  return `said in a group by ${author.username}`
}

async function buildViewers(app: TestApp): Promise<Record<Onlooker, Person>> {
  const people = await Promise.all(
    onlookers.map(async (name) => {
      const username = `viewer_${name.replaceAll(' ', '_')}`
      return [name, await buildPerson(app.client, { username })] as const
    }),
  )
  return Object.fromEntries(people) as Record<Onlooker, Person>
}

async function buildAuthors(app: TestApp): Promise<Record<Account, Person>> {
  const [open, hidden, switched] = await Promise.all([
    buildPerson(app.client, { username: 'open_author' }),
    buildPerson(app.client, { username: 'hidden_author', isPrivate: true }),
    buildPerson(app.client, { username: 'switched_author' }),
  ])
  for (const person of [open, hidden, switched]) {
    const uploadId = await person.upload(await picture(), { purpose: 'avatar' })
    await person.call('PUT /api/me/avatar', { body: { uploadId } })
  }
  await app.settle()
  return { public: open, private: hidden, 'gone private': switched }
}

/** What an author does under somebody else's post. */
async function showAt(post: Post, friend: Person, author: Person): Promise<void> {
  await follow(author, friend)
  await author.call('PUT /api/posts/:id/like', { params: { id: post.id } })
  await author.call('POST /api/posts/:id/comments', {
    params: { id: post.id },
    body: { text: `said by ${author.username}` },
  })
  // The friend wants to approve what they write from now on.
  await friend.call('PUT /api/users/:username/restrict', { params: { username: author.username } })
  await author.call('POST /api/posts/:id/comments', {
    params: { id: post.id },
    body: { text: waitsBy(author) },
  })
}

/** What a restricted author wrote, and nobody has approved. */
export function waitsBy(author: Person): string {
  return `not approved, by ${author.username}`
}

async function buildOldPost(
  app: TestApp,
  account: Account,
  person: Person,
  viewers: Record<Onlooker, Person>,
  friend: Person,
): Promise<Omit<Author, 'newPost'>> {
  const { id } = await share(app, person, captionOf(person, 'old'))
  const { story, highlightId } = await tell(app, person)
  await app.settle()
  const handedOut = new Map<Relation, Addresses>()
  const seers = onlookers.filter((name) => account !== 'private' || oldFollowers.includes(name))
  for (const name of ['self', ...seers] as const) {
    const client = name === 'self' ? person : viewers[name]
    const params = { id }
    const post = await client.call('GET /api/posts/:id', { params })
    handedOut.set(name, addressesOf(post))
    await client.call('PUT /api/posts/:id/like', { params })
    await client.call('PUT /api/posts/:id/save', { params })
    const comment = await client.call('POST /api/posts/:id/comments', { params, body: { text: 'I see it' } })
    if (name !== 'self')
      await person.call('POST /api/posts/:id/comments', {
        params,
        body: { text: 'an answer', parentId: comment.id },
      })
  }
  await app.settle()
  const profile = await friend.call('GET /api/users/:username', { params: { username: person.username } })
  const oldPost = await person.call('GET /api/posts/:id', { params: { id } })
  const oldAvatar = profile.avatarUrl ?? ''
  return { person, oldPost, story, highlightId, secret: secretOf(person), handedOut, oldAvatar }
}

async function tell(app: TestApp, person: Person): Promise<Pick<Author, 'story' | 'highlightId'>> {
  const uploadId = await person.upload(await picture(), { purpose: 'story' })
  await app.settle()
  const story = await person.call('POST /api/stories', { body: { uploadId, altText: secretOf(person) } })
  const { id: highlightId } = await person.call('POST /api/highlights', {
    body: { title: 'Old ones', storyIds: [story.id] },
  })
  return { story, highlightId }
}

async function takeSides(author: Person, viewers: Record<Onlooker, Person>): Promise<void> {
  const them = { params: { username: author.username } }
  for (const name of ['removed', 'pending'] as const)
    await author.call('DELETE /api/users/:username/follower', {
      params: { username: viewers[name].username },
    })
  await block(author, viewers.blocked)
  await block(viewers.blocking, author)
  await viewers.muting.call('PUT /api/users/:username/mute', them)
  await viewers['muting stranger'].call('PUT /api/users/:username/mute', them)
}

function secretOf(person: Person): string {
  return `only_${person.username}`
}

function captionOf(person: Person, age: string): string {
  return `${age} words #shared #${secretOf(person)}`
}

export async function share(
  app: TestApp,
  person: Person,
  caption: string,
  audience?: Audience,
): Promise<Post> {
  const uploadId = await person.upload(await picture())
  await app.settle()
  return person.call('POST /api/posts', {
    body: { caption, audience, showMetadata: true, media: [{ uploadId, altText: 'Noise' }] },
  })
}

let drawn: Promise<Buffer> | undefined
function picture(): Promise<Buffer> {
  drawn ??= noise(200, 160)
    .jpeg()
    .toBuffer()
    .then((jpeg) => dressJpeg(jpeg))
  return drawn
}

export function addressesOf(post: Post): Addresses {
  const [medium] = post.media
  return {
    thumbnail: medium?.thumbnailUrl ?? '',
    medium: medium?.mediumUrl ?? '',
    large: medium?.largeUrl ?? '',
    fallback: medium?.fallbackUrl ?? '',
  }
}
