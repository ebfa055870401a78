import { sql } from 'kysely'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Db } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id, MIN_ID } from '#platform/ids/ids.ts'
import type { LikesMemory, RememberedLike } from '../likes/likes-memory.ts'
import type { PostsDeps } from '../posts-deps.ts'
import { findMarks } from '../presenting/posts-reads.ts'

/** Which posts somebody likes and saved, of the newest ones from memory. */
export interface ViewerMarks {
  /** Undefined: not in memory, for at least one of these posts. Never waits. */
  peek(viewerId: Id, postIds: readonly Id[]): MarksOf | undefined
  load(viewerId: Id, postIds: readonly Id[]): Promise<MarksOf>
  clear(): void
}

export interface MarksOf {
  isLiked(postId: Id): boolean
  isSaved(postId: Id): boolean
}

/** Of each kind the newest of somebody, by the post's age: most of what a feed shows is newer than that. */
const newestMax = 500
/** Some 60 bytes each. */
const keptMarks = 500_000
/** What has changed since somebody's marks were read; after that they are read anew. */
const changesMax = 200

interface Marked {
  /** Of posts older than this nothing is known here. */
  readonly since: Id
  readonly ids: ReadonlySet<Id>
  readonly changes: Map<Id, boolean>
}

interface KeptMarks {
  readonly liked: Marked
  readonly saved: Marked
}

interface Deps extends Pick<PostsDeps, 'database' | 'events'> {
  coherence: Pick<Coherence, 'createKept'>
  likesMemory: LikesMemory
}

export function createViewerMarks({ database, events, coherence, likesMemory }: Deps): ViewerMarks {
  const { main } = database
  const kept = coherence.createKept<Id, KeptMarks>({
    name: 'marks',
    max: keptMarks,
    weigh: ({ liked, saved }) => 5 + liked.ids.size + saved.ids.size,
    load: async (ids) =>
      new Map(await Promise.all(ids.map(async (id) => [id, await loadKept(main, likesMemory, id)] as const))),
  })

  /** What is being read just now may have read before the change. */
  const change = (kind: keyof KeptMarks, viewerId: Id, postId: Id, isMarked: boolean) => {
    const changes = kept.peek(viewerId)?.[kind].changes
    if (!changes || changes.size >= changesMax) kept.drop(viewerId)
    else changes.set(postId, isMarked)
  }
  likesMemory.onNoted((viewerId, postId, { liked }) => change('liked', viewerId, postId, liked))
  events.on('saves.created', ({ data }) => change('saved', data.userId, data.postId, true))
  events.on('saves.deleted', ({ data }) => change('saved', data.userId, data.postId, false))

  return {
    clear: kept.clear,
    peek(viewerId, postIds) {
      const marks = kept.peek(viewerId)
      if (!marks || !postIds.every((id) => isKnown(marks.liked, id) && isKnown(marks.saved, id)))
        return undefined
      return marksOf(marks)
    },
    async load(viewerId, postIds) {
      const marks = await kept.get(viewerId)
      const unknown = marks
        ? postIds.filter((id) => !isKnown(marks.liked, id) || !isKnown(marks.saved, id))
        : postIds
      const older = await findMarks(main, likesMemory, viewerId, unknown)
      const known = marks && marksOf(marks)
      const isOlder = new Set(unknown)
      return {
        isLiked: (id) => (isOlder.has(id) ? older.liked.has(id) : (known?.isLiked(id) ?? false)),
        isSaved: (id) => (isOlder.has(id) ? older.saved.has(id) : (known?.isSaved(id) ?? false)),
      }
    },
  }
}

function marksOf({ liked, saved }: KeptMarks): MarksOf {
  return { isLiked: (id) => isMarked(liked, id), isSaved: (id) => isMarked(saved, id) }
}

function isMarked({ ids, changes }: Marked, postId: Id): boolean {
  return (changes.size === 0 ? undefined : changes.get(postId)) ?? (ids.size > 0 && ids.has(postId))
}

function isKnown({ since, changes }: Marked, postId: Id): boolean {
  return since === MIN_ID || compareIds(postId, since) >= 0 || changes.has(postId)
}

async function loadKept(db: Db, likesMemory: LikesMemory, viewerId: Id): Promise<KeptMarks> {
  const before = likesMemory.of(viewerId)
  const rows = await newestMarks(db, { bucket: bucketOf(viewerId), viewerId })
  const remembered = new Map<Id, RememberedLike>([...before, ...likesMemory.of(viewerId)])
  const ofKind = (kind: keyof KeptMarks, changes: Map<Id, boolean>): Marked => {
    const ids = rows.filter((row) => row.kind === kind).map((row) => row.post_id)
    return { since: ids.length < newestMax ? MIN_ID : ids.at(-1)!, ids: new Set(ids), changes }
  }
  return {
    liked: ofKind('liked', new Map([...remembered].map(([postId, { liked }]) => [postId, liked]))),
    saved: ofKind('saved', new Map()),
  }
}

const newestMarks = prepared(
  'posts_newest_marks',
  (db, { bucket, viewerId }: { bucket: number; viewerId: Id }) => ({
    compile: () =>
      sql<{ kind: keyof KeptMarks; post_id: Id }>`
        (select 'liked' as kind, post_id from likes_given where bucket = ${bucket} and user_id = ${viewerId}
          order by post_id desc limit ${sql.lit(newestMax)})
        union all
        (select 'saved', post_id from saves where bucket = ${bucket} and user_id = ${viewerId}
          order by post_id desc limit ${sql.lit(newestMax)})
      `.compile(db),
  }),
)
