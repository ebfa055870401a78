import type { ModerationCase } from '@heliograph/contract/moderation'
import type { AccountsApi } from '#modules/accounts'
import type { MessagesModeration } from '#modules/messages'
import type { PostsModeration } from '#modules/posts'
import type { StoriesModeration } from '#modules/stories'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type CaseRow, countWaiting, findCase, listWaiting } from './moderation-cases.ts'
import type { Reports } from './moderation-reports.ts'
import { versionOf } from './moderation-versions.ts'

export interface Queue {
  /** Undefined when it waits no more. */
  find(reader: { id: Id } | null, caseId: Id): Promise<ModerationCase | undefined>
  countWaiting(): Promise<number>
  /** The reader is null for the operator, who has no account. */
  list(
    reader: { id: Id } | null,
    after: Id | null,
    limit: number,
  ): Promise<{ items: ModerationCase[]; nextPosition: readonly string[] | null }>
}

interface Deps {
  database: Database
  accounts: Pick<AccountsApi, 'findByIds' | 'presentSummary'>
  posts: Pick<PostsModeration, 'presentPosts' | 'presentComments' | 'versionsOf'>
  messages: Pick<MessagesModeration, 'presentReported' | 'versionsOf'>
  stories: Pick<StoriesModeration, 'presentStories'>
  reports: Reports
}

/** Skeleton → hydrate → present, as everywhere; the rule is that the reader is a moderator. */
export function createQueue({ database, accounts, posts, messages, stories, reports }: Deps): Queue {
  async function present(reader: { id: Id } | null, rows: readonly CaseRow[]): Promise<ModerationCase[]> {
    const ofKind = (kind: CaseRow['subject']) => rows.filter((row) => row.subject === kind)
    const comments = ofKind('comment').map((row) => ({ postId: row.post_id!, commentId: row.subject_id }))
    const postIds = [...ofKind('post').map((row) => row.subject_id), ...comments.map((one) => one.postId)]
    const messageIds = ofKind('message').map((row) => row.subject_id)
    const versions = new Map([
      ...(await posts.versionsOf(ofKind('post').map((row) => row.subject_id))),
      ...(await messages.versionsOf(messageIds)),
    ])
    const [people, shownPosts, shownComments, shownMessages, shownStories, reported] = await Promise.all([
      accounts.findByIds(rows.map((row) => row.author_id)),
      posts.presentPosts(reader, postIds),
      posts.presentComments(reader, comments),
      messages.presentReported(reader, messageIds),
      stories.presentStories(
        reader,
        ofKind('story').map((row) => row.subject_id),
      ),
      reports.ofCases(
        database.main,
        rows.map((row) => row.id),
      ),
    ])
    return rows.flatMap((row): ModerationCase[] => {
      const author = people.get(row.author_id)
      const post = shownPosts.get(row.subject === 'post' ? row.subject_id : (row.post_id ?? '')) ?? null
      const comment = shownComments.get(row.subject_id) ?? null
      const message = shownMessages.get(row.subject_id) ?? null
      const story = shownStories.get(row.subject_id) ?? null
      const things = { post, comment, message, story, account: author }
      const isThere = things[row.subject] !== null
      if (!author || !isThere) return []
      const { reasons = [], notes = [] } = reported.get(row.id) ?? {}
      return [
        {
          id: row.id,
          version: versionOf(row, row.subject === 'account' ? author : versions.get(row.subject_id)),
          subject: row.subject,
          openedAt: row.opened_at.toISOString(),
          author: accounts.presentSummary(author),
          ...(row.subject === 'account' ? { bio: author.bio } : {}),
          post,
          comment,
          message,
          story,
          findings: row.findings,
          reportCount: row.report_count,
          reasons,
          notes,
        },
      ]
    })
  }

  return {
    countWaiting: () => countWaiting(database.main),
    async find(reader, caseId) {
      const row = await findCase(database.main, caseId)
      return row?.state === 'waiting' ? (await present(reader, [row]))[0] : undefined
    },
    async list(reader, after, limit) {
      const rows = await listWaiting(database.main, after, limit + 1)
      const page = rows.slice(0, limit)
      const items = await present(reader, page)
      return { items, nextPosition: rows.length > limit ? [page.at(-1)!.id] : null }
    },
  }
}
