import type { NewReport, ReportReason } from '@heliograph/contract/moderation'
import { type Selectable, sql } from 'kysely'
import type { AccountsApi } from '#modules/accounts'
import type { MessagesModeration } from '#modules/messages'
import type { PostsModeration } from '#modules/posts'
import type { StoriesModeration } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Db, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { findCase, openCase, type Subject } from './moderation-cases.ts'
import type { ModerationReportsTable } from './moderation-tables.ts'

const notesShown = 10

export interface CaseReports {
  reasons: { reason: ReportReason; count: number }[]
  notes: { reason: ReportReason; note: string; createdAt: string }[]
}

export interface Reports {
  /** The id of the report; the one that was there when the same person reported the same before. */
  create(reporter: { id: Id }, report: NewReport, once: Once): Promise<Id>
  ofCases(db: Db, caseIds: readonly Id[]): Promise<Map<Id, CaseReports>>
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  accounts: Pick<AccountsApi, 'findVisibleUser'>
  posts: Pick<PostsModeration, 'requireVisible'>
  stories: Pick<StoriesModeration, 'requireVisible'>
  messages: Pick<MessagesModeration, 'requireVisible' | 'keepCopy'>
}

export function createReports({ database, ids, clock, accounts, posts, stories, messages }: Deps): Reports {
  /** What somebody does not see they cannot report: it looks as if it were not there. */
  async function subjectOf(reporter: { id: Id }, report: NewReport): Promise<Subject> {
    const { postId, commentId, storyId, username, messageId } = report
    if (messageId !== undefined) {
      const { authorId } = await messages.requireVisible(reporter, messageId)
      return { subject: 'message', subjectId: messageId, postId: null, authorId }
    }
    if (username !== undefined) {
      const { id } = await accounts.findVisibleUser(reporter, username)
      return { subject: 'account', subjectId: id, postId: null, authorId: id }
    }
    if (storyId !== undefined) {
      const { authorId } = await stories.requireVisible(reporter, storyId)
      return { subject: 'story', subjectId: storyId, postId: null, authorId }
    }
    const { authorId } = await posts.requireVisible(reporter, { postId: postId!, commentId })
    return commentId === undefined
      ? { subject: 'post', subjectId: postId!, postId: null, authorId }
      : { subject: 'comment', subjectId: commentId, postId: postId!, authorId }
  }

  async function insert(tx: Tx, reporterId: Id, about: Subject, report: NewReport): Promise<Id> {
    const bucket = bucketOf(about.subjectId)
    const key = { bucket, subject: about.subject, subject_id: about.subjectId, reporter_id: reporterId }
    const [id, caseId, now] = [ids.next(bucket), ids.next(bucket), new Date(clock.now())]
    const { reason, note = '' } = report
    const change = (columns: Partial<Selectable<ModerationReportsTable>>) =>
      tx
        .updateTable('moderation_reports')
        .set(columns)
        .where('bucket', '=', bucket)
        .where('subject', '=', about.subject)
        .where('subject_id', '=', about.subjectId)
        .where('reporter_id', '=', reporterId)
        .execute()
    const inserted = await tx
      .insertInto('moderation_reports')
      .values({ ...key, id, case_id: caseId, reason, note, created_at: now })
      .onConflict((conflict) =>
        conflict.columns(['bucket', 'subject', 'subject_id', 'reporter_id']).doNothing(),
      )
      .returning('id')
      .executeTakeFirst()
    if (!inserted) {
      const there = await tx
        .selectFrom('moderation_reports')
        .select(['id', 'case_id'])
        .where('bucket', '=', bucket)
        .where('subject', '=', about.subject)
        .where('subject_id', '=', about.subjectId)
        .where('reporter_id', '=', reporterId)
        .forUpdate()
        .executeTakeFirstOrThrow()
      // Heard, and decided about since: what is reported now may be something else.
      if ((await findCase(tx, there.case_id))?.state === 'waiting') return there.id
      await change({ id, case_id: caseId, reason, note, created_at: now })
    }
    const openId = await openCase(tx, { ...about, id: caseId, findings: [], reports: 1, now })
    if (openId !== caseId) await change({ case_id: openId })
    return id
  }

  return {
    async create(reporter, report, once) {
      const about = await subjectOf(reporter, report)
      if (about.authorId === reporter.id) throw fault('report.self')
      return await database.transaction(
        async (tx) => {
          if (about.subject === 'message') await messages.keepCopy(tx, reporter, about.subjectId)
          const id = await insert(tx, reporter.id, about, report)
          await once.record(tx, id)
          return id
        },
        { by: reporter.id },
      )
    },

    async ofCases(db, caseIds) {
      if (caseIds.length === 0) return new Map()
      const wanted = [...caseIds]
      const reasons = await db
        .selectFrom('moderation_reports')
        .select(['case_id', 'reason', (eb) => eb.fn.countAll<string>().as('count')])
        .where('bucket', 'in', [...new Set(wanted.map(bucketOf))])
        .where('case_id', 'in', wanted)
        .groupBy(['case_id', 'reason'])
        .execute()
      const notes = await sql<
        Pick<Selectable<ModerationReportsTable>, 'case_id' | 'reason' | 'note' | 'created_at'>
      >`
        select newest.*
        from unnest(${wanted.map(bucketOf)}::smallint[], ${wanted}::bigint[]) as wanted(bucket, id)
        cross join lateral (
          select case_id, reason, note, created_at from moderation_reports r
          where r.bucket = wanted.bucket and r.case_id = wanted.id and r.note <> ''
          order by r.id desc
          limit ${sql.lit(notesShown)}
        ) newest
      `.execute(db)
      const reasonsOf = Map.groupBy(reasons, (row) => row.case_id)
      const notesOf = Map.groupBy(notes.rows, (row) => row.case_id)
      return new Map(
        [...reasonsOf].map(([caseId, counted]) => {
          const of = counted.map(({ reason, count }) => ({ reason, count: Number(count) }))
          const told = (notesOf.get(caseId) ?? []).map(({ reason, note, created_at }) => ({
            ...{ reason, note },
            createdAt: created_at.toISOString(),
          }))
          return [caseId, { reasons: of.sort((a, b) => b.count - a.count), notes: told }]
        }),
      )
    },
  }
}
