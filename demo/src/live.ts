import type { Client } from '@heliograph/client'
import type { NewOverlay } from '@heliograph/contract/stories'
import type { Member, Shared } from './members.ts'
import { chats, groupChat, places, storyWords } from './people.ts'
import { makePicture } from './pictures/pictures.ts'
import type { Random } from './random.ts'

/** Stories of today: about half of the people have some, and others have seen a part of them. */
export async function tellStories(members: readonly Member[], random: Random): Promise<number> {
  let told = 0
  for (const { client } of random.some(members, Math.ceil(members.length / 2))) {
    const { items } = await client.call('GET /api/me/story-archive')
    if (items.length > 0) continue
    for (let count = random.whole(1, 3); count > 0; count--) {
      const { jpeg, altText } = await makePicture(random)
      const uploadId = await client.upload(jpeg, { purpose: 'story' })
      const fit = random.chance(0.5) ? 'crop' : 'fit'
      await client.call('POST /api/stories', {
        body: { uploadId, altText, fit, overlays: overlaysOf(members, random) },
      })
      told++
    }
  }
  return told
}

function overlaysOf(members: readonly Member[], random: Random): NewOverlay[] {
  const overlays: NewOverlay[] = []
  if (random.chance(0.6))
    overlays.push({
      kind: 'text',
      x: 0.5,
      y: 0.22,
      text: random.pick(storyWords),
      style: random.pick(['plain', 'boxed', 'handwritten'] as const),
    })
  const below = { x: 0.5, y: 0.78 }
  const what = random.whole(0, 3)
  if (what === 0) overlays.push({ kind: 'place', ...below, name: random.pick(places).name })
  if (what === 1) overlays.push({ kind: 'mention', ...below, username: random.pick(members).person.username })
  return overlays
}

/** Twos talk, some with a post between them, and there is a group. A second run says nothing twice. */
export async function write(
  members: readonly Member[],
  posts: readonly Shared[],
  random: Random,
): Promise<number> {
  let written = 0
  for (const chat of chats) {
    const [one, other] = random.some(members, 2)
    if (!one || !other) break
    const id = await begin(one.client, [other.person.username])
    if (id === undefined) continue
    const chosen = random.chance(0.5) ? random.pick(posts) : undefined
    const shared = chosen && (await seen(one.client, chosen.id)) ? chosen : undefined
    let heard = 0
    for (const [at, text] of chat.entries()) {
      const attachments = at === 0 && shared ? [{ type: 'post' as const, postId: shared.id }] : []
      const { client } = at % 2 === 0 ? one : other
      // Whoever answers has read what was said before.
      if (heard > 0) await read(client, id, heard)
      heard = await send(client, id, { clientId: `demo-${id}-${at}`, text, attachments })
      written++
    }
    if (random.chance(0.6)) await read((chat.length % 2 === 0 ? one : other).client, id, heard)
  }
  const [founder, ...others] = random.some(members, Math.min(5, members.length))
  if (!founder || others.length < 2) return written
  const usernames = others.map(({ person }) => person.username)
  const id = await begin(founder.client, usernames, groupChat.name)
  if (id === undefined) return written
  let heard = 0
  for (const [at, text] of groupChat.lines.entries()) {
    const { client } = [founder, ...others][at] ?? founder
    if (heard > 0) await read(client, id, heard)
    heard = await send(client, id, { clientId: at === 0 ? `demo-${id}` : `demo-${id}-${at}`, text })
    written++
  }
  return written
}

/** None where they have spoken already. */
async function begin(client: Client, members: string[], name?: string): Promise<string | undefined> {
  const group = name === undefined ? {} : { name }
  const { id, lastMessage } = await client.call('POST /api/conversations', {
    body: { members, ...group },
    idempotencyKey: `demo-${members.join('-')}`,
  })
  return lastMessage === null || lastMessage.notice !== null ? id : undefined
}

interface Line {
  clientId: string
  text: string
  attachments?: { type: 'post'; postId: string }[]
}

/** Answers with its number in the conversation. */
async function send(client: Client, id: string, body: Line): Promise<number> {
  const { sequence } = await client.call('POST /api/conversations/:id/messages', { params: { id }, body })
  return sequence
}

async function read(client: Client, id: string, sequence: number): Promise<void> {
  await client.call('PUT /api/conversations/:id/read', { params: { id }, body: { sequence } })
}

/** A private account’s posts answer 404 to those whom it has not accepted. */
export async function seen(client: Client, id: string): Promise<boolean> {
  try {
    await client.call('GET /api/posts/:id', { params: { id } })
    return true
  } catch (error) {
    if ((error as { status?: number }).status === 404) return false
    throw error
  }
}
