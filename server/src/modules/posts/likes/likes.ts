import type { UserListItem } from '@heliograph/contract/accounts'
import { canSee } from '#modules/graph'
import type { Tx } from '#platform/db/db.ts'
import { fillPage, type Skeleton } from '#platform/db/fill-page.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { changeCounts, readCounts } from '../posts-counts.ts'
import type { PostsDeps, Reader } from '../posts-deps.ts'
import type { PostRow } from '../posts-rows.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'
import type { PageRequest } from '../presenting/posts-presenter.ts'

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph'> & {
  gate: PostsGate
}

export interface LikeState {
  liked: boolean
  likeCount: number
}

export interface Likes {
  like(liker: { id: Id }, postId: Id): Promise<LikeState>
  unlike(liker: { id: Id }, postId: Id): Promise<LikeState>
  /** Who likes a post, newest first. */
  listLikers(
    reader: Reader,
    postId: Id,
    request: PageRequest,
  ): Promise<{ items: UserListItem[]; nextPosition: readonly string[] | null }>
}

/**
 * A like is a row on both sides and one more on the counter, in one transaction. The counter comes last, as
 * it is what all likers of a post wait for; each holds only rows of their own before.
 */
export function createLikes(deps: Deps): Likes {
  const { database, gate, accounts, graph } = deps

  /** The new count, or null when the row stood as wanted already. */
  function change(
    liker: { id: Id },
    post: PostRow,
    write: (tx: Tx) => Promise<boolean>,
    by: 1 | -1,
  ): Promise<number | null> {
    return database.transaction(
      async (tx) => {
        if (!(await write(tx))) return null
        const counts = await changeCounts(tx, post.id, 'like_count', by)
        await deps.events.emit(tx, by === 1 ? 'likes.created' : 'likes.deleted', {
          bucket: bucketOf(post.id),
          subjectId: post.id,
          data: { postId: post.id, authorId: post.author_id, userId: liker.id },
        })
        return counts.like_count
      },
      { by: liker.id },
    )
  }

  const countOf = async (postId: Id) => (await readCounts(database.main, postId)).like_count

  return {
    async like(liker, postId) {
      const post = await gate.requireReady(liker, postId)
      const count = await change(liker, post, (tx) => insertLike(deps, tx, liker.id, postId), 1)
      return { liked: true, likeCount: count ?? (await countOf(postId)) }
    },
    /** One's own like can be taken back from what one may no longer see; how many there are stays hidden. */
    async unlike(liker, postId) {
      const post = await gate.findUnseen(postId)
      const count = post && (await change(liker, post, (tx) => deleteLike(tx, liker.id, postId), -1))
      if (typeof count !== 'number') {
        await gate.requireReady(liker, postId)
        return { liked: false, likeCount: await countOf(postId) }
      }
      const isSeen = (await gate.findVisible(liker, [postId])).length > 0
      return { liked: false, likeCount: isSeen ? count : 0 }
    },
    async listLikers(reader, postId, request) {
      await gate.requireVisible(reader, postId)
      const skeleton = likersOf(deps, reader, postId)
      const page = await fillPage(
        skeleton,
        async (rows) => {
          const sight = await graph.loadSight(
            reader,
            rows.map((row) => row.user_id),
          )
          return rows.filter((row) => canSee(sight, { kind: 'profile', authorId: row.user_id }))
        },
        request,
      )
      const userIds = page.rows.map((row) => row.user_id)
      const [people, relationships] = await Promise.all([
        accounts.findByIds(userIds),
        reader ? graph.relationships(reader.id, userIds) : null,
      ])
      const items = userIds.flatMap((id) => {
        const account = people.get(id)
        return account ? [accounts.presentListItem(account, relationships?.get(id) ?? null)] : []
      })
      return { items, nextPosition: page.nextPosition }
    },
  }
}

/** False when it stood there already. */
async function insertLike(
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  tx: Tx,
  userId: Id,
  postId: Id,
): Promise<boolean> {
  const created_at = new Date(clock.now())
  const bucket = bucketOf(postId)
  const inserted = await tx
    .insertInto('likes')
    .values({ bucket, post_id: postId, user_id: userId, id: ids.next(bucket), created_at })
    .onConflict((conflict) => conflict.columns(['bucket', 'post_id', 'user_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return false
  const own = bucketOf(userId)
  await tx
    .insertInto('likes_given')
    .values({ bucket: own, user_id: userId, post_id: postId, id: ids.next(own), created_at })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id', 'post_id']).doNothing())
    .execute()
  return true
}

/** False when there was none. */
async function deleteLike(tx: Tx, userId: Id, postId: Id): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('likes')
    .where('bucket', '=', bucketOf(postId))
    .where('post_id', '=', postId)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst()
  if (!deleted) return false
  await tx
    .deleteFrom('likes_given')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('post_id', '=', postId)
    .execute()
  return true
}

function likersOf(
  { database }: Pick<Deps, 'database'>,
  reader: Reader,
  postId: Id,
): Skeleton<{ user_id: Id; id: Id }> {
  return {
    read(position, count) {
      let query = database
        .readFor(reader?.id)
        .selectFrom('likes')
        .select(['user_id', 'id'])
        .where('bucket', '=', bucketOf(postId))
        .where('post_id', '=', postId)
        .orderBy('id', 'desc')
        .limit(count)
      if (position) query = query.where('id', '<', position[0]!)
      return query.execute()
    },
    positionOf: (row) => [row.id],
  }
}
