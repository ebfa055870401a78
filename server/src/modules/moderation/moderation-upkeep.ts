import type { AccountsApi } from '#modules/accounts'
import type { PostsModeration } from '#modules/posts'
import type { StoriesModeration } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { type CaseRow, listWaiting, openCase, withdrawCase } from './moderation-cases.ts'

const batch = 200

export interface ModerationUpkeep {
  /** Cases of what is proved to be gone, whoever took it away without telling. How many there were. */
  withdrawGone(): Promise<number>
  /** Puts posts before a moderator that wait without a case: they would wait for ever. How many there were. */
  queueForgotten(): Promise<number>
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  accounts: Pick<AccountsApi, 'findByIds'>
  posts: Pick<PostsModeration, 'listGone' | 'listInReview' | 'lockInReview'>
  stories: Pick<StoriesModeration, 'listGone'>
}

export function createModerationUpkeep({
  database,
  ids,
  clock,
  accounts,
  posts,
  stories,
}: Deps): ModerationUpkeep {
  async function listGone(rows: readonly CaseRow[]): Promise<CaseRow[]> {
    const people = await accounts.findByIds(rows.map((row) => row.author_id))
    const isNobody = (row: CaseRow) => (people.get(row.author_id)?.state ?? 'deleted') === 'deleted'
    const things = rows
      .filter((row) => row.subject === 'post' || row.subject === 'comment')
      .map((row) =>
        row.subject === 'post'
          ? { postId: row.subject_id, commentId: null }
          : { postId: row.post_id!, commentId: row.subject_id },
      )
    const gone = await posts.listGone(things)
    const storyIds = rows.filter((row) => row.subject === 'story').map((row) => row.subject_id)
    const goneIds = new Set([
      ...gone.map(({ postId, commentId }) => commentId ?? postId),
      ...(await stories.listGone(storyIds)),
    ])
    return rows.filter((row) => (row.subject === 'account' ? isNobody(row) : goneIds.has(row.subject_id)))
  }

  async function queue(post: { bucket: number; id: Id; author_id: Id }): Promise<boolean> {
    const named = { postId: post.id, authorId: post.author_id }
    return await database.transaction(async (tx) => {
      if (!(await posts.lockInReview(tx, named))) return false
      const id = ids.next(bucketOf(post.id))
      const about = { subject: 'post' as const, subjectId: post.id, postId: null, authorId: post.author_id }
      const now = new Date(clock.now())
      return (await openCase(tx, { ...about, id, findings: [], reports: 0, now })) === id
    })
  }

  return {
    async withdrawGone() {
      let withdrawn = 0
      let after: Id | null = null
      for (;;) {
        const rows: CaseRow[] = await listWaiting(database.main, after, batch)
        for (const row of await listGone(rows)) {
          await database.transaction((tx) => withdrawCase(tx, row.subject, row.subject_id))
          withdrawn += 1
        }
        if (rows.length < batch) return withdrawn
        after = rows.at(-1)!.id
      }
    },
    async queueForgotten() {
      let queued = 0
      let after: { bucket: number; id: Id } | undefined
      for (;;) {
        const rows = await posts.listInReview(after, batch)
        for (const row of rows) if (await queue(row)) queued += 1
        if (rows.length < batch) return queued
        after = rows.at(-1)
      }
    },
  }
}
