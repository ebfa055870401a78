import type { FeedMode } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import { feedModes } from '@heliograph/contract/feed-modes'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { createPaginator, keepPaginator, keptPaginator, type Paginator } from '../../lib/paging.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { postSignal, putPost } from '../../lib/store.ts'
import { rereadPost } from '../posts/posts-actions.ts'
import { endBehindFirsts, withFirsts } from './come-first.ts'
import { feedMode, forgetFeedMode, rememberFeedMode } from './feed-mode.ts'
import { publishedSince } from './published-since.ts'

const keyOf = (mode: FeedMode) => `feed:${mode}`

type ByMode<T> = Readonly<Partial<Record<FeedMode, T>>>

const staleMs = 5 * 60_000
const nothing: ReadonlySet<Id> = new Set()
const waiting = signal<ByMode<ReadonlySet<Id>>>({})
const ends = signal<ByMode<Id>>({})
/** What the pill of the ranked feed announced and no reading has brought yet. */
let announced: ReadonlySet<Id> = nothing
/** As many as one page of the feed holds. */
const announcedMax = 50
const readAt: Partial<Record<FeedMode, number>> = {}
/** When what is shown was read, by the server's clock: a kept answer is older than its arrival. */
const asOf: Partial<Record<FeedMode, string>> = {}

/** Posts that were published since the feed was read: they wait behind a pill until the person asks, they are shown or gone. */
export const newPosts: ReadonlySignal<ReadonlySet<Id>> = computed(() => {
  const mode = feedMode.value
  const ids = waiting.value[mode]
  if (!ids?.size) return nothing
  // A look that was under way while the feed was read again tells of what stands there by now.
  const shown = new Set(keptPaginator<Id>(keyOf(mode))?.items.value)
  return new Set([...ids].filter((id) => !shown.has(id) && postSignal(id).value !== null))
})

/** The post after which there is nothing of the last two days that the person has not seen. */
export const caughtUpAfter: ReadonlySignal<Id | undefined> = computed(() => ends.value[feedMode.value])

/** The person's feed as ids, one for each way of ordering it; they live as long as the session. */
export function feedList(mode = feedMode.value): Paginator<Id> {
  return keepPaginator(keyOf(mode), () =>
    createPaginator(
      async (cursor, signal) => {
        const isRanking = cursor === undefined && mode === 'ranked'
        const page = await (isRanking
          ? readRanked(signal)
          : call('GET /api/feed', { query: { cursor, mode }, signal }))
        noteEnd(mode, page.caughtUpAfter, cursor === undefined)
        if (cursor === undefined) asOf[mode] = page.asOf
        return { ...page, items: page.items.map(putPost) }
      },
      (id: Id) => id,
    ),
  )
}

/** What a pill announced comes first, and what one has just shared: their places by rank are for the next look. */
async function readRanked(signal: AbortSignal) {
  const ids = announced
  const [page, inTime] = await Promise.all([
    call('GET /api/feed', { query: { mode: 'ranked' }, signal }),
    ids.size === 0
      ? undefined
      : call('GET /api/feed', { query: { mode: 'chronological', limit: announcedMax }, signal }),
  ])
  if (announced === ids) announced = nothing
  const items = withFirsts(page.items, {
    announced: inTime?.items.filter(({ id }) => ids.has(id)) ?? [],
    ownerId: me.peek()?.id,
    now: Date.now(),
  })
  return { ...page, items, caughtUpAfter: endBehindFirsts(page.caughtUpAfter, page.items, items) }
}

/** Of the pages of one reading the first that tells it counts: what follows was published before. */
function noteEnd(mode: FeedMode, after: Id | null, isFirst: boolean): void {
  const { [mode]: before, ...others } = ends.value
  const end = isFirst ? after : (before ?? after)
  ends.value = end === null || end === undefined ? others : { ...others, [mode]: end }
}

/** Puts one's own new post on top, without waiting for the server's feed. */
export function prependToFeed(id: Id): void {
  const shown = feedList(feedMode.peek())
  for (const mode of feedModes) {
    const list = keptPaginator<Id>(keyOf(mode))
    // Nobody is their own favourite: there it stands for as long as it is looked at.
    if (list && (list === shown || mode !== 'favourites')) list.prepend(id)
  }
}

export async function showNewPosts(mode = feedMode.peek()): Promise<void> {
  readAt[mode] = Date.now()
  if (mode === 'ranked') announced = new Set([...announced, ...(waiting.peek()[mode] ?? [])])
  waiting.value = { ...waiting.value, [mode]: nothing }
  await feedList(mode).refresh()
}

/** When a feed comes to the screen: read again unless that was just now. */
export function arriveAtFeed(mode: FeedMode): void {
  const isFresh = feedList(mode).started.peek() && Date.now() - (readAt[mode] ?? 0) < staleMs
  if (!isFresh) void showNewPosts(mode)
  else if (mode === 'favourites') void lookForNew(mode)
}

/** Hears of new posts, and looks for those that were missed while there was no line. */
export function watchFeed(): void {
  onLive('feed.post', ({ postId, authorId }) => {
    if (authorId === me.value?.id) void takeOwn(postId)
    else noteNew(postId)
  })
  onReconcile(() => {
    void rememberFeedMode()
    const current = feedMode.peek()
    void lookForNew(current)
    // What the others missed meanwhile is read when one comes to them.
    for (const mode of feedModes) if (mode !== current) delete readAt[mode]
  })
  onSignOut(() => {
    waiting.value = {}
    ends.value = {}
    announced = nothing
    forgetFeedMode()
  })
}

async function takeOwn(id: Id): Promise<void> {
  if (await rereadPost(id)) prependToFeed(id)
}

function noteNew(id: Id): void {
  for (const mode of ['ranked', 'chronological'] as const) {
    const list = keptPaginator<Id>(keyOf(mode))
    if (list && !list.items.value.includes(id)) wait(mode, [id])
  }
  // Whether its author is a favourite only the server knows for sure.
  if (feedMode.peek() === 'favourites') void lookForNew('favourites')
}

function wait(mode: FeedMode, ids: readonly Id[]): void {
  if (ids.length === 0) return
  waiting.value = { ...waiting.value, [mode]: new Set([...(waiting.value[mode] ?? []), ...ids]) }
}

/**
 * What was published since this feed was read. Asked in the order of time: in a ranked feed that one reads the first
 * page is another at every look.
 */
async function lookForNew(mode: FeedMode): Promise<void> {
  const list = keptPaginator<Id>(keyOf(mode))
  if (!list?.started.value) return
  try {
    const inTime = mode === 'favourites' ? mode : 'chronological'
    const page = await call('GET /api/feed', { query: { mode: inTime } })
    const reading = { asOf: asOf[mode] ?? page.asOf, shownIds: list.items.value }
    wait(mode, publishedSince(page.items, reading).map(putPost))
  } catch {
    // The next reconnection looks again.
  }
}
