import { sql } from 'kysely'
import type { Coherence, Kept } from '#platform/coherence/coherence.ts'
import { keptForMs } from '#platform/coherence/kept.ts'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps, Reader } from '../posts-deps.ts'
import { isForEverybody } from '../posts-policy.ts'
import type { PostRow } from '../posts-rows.ts'
import { type IdList, idListOf } from '../presenting/id-range.ts'
import { type HydrateDeps, hydratePosts } from '../presenting/posts-hydrate.ts'
import { findPosts } from '../presenting/posts-reads.ts'
import type { Presenters } from '../presenting/posts-view.ts'
import { buildFragment, isBy, type PostFragment, readerTailOf, weightOf } from './card-fragment.ts'
import { keepCounts } from './fragment-counts.ts'

/** Some 25,000 posts: what a day's readers of one process look at. */
const keptBytes = 64 * 1024 * 1024
/** A post on which much is written is made anew no more often. What takes sight away does not wait for it. */
const rebuildEveryMs = 250

/** One's own are read by one person: the newest few thousand. */
const keptOwnBytes = 8 * 1024 * 1024

/** What each reader is shown of posts that are ready: of one's own posts, one's own fragment. */
export interface Fragments {
  /** One for each, in their order. Undefined: not in memory, for at least one of these posts. Never waits. */
  peek(reader: Reader, posts: readonly CardRow[]): PostFragment[] | undefined
  load(reader: Reader, postIds: readonly Id[]): Promise<Map<Id, PostFragment>>
  drop(postId: Id): void
  clear(): void
  /** How many like it, as this process has just committed it. */
  noteLikes(postId: Id, likes: number): void
}

export interface CardRow {
  readonly post_id: Id
  /** Kept beside whoever lists the post again and again; what was found for it, which is then found without looking. */
  readonly found?: FoundFragment | undefined
}

export interface FoundFragment {
  fragment?: PostFragment
}

/** So long one that was found is not looked for again, and counts as used just now. */
const foundForMs = 5000
const tickMs = 100

type Deps = HydrateDeps &
  Pick<PostsDeps, 'events' | 'clock' | 'log'> & {
    coherence: Pick<Coherence, 'createKept'>
  }

/** By whom they are for; both by post, whose author never changes. */
interface Stores {
  everybody: Kept<Id, PostFragment>
  own: Kept<Id, PostFragment>
}

/** Who is in a fragment is compared when it is used: their names need no events here. */
export function createFragments(deps: Deps): Fragments {
  const { coherence } = deps
  const create = (name: string, max: number, use: keyof Stores) =>
    coherence.createKept<Id, PostFragment>({
      name,
      max,
      weigh: weightOf,
      load: (ids) => counts.whileLoading(ids, () => loadFragments(deps, ids, use)),
      onGone(fragment) {
        fragment.keptUntil = 0
      },
    })
  const stores: Stores = {
    everybody: create('fragments', keptBytes, 'everybody'),
    own: create('own_fragments', keptOwnBytes, 'own'),
  }
  const all = [stores.everybody, stores.own]
  const drop = (postId: Id) => {
    for (const store of all) store.drop(postId)
  }
  const counts = keepCounts(deps, {
    fragmentsOf: (postId) => all.flatMap((store) => store.peek(postId) ?? []),
    drop,
  })
  dropByEvents(deps, stores)
  return {
    peek(reader, posts) {
      if (stores.everybody.peekVersion() === undefined) return undefined
      const now = performance.now()
      const tick = Math.floor(now / tickMs)
      const readerTail = readerTailOf(reader)
      const found: PostFragment[] = []
      for (const row of posts) {
        let fragment = row.found?.fragment
        if (fragment === undefined || tick >= fragment.keptUntil) {
          fragment = stores.everybody.peek(row.post_id)
          if (fragment === undefined) return undefined
          fragment.keptUntil = Math.floor(Math.min(now + foundForMs, fragment.builtAt + keptForMs) / tickMs)
          if (row.found) row.found.fragment = fragment
        }
        const shown = isBy(reader, fragment, readerTail) ? stores.own.peek(row.post_id) : fragment
        if (shown === undefined) return undefined
        found.push(shown)
      }
      return found
    },
    async load(reader, postIds) {
      const found = await stores.everybody.getMany(postIds)
      const ownIds = ownAmong(reader, found)
      return ownIds.length === 0 ? found : withOwn(found, ownIds, await stores.own.getMany(ownIds))
    },
    drop,
    clear() {
      for (const store of all) store.clear()
    },
    noteLikes: counts.noteLikes,
  }
}

function ownAmong(reader: Reader, found: ReadonlyMap<Id, PostFragment>): Id[] {
  const ids: Id[] = []
  if (reader === null) return ids
  for (const { post } of found.values()) if (post.author_id === reader.id) ids.push(post.id)
  return ids
}

/** One that is missing goes the long way round. */
function withOwn(
  found: Map<Id, PostFragment>,
  ownIds: readonly Id[],
  own: ReadonlyMap<Id, PostFragment>,
): Map<Id, PostFragment> {
  for (const id of ownIds) {
    const fragment = own.get(id)
    if (fragment) found.set(id, fragment)
    else found.delete(id)
  }
  return found
}

