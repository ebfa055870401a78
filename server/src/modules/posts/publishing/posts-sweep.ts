import type { Id } from '#platform/ids/ids.ts'
import type { PostsDeps } from '../posts-deps.ts'
import type { PurgePost } from './posts-purge.ts'
import type { PostsSettling } from './posts-settle.ts'

type Deps = Pick<PostsDeps, 'database' | 'clock' | 'log'> & {
  settling: PostsSettling
  purge: PurgePost
}

const minute = 60_000
const day = 24 * 60 * minute
const batch = 200
/** Previous captions are kept for moderators this long. */
const revisionsKeptMs = 90 * day

export interface PostsSweep {
  /** Finds what events did not bring to its end, and does it. */
  run(): Promise<{ settled: number; purged: number; revisions: number }>
}

export function createPostsSweep({ database, clock, log, settling, purge }: Deps): PostsSweep {
  const before = (ageMs: number) => new Date(clock.now() - ageMs)

  async function settleStuck(): Promise<number> {
    let settled = 0
    let from = new Date(0)
    for (;;) {
      const rows = await database.main
        .selectFrom('posts')
        .select(['id', 'created_at'])
        .where('status', '=', 'processing')
        .where('created_at', '>', from)
        .where('created_at', '<', before(2 * minute))
        .orderBy('created_at')
        .limit(batch)
        .execute()
      for (const { id } of rows) settled += await attempt(() => settling.settle(id), id)
      const last = rows.at(-1)
      if (!last || rows.length < batch) return settled
      from = last.created_at
    }
  }

  async function purgeDeleted(): Promise<number> {
    const rows = await database.main
      .selectFrom('posts')
      .select('id')
      .where('deleted_at', '<', before(10 * minute))
      .orderBy('deleted_at')
      .limit(batch)
      .execute()
    let purged = 0
    for (const { id } of rows) purged += await attempt(() => purge(id), id)
    return purged
  }

  async function dropRevisions(): Promise<number> {
    const rows = await database.main
      .deleteFrom('post_revisions')
      .where('replaced_at', '<', before(revisionsKeptMs))
      .executeTakeFirst()
    return Number(rows.numDeletedRows)
  }

  /** One post that cannot be helped does not keep the others waiting. */
  async function attempt(work: () => Promise<void>, postId: Id): Promise<0 | 1> {
    try {
      await work()
      return 1
    } catch (error) {
      log.error({ err: error, postId }, 'A post could not be swept')
      return 0
    }
  }

  return {
    run: async () => ({
      settled: await settleStuck(),
      purged: await purgeDeleted(),
      revisions: await dropRevisions(),
    }),
  }
}
