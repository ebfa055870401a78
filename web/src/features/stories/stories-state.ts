import type { Id } from '@heliograph/contract/common'
import type { Story, StoryRing } from '@heliograph/contract/stories'
import { batch, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { call, isProblem } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { serverNow } from '../../lib/server-clock.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { putUser, userSignal } from '../../lib/store.ts'
import { type Ring, ringsAsked, storyRings } from '../../lib/story-rings.ts'
import { keepFocus } from './focus-back.ts'
import { isOutdated, livingOf, livingRings, ringOf } from './stories-rules.ts'

/** `undefined` until it was read once. */
export const tray = signal<readonly StoryRing[] | undefined>(undefined)
export const trayProblem = signal<unknown>(undefined)

/** Of a person, oldest first; `undefined` is not read yet, `null` is out of sight. */
type Stories = readonly Story[] | null | undefined
const lists = new Map<string, Signal<Stories>>()

function slot(username: string): Signal<Stories> {
  const found = lists.get(username) ?? signal<Stories>(undefined)
  lists.set(username, found)
  return found
}

export function storiesOf(username: string): ReadonlySignal<Stories> {
  return slot(username)
}

let reading: Promise<void> | undefined
let isAsked = false

/** Whoever asks while it is being read waits for the reading after: many words at once cost two. */
export function readTray(): Promise<void> {
  isAsked = true
  reading ??= readWhileAsked().finally(() => {
    reading = undefined
  })
  return reading
}

async function readWhileAsked(): Promise<void> {
  while (isAsked) {
    isAsked = false
    try {
      const { items } = await call('GET /api/stories')
      batch(() => {
        for (const { user } of items) putUser(user)
        tray.value = livingRings(items, serverNow())
        trayProblem.value = undefined
      })
    } catch (error) {
      trayProblem.value = error
    }
  }
}

/** Throws what went wrong, unless they are simply gone. */
export async function readStories(username: string): Promise<Stories> {
  const list = slot(username)
  try {
    const { user, items } = await call('GET /api/users/:username/stories', { params: { username } })
    batch(() => {
      putUser(user)
      list.value = livingOf(items, serverNow())
    })
  } catch (error) {
    if (!isProblem(error, 'user.not_found')) throw error
    list.value = null
  }
  return list.value
}

export function patchStory(id: Id, change: (story: Story) => Partial<Story>): void {
  for (const list of lists.values()) {
    if (!list.value?.some((story) => story.id === id)) continue
    list.value = list.value.map((story) => (story.id === id ? { ...story, ...change(story) } : story))
  }
}

export function dropStory(id: Id): void {
  for (const list of lists.values()) {
    if (list.value?.some((story) => story.id === id))
      list.value = list.value.filter((story) => story.id !== id)
  }
}

/** Told once the connection carries it; until then kept here. */
const untold = new Set<Id>()

/** The eye is quicker than the server: the ring changes at once. */
export function markSeen(story: Story): void {
  if (story.seen || story.author.id === me.peek()?.id) return
  patchStory(story.id, () => ({ seen: true }))
  settleRing(story.author.username)
  untold.add(story.id)
  void tellSeen()
}

function settleRing(username: string): void {
  const list = slot(username).peek()
  const rings = tray.peek()
  if (!list || !rings) return
  tray.value = rings.map((ring) =>
    ring.user.username === username ? { ...ring, ...ringOf(list, ring) } : ring,
  )
}

async function tellSeen(): Promise<void> {
  for (const id of untold) {
    try {
      await call('PUT /api/stories/:id/seen', { params: { id } })
    } catch (error) {
      // Gone meanwhile is as good as told; anything that passes is told with the next one.
      if (!isProblem(error, 'story.not_found', 'request.invalid')) return
    }
    untold.delete(id)
  }
}

/** At the very moment it ends a Story leaves the screen, and its author the tray, whatever was read before. */
function dropExpired(): void {
  const now = serverNow()
  batch(() => {
    for (const list of lists.values()) {
      if (list.value?.some(({ expiresAt }) => Date.parse(expiresAt) <= now))
        list.value = livingOf(list.value, now)
    }
    const rings = tray.peek()
    const known = rings && recounted(rings, now)
    if (known?.length !== rings?.length || known?.some((ring, at) => ring !== rings?.[at])) tray.value = known
  })
}

/** What this page knows of whoever has fewer now is told at once; of the others it asks. */
function recounted(rings: readonly StoryRing[], now: number): StoryRing[] {
  return livingRings(rings, now).map((ring) => {
    if (!isOutdated(ring, now)) return ring
    const list = slot(ring.user.username).peek()
    if (list?.length) return { ...ring, ...ringOf(list, ring) }
    askForFewer(Date.parse(ring.endsAt))
    return ring
  })
}

/** All pages that have somebody in their tray would ask in the same second. */
const askWithinMs = 10_000
/** The server's clock is known to the second. */
const askAfterMs = 2000
/** Ends that were asked about: without a connection what was kept is told again. */
let askedUntil = 0
let asking: ReturnType<typeof setTimeout> | undefined

function askForFewer(endedAt: number): void {
  if (asking || endedAt <= askedUntil || document.hidden) return
  askedUntil = serverNow()
  const wait = askAfterMs + Math.random() * askWithinMs
  asking = setTimeout(() => {
    asking = undefined
    void readTray()
  }, wait)
}

const lookMs = 1000

/** Keeps the tray and what was opened true for as long as somebody is signed in. */
export function watchStories(): void {
  effect(() => {
    const id = me.value?.id
    ringsAsked.value
    if (id !== undefined) void readTray()
  })
  effect(() => {
    const rings = tray.value ?? []
    keepFocus()
    storyRings.value = new Map(
      rings
        .filter(({ count }) => count > 0)
        .map(({ user, unseen, closeFriends }): [Id, Ring] => [
          user.id,
          unseen ? (closeFriends ? 'close' : 'unseen') : 'seen',
        ]),
    )
  })
  onLive('stories.changed', ({ authorId }) => void changed(authorId))
  onLive('story.seen', ({ authorId }) => void changed(authorId))
  onLive('story.status', () => void changed(me.peek()?.id))
  onLive('story.views', ({ storyId, viewCount }) => patchStory(storyId, () => ({ viewCount })))
  onLive('author.gone', () => void readTray())
  onReconcile(() => {
    void tellSeen()
    void readTray()
    for (const username of lists.keys()) void readStories(username).catch(() => undefined)
  })
  setInterval(dropExpired, lookMs)
  onSignOut(() => {
    clearTimeout(asking)
    asking = undefined
    untold.clear()
    lists.clear()
    tray.value = undefined
  })
}

async function changed(authorId: Id | undefined): Promise<void> {
  await readTray()
  const username = authorId && userSignal(authorId).peek()?.username
  if (username && lists.has(username)) await readStories(username).catch(() => undefined)
}
