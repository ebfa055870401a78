import type { AccountRow, AccountsApi } from '#modules/accounts'
import type { GraphApi, Sight } from '#modules/graph'
import type { MediaApi, MediaRow, ShownExif } from '#modules/media'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { LikesMemory } from '../likes/likes-memory.ts'
import type { Reader } from '../posts-deps.ts'
import { tellsMetadata } from '../posts-policy.ts'
import type { CommentRow, PostRow } from '../posts-rows.ts'
import { mentionsOf } from '../posts-text.ts'
import { findMarks, findNewestComments, findPostMedia } from './posts-reads.ts'

/** Everybody who is named in what is shown, and how the reader stands to them. */
export interface People {
  accounts: ReadonlyMap<Id, AccountRow>
  sight: Sight
}

/** All that a post's picture on the page is made from. */
export interface PostFacts {
  post: PostRow
  media: { row: MediaRow; altText: string; exif: ShownExif | undefined }[]
  liked: boolean
  saved: boolean
  /** The newest few, newest first; the rules have not been asked yet. */
  comments: CommentRow[]
}

export interface HydrateDeps {
  database: Database
  accounts: AccountsApi
  graph: GraphApi
  media: MediaApi
  likesMemory: LikesMemory
}

export interface HydrateOptions {
  /** Of every post the media as its own author knows them. */
  mediaAsAuthors?: boolean
}

/** In batches: the number of queries does not grow with the number of posts. */
export async function hydratePosts(
  deps: HydrateDeps,
  reader: Reader,
  posts: readonly PostRow[],
  { mediaAsAuthors = false }: HydrateOptions = {},
): Promise<{ facts: PostFacts[]; people: People }> {
  const db = deps.database.readFor(reader?.id)
  const postIds = posts.map((post) => post.id)
  const [media, marks, comments] = await Promise.all([
    hydrateMedia(deps, reader, posts, (post) => mediaAsAuthors || tellsMetadata(post, reader)),
    reader ? findMarks(db, deps.likesMemory, reader.id, postIds) : null,
    findNewestComments(
      db,
      reader?.id ?? null,
      posts.filter((post) => post.comment_count > 0),
    ),
  ])
  const facts = posts.map((post) => ({
    post,
    media: media.get(post.id) ?? [],
    liked: marks?.liked.has(post.id) ?? false,
    saved: marks?.saved.has(post.id) ?? false,
    comments: comments.get(post.id) ?? [],
  }))
  return { facts, people: await hydratePeople(deps, reader, facts.flatMap(peopleOf)) }
}

export async function hydratePeople(
  { accounts, graph }: Pick<HydrateDeps, 'accounts' | 'graph'>,
  reader: Reader,
  ids: Iterable<Id>,
): Promise<People> {
  const wanted = [...new Set(ids)]
  const [rows, sight] = await Promise.all([accounts.findByIds(wanted), graph.loadSight(reader, wanted)])
  return { accounts: rows, sight }
}

async function hydrateMedia(
  { database, media }: HydrateDeps,
  reader: Reader,
  posts: readonly PostRow[],
  isTold: (post: PostRow) => boolean,
) {
  const places = await findPostMedia(
    database.readFor(reader?.id),
    posts.map((post) => post.id),
  )
  const idsOf = (postId: Id) => (places.get(postId) ?? []).map((place) => place.id)
  const [rows, exifs] = await Promise.all([
    media.findByIds(posts.flatMap((post) => idsOf(post.id))),
    media.findExifByIds(posts.filter(isTold).flatMap((post) => idsOf(post.id))),
  ])
  const byPost = new Map<Id, PostFacts['media']>()
  for (const [postId, list] of places) {
    byPost.set(
      postId,
      list.flatMap(({ id, alt_text }) => {
        const row = rows.get(id)
        return row ? [{ row, altText: alt_text, exif: exifs.get(id) }] : []
      }),
    )
  }
  return byPost
}

/** Everybody on whom it depends what is shown of a post; some may come twice. */
export function peopleOf({ post, comments }: Pick<PostFacts, 'post' | 'comments'>): Id[] {
  return [
    post.author_id,
    ...mentionsOf(post.entities),
    ...comments.flatMap((comment) => [comment.author_id, ...mentionsOf(comment.entities)]),
  ]
}
