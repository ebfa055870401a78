import { createHash } from 'node:crypto'
import { type Client, createClient } from '@heliograph/client'
import { seen, tellStories, write } from './live.ts'
import type { Member, Shared } from './members.ts'
import { openings, type Person, people, places, remarks, replies } from './people.ts'
import { makeAvatar, makePicture } from './pictures/pictures.ts'
import { createRandom, type Random } from './random.ts'

export interface FillOptions {
  baseUrl: string
  seed: number
  peopleCount: number
  postCount: number
  password: string
  onStep(line: string): void
}

export interface Account {
  username: string
  fullName: string
  isPrivate: boolean
}

/** Fills an instance through the public API alone, so whatever it shows is what any client can do. */
export async function fill(options: FillOptions): Promise<Account[]> {
  const { onStep, seed } = options
  const server = createClient(options.baseUrl)
  const members = await join(server, createRandom(seed), options)
  onStep(`${members.length} people are there`)
  await follow(members, chanceOf(seed, 'follows'))
  onStep('They follow each other')
  const posts = await share(members, options)
  const ready = await settle(posts)
  onStep(`${ready.length} posts stand`)
  await talk(members, ready, seed)
  onStep('They have liked, saved and talked')
  onStep(`${await tellStories(members, chanceOf(seed, 'stories'))} Stories are told`)
  onStep(`${await write(members, ready, chanceOf(seed, 'messages'))} messages are written`)
  return members.map(({ person }) => ({
    username: person.username,
    fullName: person.fullName,
    isPrivate: person.isPrivate ?? false,
  }))
}

/** Chance of its own for each part: what a run that was broken off had done already does not change what comes after it. */
function chanceOf(seed: number, part: string): Random {
  return createRandom(createHash('sha256').update(`${seed} ${part}`).digest().readUInt32BE())
}

async function join(server: Client, random: Random, options: FillOptions): Promise<Member[]> {
  const members: Member[] = []
  for (const person of people.slice(0, options.peopleCount)) {
    const client = await enter(server, person, options.password)
    const me = await client.call('GET /api/me')
    if (me.avatarStatus === 'none') {
      const uploadId = await client.upload(await makeAvatar(random), { purpose: 'avatar' })
      await client.call('PUT /api/me/avatar', { body: { uploadId } })
    }
    await client.call('PATCH /api/me', { body: { bio: person.bio, isPrivate: person.isPrivate ?? false } })
    members.push({ person, client })
    options.onStep(`@${person.username} joined`)
  }
  return members
}

/** Signs up; a second run finds its people and signs in. */
async function enter(server: Client, person: Person, password: string): Promise<Client> {
  const { username, fullName } = person
  try {
    return await server.signUp({ username, fullName, password, email: `${username}@demo.invalid` })
  } catch (error) {
    if ((error as { code?: string }).code !== 'account.username_taken') throw error
    return server.signIn(username, password)
  }
}

async function follow(members: readonly Member[], random: Random): Promise<void> {
  for (const member of members) {
    const others = members.filter((other) => other !== member)
    for (const other of random.some(others, random.whole(4, Math.min(14, others.length))))
      await member.client.call('PUT /api/users/:username/follow', {
        params: { username: other.person.username },
      })
  }
  for (const { person, client } of members.filter((member) => member.person.isPrivate)) {
    // A run before has let some in, and left others waiting.
    if ((await client.call('GET /api/me')).followerCount > 0) continue
    const { items } = await client.call('GET /api/follow-requests')
    for (const asking of random.some(items, Math.ceil(items.length / 2)))
      await client.call('PUT /api/follow-requests/:username', { params: { username: asking.username } })
    if (items.length === 0) throw new Error(`nobody asked to follow @${person.username}`)
  }
}

/** Goes on where a run before broke off. */
async function share(members: readonly Member[], options: FillOptions): Promise<Shared[]> {
  const posts = await sharedBefore(members)
  if (posts.length > 0) options.onStep(`${posts.length} posts are there already`)
  for (let i = posts.length; i < options.postCount; i++) {
    const random = chanceOf(options.seed, `post ${i}`)
    const author = random.pick(members)
    const pictures = []
    const count = random.chance(0.2) ? random.whole(2, 4) : 1
    for (let n = 0; n < count; n++) pictures.push(await makePicture(random))
    const media = []
    for (const { jpeg, altText } of pictures)
      media.push({ uploadId: await author.client.upload(jpeg), altText })
    const post = await author.client.call('POST /api/posts', {
      body: {
        media,
        caption: captionOf(pictures[0]!.tags, members, random),
        ...(random.chance(0.4) ? { place: random.pick(places) } : {}),
      },
    })
    posts.push({ id: post.id, author })
    if ((i + 1) % 20 === 0) options.onStep(`${i + 1} of ${options.postCount} posts shared`)
  }
  return posts
}

/** In the order in which they came. */
async function sharedBefore(members: readonly Member[]): Promise<Shared[]> {
  const found: (Shared & { createdAt: string })[] = []
  for (const author of members) {
    const params = { username: author.person.username }
    for await (const { id, createdAt } of author.client.all('GET /api/users/:username/posts', { params }))
      found.push({ id, author, createdAt })
  }
  return found.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
}

function captionOf(tags: readonly string[], members: readonly Member[], random: Random): string {
  const mention = random.chance(0.15) ? ` With @${random.pick(members).person.username}.` : ''
  const hashtags = random.some(tags, random.whole(1, tags.length)).map((tag) => `#${tag}`)
  return `${random.pick(openings)}${mention} ${hashtags.join(' ')}`
}

/** Waits until each is ready; one that failed is an error, for the pictures are known to be good. */
async function settle(posts: readonly Shared[]): Promise<Shared[]> {
  for (const { id, author } of posts) {
    for (;;) {
      const { status, failure } = await author.client.call('GET /api/posts/:id', { params: { id } })
      if (status === 'ready') break
      if (status === 'failed') throw new Error(`post ${id} failed: ${failure?.code}`)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  return [...posts]
}

async function talk(members: readonly Member[], posts: readonly Shared[], seed: number): Promise<void> {
  for (const [at, { id, author }] of posts.entries()) {
    const chance = chanceOf(seed, `talk ${at}`)
    const crowd = chance.some(members, chance.whole(1, members.length))
    const spoken = await spokenTo(author, id)
    for (const member of crowd) {
      const { client, person } = member
      const random = chanceOf(seed, `talk ${at} ${person.username}`)
      if (!(await seen(client, id))) continue
      if (random.chance(0.75)) await client.call('PUT /api/posts/:id/like', { params: { id } })
      if (random.chance(0.08)) await client.call('PUT /api/posts/:id/save', { params: { id } })
      if (random.chance(0.16) && !spoken.has(person.username)) await comment(member, author, id, random)
    }
  }
}

/** A run before may have had other numbers, and so other chances: whoever has spoken does not speak again. */
async function spokenTo(author: Member, id: string): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const said of author.client.all('GET /api/posts/:id/comments', { params: { id } }))
    names.add(said.author.username)
  return names
}

async function comment(member: Member, owner: Member, id: string, random: Random): Promise<void> {
  const said = await member.client.call('POST /api/posts/:id/comments', {
    params: { id },
    body: { text: random.pick(remarks) },
  })
  if (random.chance(0.35))
    await owner.client.call('POST /api/posts/:id/comments', {
      params: { id },
      body: { text: random.pick(replies), parentId: said.id },
    })
}