function dropByEvents({ events }: Deps, { everybody, own }: Stores): void {
  const drop = (postId: Id) => {
    everybody.drop(postId)
    own.drop(postId)
  }
  for (const kind of [
    'posts.published',
    'posts.failed',
    'posts.retried',
    'posts.in_review',
    'posts.removed',
    'posts.updated',
    'posts.deleted',
    'comments.held',
    'comments.deleted',
  ] as const)
    events.on(kind, ({ data }) => drop(data.postId))
  for (const kind of ['media.ready', 'media.captions_changed', 'media.released'] as const)
    events.on(kind, ({ data }) => {
      if (data.postId !== null) drop(data.postId)
    })
  // Another crop or look, and why it failed: until it is there nobody but the owner knows.
  for (const kind of ['media.render_requested', 'media.failed'] as const)
    events.on(kind, ({ data }) => {
      if (data.postId !== null) own.drop(data.postId)
    })
  for (const store of [everybody, own]) {
    const dropSoon = createDropSoon(store)
    // Nothing takes longer for whoever waits without knowing of it.
    for (const kind of ['comments.created', 'comments.waiting'] as const)
      events.on(kind, ({ data }) => dropSoon(data.postId))
  }
}

/** At once, unless it was made a moment ago. */
function createDropSoon(fragments: Kept<Id, PostFragment>): (postId: Id) => void {
  const waiting = new Set<Id>()
  return (postId) => {
    const age = performance.now() - (fragments.peek(postId)?.builtAt ?? 0)
    if (age >= rebuildEveryMs) return fragments.drop(postId)
    if (waiting.has(postId)) return
    waiting.add(postId)
    const timer = setTimeout(() => {
      waiting.delete(postId)
      fragments.drop(postId)
    }, rebuildEveryMs - age)
    timer.unref()
  }
}

/**
 * As a visitor has them, one's own with what their authors are shown; all from the primary: a replica may not know yet what
 * an event told.
 */
async function loadFragments(
  deps: Deps,
  ids: readonly Id[],
  use: keyof Stores,
): Promise<Map<Id, PostFragment>> {
  const isOwn = use === 'own'
  const { main } = deps.database
  const builtAt = performance.now()
  const now = deps.clock.now()
  const found = [...(await findPosts(main, ids)).values()]
  const posts = found.filter((post) => post.status === 'ready' && post.deleted_at === null)
  const commented = posts.filter((post) => post.comment_count > 0)
  const [{ facts, people }, seeMore] = await Promise.all([
    hydratePosts({ ...deps, database: { ...deps.database, readFor: () => main } }, null, posts, {
      mediaAsAuthors: isOwn,
    }),
    findWhoSeeMore(main, commented),
  ])
  const presenters: Presenters = {
    summary: deps.accounts.presentSummary,
    media: deps.media.present,
    progress: deps.media.progressOf,
    allowed: deps.media.allowedInstead,
  }
  const built = new Map<Id, PostFragment>()
  for (const each of facts) {
    const { id, author_id } = each.post
    // An owner's originals have short-lived addresses whatever the account is.
    const author = people.accounts.get(author_id)
    const isPublic = !isOwn && author !== undefined && isForEverybody(each.post, author)
    const ownerId = isOwn ? author_id : null
    const fragment = buildFragment(presenters, ownerId, each, people, seeMore.get(id) ?? nobody, {
      builtAt,
      freshUntil: deps.media.addressesChangeAt(isPublic, now),
    })
    if (fragment) built.set(id, fragment)
  }
  return built
}

const nobody: ReadonlySet<Id> = new Set()

/** The authors of comments that wait, and the owners of posts under which some wait for them. */
async function findWhoSeeMore(
  db: Db,
  posts: readonly Pick<PostRow, 'id' | 'author_id'>[],
): Promise<Map<Id, Set<Id>>> {
  const list = idListOf(posts.map(({ id }) => id))
  const rows = list ? await waitingComments(db, list) : []
  const byPost = Map.groupBy(rows, (row) => row.post_id)
  return new Map(
    posts.flatMap(({ id, author_id }) => {
      const waiting = byPost.get(id)
      if (!waiting) return []
      const owners = waiting.some((row) => row.for_owner) ? [author_id] : []
      return [[id, new Set([...waiting.map((row) => row.author_id), ...owners])]]
    }),
  )
}

const waitingComments = prepared('posts_waiting_comments', (db, { buckets, ids, lo, hi }: IdList) => ({
  compile: () =>
    sql<{ post_id: Id; author_id: Id; for_owner: boolean }>`
      select c.post_id, c.author_id, false as for_owner
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join comments c on c.bucket = wanted.bucket and c.post_id = wanted.id
      where c.held_at is not null and c.post_id between ${lo}::bigint and ${hi}::bigint
      union
      select c.post_id, c.author_id, true
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join comments c on c.bucket = wanted.bucket and c.post_id = wanted.id
      where c.waits_at is not null and c.post_id between ${lo}::bigint and ${hi}::bigint
    `.compile(db),
}))
