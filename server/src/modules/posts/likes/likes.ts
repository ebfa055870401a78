import type { UserListItem } from '@heliograph/contract/accounts'
import { canSee } from '#modules/graph'
import { fillPage, type Skeleton } from '#platform/db/fill-page.ts'
import { createGroupCommit } from '#platform/db/group-commit.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PostsDeps, Reader } from '../posts-deps.ts'
import { tellsLikes } from '../posts-policy.ts'
import type { PostsGate } from '../presenting/posts-gate.ts'
import type { MarkRow } from '../presenting/posts-lists.ts'
import type { PageRequest } from '../presenting/posts-presenter.ts'
import { createLikesCommit, type LikeResult, type LikeWrite } from './likes-commit.ts'
import { likedPosts } from './likes-given.ts'
import type { LikesMemory } from './likes-memory.ts'

type Deps = Pick<PostsDeps, 'database' | 'ids' | 'events' | 'clock' | 'accounts' | 'graph'> & {
  gate: PostsGate
  memory: LikesMemory
  noteLikes(postId: Id, likes: number): void
}

export interface LikeState {
  liked: boolean
  likeCount: number
}

export interface Likes {
  like(liker: { id: Id }, postId: Id): Promise<LikeState>
  unlike(liker: { id: Id }, postId: Id): Promise<LikeState>
  /** What somebody liked, the last first. */
  listLiked(readerId: Id): Skeleton<MarkRow>
  /** Who likes a post, newest first. */
  listLikers(
    reader: Reader,
    postId: Id,
    request: PageRequest,
  ): Promise<{ items: UserListItem[]; nextPosition: readonly string[] | null }>
}

/**
 * A like is a row, one more on the counter and an event, in one transaction with all the others that wait for the same
 * bucket of posts. What its giver is shown follows by that event; until then it is remembered here.
 */
export function createLikes(deps: Deps): Likes {
  const { database, ids, events, clock, gate, accounts, graph, memory } = deps
  const group = createGroupCommit<LikeWrite, LikeResult>({
    groupOf: ({ postId }) => bucketOf(postId),
    partOf: ({ postId }) => postId,
    keyOf: ({ postId, userId }) => `${postId} ${userId}`,
    commit: createLikesCommit(deps),
  })
  // Others' likes too: a person may have liked by another process a moment ago.
  events.on('likes.created', ({ id, data: { userId, postId, givenId } }) =>
    memory.note(userId, postId, { liked: true, id, givenId }),
  )
  events.on('likes.deleted', ({ id, data: { userId, postId } }) =>
    memory.note(userId, postId, { liked: false, id, givenId: null }),
  )

  async function change(kind: LikeWrite['kind'], { id: userId }: { id: Id }, postId: Id): Promise<LikeState> {
    const write: LikeWrite = {
      kind,
      userId,
      postId,
      id: ids.next(bucketOf(postId)),
      givenId: ids.next(bucketOf(userId)),
      at: new Date(clock.now()),
    }
    const { changed, likeCount } = await group.submit(write)
    const liked = kind === 'like'
    if (changed) {
      const { id, givenId } = write
      memory.note(userId, postId, { liked, id, givenId: liked ? givenId : null }, { isOwn: true })
    }
    return { liked, likeCount }
  }

  return {
    like: (liker, postId) => change('like', liker, postId),
    /** One's own like can be taken back from what one may no longer see; how many there are stays hidden. */
    unlike: (liker, postId) => change('unlike', liker, postId),
    listLiked: (readerId) => likedPosts(database, memory, readerId),
    async listLikers(reader, postId, request) {
      const { author_id } = await gate.requireVisible(reader, postId)
      const author = (await accounts.findByIds([author_id])).get(author_id)
      if (!author || !tellsLikes(author, reader)) return { items: [], nextPosition: null }
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
