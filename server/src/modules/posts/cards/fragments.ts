import { sql } from 'kysely'
import type { Coherence, Kept } from '#platform/coherence/coherence.ts'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { type IdList, idListOf } from '../presenting/id-range.ts'
import { type HydrateDeps, hydratePosts } from '../presenting/posts-hydrate.ts'
import { findPosts } from '../presenting/posts-reads.ts'
import type { Presenters } from '../presenting/posts-view.ts'
import { buildFragment, type PostFragment, weightOf } from './card-fragment.ts'
import { keepCounts } from './fragment-counts.ts'

/** Some 25,000 posts: what a day's readers of one process look at. */
const keptBytes = 64 * 1024 * 1024
/** A post on which much is written is made anew no more often. What takes sight away does not wait for it. */
const rebuildEveryMs = 250

export interface Fragments extends Pick<Kept<Id, PostFragment>, 'peekMany' | 'getMany' | 'drop' | 'clear'> {
  /** How many like it, as this process has just committed it. */
  noteLikes(postId: Id, likes: number): void
}

type Deps = HydrateDeps &
  Pick<PostsDeps, 'events' | 'clock' | 'log'> & {
    coherence: Pick<Coherence, 'createKept'>
  }

/** Of posts that are ready. Who is in them is compared when they are used: their names need no events here. */
export function createFragments(deps: Deps): Fragments {
  const { events, coherence } = deps
  const fragments = coherence.createKept<Id, PostFragment>({
    name: 'fragments',
    max: keptBytes,
    weigh: weightOf,
    load: (ids) => counts.whileLoading(ids, () => loadFragments(deps, ids)),
  })
  const counts = keepCounts(deps, (postId) => fragments.peek(postId)?.counts)

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
    events.on(kind, ({ data }) => fragments.drop(data.postId))
  for (const kind of ['media.ready', 'media.captions_changed', 'media.released'] as const)
    events.on(kind, ({ data }) => {
      if (data.postId !== null) fragments.drop(data.postId)
    })
  const dropSoon = createDropSoon(fragments)
  events.on('comments.created', ({ data }) => dropSoon(data.postId))
  return { ...fragments, noteLikes: counts.noteLikes }
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

/** As a visitor has them, all from the primary: a replica may not know yet what an event told. */
async function loadFragments(deps: Deps, ids: readonly Id[]): Promise<Map<Id, PostFragment>> {
  const { main } = deps.database
  const builtAt = performance.now()
  const now = deps.clock.now()
  const found = [...(await findPosts(main, ids)).values()]
  const posts = found.filter((post) => post.status === 'ready' && post.deleted_at === null)
  const commented = posts.filter((post) => post.comment_count > 0).map((post) => post.id)
  const [{ facts, people }, held] = await Promise.all([
    hydratePosts({ ...deps, database: { ...deps.database, readFor: () => main } }, null, posts),
    findHeldAuthors(main, commented),
  ])
  const presenters: Presenters = {
    summary: deps.accounts.presentSummary,
    media: deps.media.present,
    progress: deps.media.progressOf,
  }
  const built = new Map<Id, PostFragment>()
  for (const each of facts) {
    const { id, author_id } = each.post
    const isPublic = !(people.accounts.get(author_id)?.isPrivate ?? true)
    const fragment = buildFragment(presenters, each, people, held.get(id) ?? nobody, {
      builtAt,
      freshUntil: deps.media.addressesChangeAt(isPublic, now),
    })
    if (fragment) built.set(id, fragment)
  }
  return built
}

const nobody: ReadonlySet<Id> = new Set()

async function findHeldAuthors(db: Db, postIds: readonly Id[]): Promise<Map<Id, Set<Id>>> {
  const list = idListOf(postIds)
  const rows = list ? await heldAuthors(db, list) : []
  return new Map(
    [...Map.groupBy(rows, (row) => row.post_id)].map(([postId, all]) => [
      postId,
      new Set(all.map((row) => row.author_id)),
    ]),
  )
}

const heldAuthors = prepared('posts_held_authors', (db, { buckets, ids, lo, hi }: IdList) => ({
  compile: () =>
    sql<{ post_id: Id; author_id: Id }>`
      select distinct c.post_id, c.author_id
      from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
      join comments c on c.bucket = wanted.bucket and c.post_id = wanted.id
      where c.held_at is not null and c.post_id between ${lo}::bigint and ${hi}::bigint
    `.compile(db),
}))
