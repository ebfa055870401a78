import type { Conversation, MessagesPage } from '@heliograph/contract/messages'
import { takesAway, type Unsaid, withoutSaid, withPart } from './saved-messages.ts'
import {
  additionsBetweenTrims,
  hasEnded,
  isShelfOfOther,
  namesEndedStories,
  type Shelf,
  savedKey,
  shelfLimits,
  shelfName,
} from './saved-rules.ts'

const stateName = 'heliograph-account'
const stateKey = '/account'

/** `undefined`: this run of the worker has not looked yet. */
let account: string | null | undefined
const additions = new Map<Shelf, number>()

/** Whose things are kept at present; nobody's when signed out. */
export async function accountOfShelves(): Promise<string | null> {
  if (account !== undefined) return account
  const kept = await (await caches.open(stateName)).match(stateKey)
  const id = kept ? await kept.text() : null
  account ??= id
  return account
}

/** From now on things are kept for this person; what belonged to others is thrown away. */
export async function changeAccount(id: string | null): Promise<void> {
  account = id
  const state = await caches.open(stateName)
  if (id === null) await state.delete(stateKey)
  else await state.put(stateKey, new Response(id))
  const names = await caches.keys()
  await Promise.all(names.filter((name) => isShelfOfOther(name, id)).map((name) => caches.delete(name)))
}

export async function findSaved(shelf: Shelf, url: URL): Promise<Response | undefined> {
  const id = await accountOfShelves()
  if (id === null) return undefined
  return await caches.match(savedKey(url.pathname, url.search), { cacheName: shelfName(shelf, id) })
}

/** `forAccount` is who was signed in when it was asked for: an answer that comes after a sign-out is not kept. */
export async function keep(shelf: Shelf, url: URL, response: Response, forAccount: string): Promise<void> {
  if (account !== forAccount) return
  const saved = await caches.open(shelfName(shelf, forAccount))
  await saved.put(savedKey(url.pathname, url.search), response)
  if (account !== forAccount) await caches.delete(shelfName(shelf, forAccount))
  else {
    const count = (additions.get(shelf) ?? 0) + 1
    additions.set(shelf, count)
    if (count % additionsBetweenTrims[shelf] === 0) await trim(shelf, saved)
  }
}

/** One after the other: each is added to what the one before has left. */
let adding: Promise<void> = Promise.resolve()

/** What came since to a conversation that is kept. */
export function keepPartOfMessages(url: URL, response: Response, forAccount: string): Promise<void> {
  adding = adding.then(() => addPart(url, response, forAccount)).catch(() => undefined)
  return adding
}

async function addPart(url: URL, response: Response, forAccount: string): Promise<void> {
  const whole = new URL(url.pathname, url)
  const kept = await findSaved('answers', whole)
  if (!kept) return
  const part: MessagesPage = await response.json()
  const grown = withPart(await kept.json(), part, Number(url.searchParams.get('after')))
  if (!grown && takesAway(part)) await forgetSaved('answers', whole)
  // What was forgotten meanwhile stays so.
  if (grown && (await findSaved('answers', whole)))
    await keep('answers', whole, Response.json(grown), forAccount)
}

/** What is gone from a conversation; all else that is kept stays. */
export function forgetSaid(unsaid: Unsaid): Promise<void> {
  adding = adding.then(() => takeOut(unsaid)).catch(() => undefined)
  return adding
}

async function takeOut(unsaid: Unsaid): Promise<void> {
  const id = await accountOfShelves()
  if (id === null) return
  const answers = await caches.open(shelfName('answers', id))
  const one = `/api/conversations/${unsaid.conversationId}`
  for (const key of await answers.keys()) {
    const { pathname, search } = new URL(key.url)
    // Pages further up are kept as they came: what changes in them is not known to be in none of them.
    if ((!unsaid.sequences || search) && pathname.startsWith(`${one}/`)) await answers.delete(key)
    if (pathname !== '/api/conversations' && pathname !== one) continue
    const kept: Conversation | { items: Conversation[] } | undefined = await (
      await answers.match(key)
    )?.json()
    if (!kept) continue
    const now =
      'items' in kept
        ? { ...kept, items: kept.items.flatMap((conversation) => withoutSaid(conversation, unsaid) ?? []) }
        : withoutSaid(kept, unsaid)
    if (now) await answers.put(key, Response.json(now))
    else await answers.delete(key)
  }
}

export async function forgetSaved(shelf: Shelf, url: URL): Promise<void> {
  const id = await accountOfShelves()
  if (id === null) return
  const saved = await caches.open(shelfName(shelf, id))
  await saved.delete(savedKey(url.pathname, url.search))
}

/** What is kept of the list and its conversations, what was kept last first. */
export async function savedTalks(): Promise<URL[]> {
  const id = await accountOfShelves()
  if (id === null) return []
  const answers = await caches.open(shelfName('answers', id))
  const addresses = (await answers.keys()).map(({ url }) => new URL(url))
  return addresses.filter(({ pathname }) => /^\/api\/conversations(?:\/|$)/.test(pathname)).reverse()
}

export async function forgetAnswers(): Promise<void> {
  const id = await accountOfShelves()
  if (id !== null) await caches.delete(shelfName('answers', id))
}

/** Stories that are over are not kept on the device either. */
export async function forgetEndedStories(): Promise<void> {
  const id = await accountOfShelves()
  if (id === null) return
  const now = Date.now()
  for (const shelf of ['stories', 'films'] as const) {
    const seen = await caches.open(shelfName(shelf, id))
    for (const key of await seen.keys()) if (hasEnded(new URL(key.url).pathname, now)) await seen.delete(key)
  }
  const answers = await caches.open(shelfName('answers', id))
  for (const key of await answers.keys()) {
    const { pathname } = new URL(key.url)
    const answeredAt = (await answers.match(key))?.headers.get('date') ?? null
    if (namesEndedStories(pathname, answeredAt, now)) await answers.delete(key)
  }
}

/** Oldest first: what was put there last is at the end. */
async function trim(shelf: Shelf, saved: Cache): Promise<void> {
  const limits = shelfLimits[shelf]
  const keys = [...(await saved.keys())].reverse()
  let bytes = 0
  for (const [index, key] of keys.entries()) {
    bytes += await sizeOf(await saved.match(key))
    if (index >= limits.entries || bytes > limits.bytes) await saved.delete(key)
  }
}

async function sizeOf(response: Response | undefined): Promise<number> {
  if (!response) return 0
  const told = Number(response.headers.get('content-length'))
  return told > 0 ? told : (await response.blob()).size
}
