import type { AccountsApi, ExportRoom, ExportWish } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import { bucketOf, type Id, timeOf } from '#platform/ids/ids.ts'
import type { PostRow } from './posts-rows.ts'
import type { PostsGate } from './presenting/posts-gate.ts'
import { type MarkRow, markedPosts } from './presenting/posts-lists.ts'
import { findPostMedia, findPosts } from './presenting/posts-reads.ts'

interface Deps {
  database: Database
  accounts: Pick<AccountsApi, 'findByIds'>
  media: Pick<MediaApi, 'files'>
  gate: Pick<PostsGate, 'findVisible'>
}

const batch = 100

/** What somebody shared, and what they gave to the posts of others: those are named as far as they may be seen now. */
export function createExportPosts({ database, accounts, media, gate }: Deps): ExportRoom {
  const db = database.main

  /** In any state. */
  async function* ownPosts({ id, before }: ExportWish, order: 'asc' | 'desc', from: Id | null = null) {
    const pages = eachPage<{ id: Id }>(batch, (last) => {
      const place = last?.id ?? from
      return db
        .selectFrom('posts')
        .select('id')
        .where('bucket', '=', bucketOf(id))
        .where('author_id', '=', id)
        .where('deleted_at', 'is', null)
        .where('id', '<', before)
        .$if(place !== null, (query) => query.where('id', order === 'asc' ? '>' : '<', place!))
        .orderBy('id', order)
        .limit(batch)
        .execute()
    })
    for await (const rows of pages) {
      const ids = rows.map((row) => row.id)
      const posts = await findPosts(db, ids)
      yield ids.flatMap((postId) => posts.get(postId) ?? [])
    }
  }

  /** What a moderator took away is told of, and not given out. */
  async function mediaOf(posts: readonly PostRow[]) {
    const shown = posts.filter(({ status }) => status !== 'removed')
    return await findPostMedia(
      db,
      shown.map(({ id }) => id),
    )
  }

  async function captionsBefore(posts: readonly PostRow[]) {
    const edited = posts.filter(({ edited_at }) => edited_at !== null)
    if (edited.length === 0) return new Map<Id, never[]>()
    const rows = await db
      .selectFrom('post_revisions')
      .select(['post_id', 'caption', 'replaced_at'])
      .where('bucket', '=', edited[0]!.bucket)
      .where(
        'post_id',
        'in',
        edited.map(({ id }) => id),
      )
      .orderBy('id')
      .execute()
    return Map.groupBy(rows, (row) => row.post_id)
  }

  async function* posts(wish: ExportWish) {
    for await (const page of ownPosts(wish, 'desc')) {
      const items = await mediaOf(page)
      const before = await captionsBefore(page)
      const ids = [...items.values()].flat().map(({ id }) => id)
      const names = await media.files.namesOf(wish.id, ids)
      for (const post of page)
        yield {
          id: post.id,
          createdAt: post.created_at,
          publishedAt: post.published_at,
          shownDate: post.display_at,
          editedAt: post.edited_at,
          status: post.status,
          audience: post.audience,
          caption: post.caption,
          captionsBefore: (before.get(post.id) ?? []).map(({ caption, replaced_at }) => ({
            caption,
            until: replaced_at,
          })),
          place: post.place_name && {
            name: post.place_name,
            latitude: post.place_lat,
            longitude: post.place_lng,
          },
          isSensitive: post.sensitive,
          commentsOff: post.comments_off,
          showsMetadata: post.show_metadata,
          likes: post.like_count,
          comments: post.comment_count,
          shares: post.share_count,
          removalNote: post.removal_note,
          media: (items.get(post.id) ?? []).map((item) => ({
            id: item.id,
            altText: item.alt_text,
            files: names.get(item.id) ?? null,
          })),
        }
    }
  }

  /** Of these posts the names of those authors who may be named. */
  async function authorsOf(readerId: Id, postIds: readonly Id[]): Promise<Map<Id, string>> {
    const seen = await gate.findVisible({ id: readerId }, [...new Set(postIds)])
    const people = await accounts.findByIds(seen.map((post) => post.author_id))
    return new Map(
      seen.flatMap((post) => {
        const author = people.get(post.author_id)
        return author ? [[post.id, author.username] as const] : []
      }),
    )
  }

  async function* marked(table: 'likes_given' | 'saves', { id }: ExportWish) {
    const list = markedPosts(database, table, id)
    const read = async (last: MarkRow | null) => await list.read(last && list.positionOf(last), batch)
    for await (const rows of eachPage(batch, read))
      yield* given(id, rows, (row) => ({ at: new Date(timeOf(row.id)) }))
  }

  async function* given<Row extends { post_id: Id }>(
    readerId: Id,
    rows: readonly Row[],
    rest: (row: Row) => object,
  ) {
    const authors = await authorsOf(
      readerId,
      rows.map((row) => row.post_id),
    )
    for (const row of rows)
      yield { postId: row.post_id, author: authors.get(row.post_id) ?? null, ...rest(row) }
  }

  /** Nor here does an author learn that a comment waits for the post's owner, who may have restricted them. */
  async function* comments({ id }: ExportWish) {
    const read = (last: { post_id: Id; id: Id } | null) =>
      db
        .selectFrom('comments')
        .select(['post_id', 'id', 'parent_id', 'text', 'created_at', 'held_at'])
        .where('author_id', '=', id)
        .$if(last !== null, (query) =>
          query.where((where) =>
            where(where.refTuple('post_id', 'id'), '>', where.tuple(last!.post_id, last!.id)),
          ),
        )
        .orderBy('post_id')
        .orderBy('id')
        .limit(batch)
        .execute()
    for await (const rows of eachPage(batch, read))
      yield* given(id, rows, (row) => ({
        id: row.id,
        answers: row.parent_id,
        at: row.created_at,
        text: row.text,
        isHeld: row.held_at !== null,
      }))
  }

  async function* shares({ id }: ExportWish) {
    const read = (last: { post_id: Id } | null) =>
      db
        .selectFrom('shares')
        .select(['post_id', 'created_at'])
        .where('user_id', '=', id)
        .$if(last !== null, (query) => query.where('post_id', '>', last!.post_id))
        .orderBy('post_id')
        .limit(batch)
        .execute()
    for await (const rows of eachPage(batch, read)) yield* given(id, rows, (row) => ({ at: row.created_at }))
  }

  return {
    name: 'posts',
    data: (wish) => [
      {
        name: 'posts',
        about: { en: 'Your posts, the newest first.', de: 'Deine Beiträge, die neuesten zuerst.' },
        rows: () => posts(wish),
      },
      {
        name: 'comments',
        about: { en: 'Comments that you wrote.', de: 'Kommentare, die du geschrieben hast.' },
        rows: () => comments(wish),
      },
      {
        name: 'likes',
        about: { en: 'Posts that you like.', de: 'Beiträge, die dir gefallen.' },
        rows: () => marked('likes_given', wish),
      },
      {
        name: 'saves',
        about: { en: 'Posts that you saved.', de: 'Beiträge, die du gemerkt hast.' },
        rows: () => marked('saves', wish),
      },
      {
        name: 'shares',
        about: { en: 'Posts that you passed on.', de: 'Beiträge, die du weitergegeben hast.' },
        rows: () => shares(wish),
      },
    ],
    async *media(wish, after) {
      for await (const page of ownPosts(wish, 'asc', after)) {
        const items = await mediaOf(page)
        for (const { id } of page) yield { place: id, ids: (items.get(id) ?? []).map((item) => item.id) }
      }
    },
    async *moments(wish) {
      for await (const page of ownPosts(wish, 'desc')) {
        const items = await mediaOf(page)
        for (const post of page)
          yield {
            at: post.display_at,
            text: post.caption,
            where: post.place_name,
            media: (items.get(post.id) ?? []).map((item) => ({ id: item.id, altText: item.alt_text })),
          }
      }
    },
  }
}
