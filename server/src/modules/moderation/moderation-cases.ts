import type { ModerationFinding, ModerationSubject } from '@heliograph/contract/moderation'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ModerationCasesTable } from './moderation-tables.ts'

export type CaseRow = Selectable<ModerationCasesTable>

/** What a case is about; it lies in the subject's bucket. */
export interface Subject {
  subject: ModerationSubject
  subjectId: Id
  /** Of a comment. */
  postId: Id | null
  authorId: Id
}

export interface Opening extends Subject {
  /** Drawn for the case, should there be none. */
  id: Id
  findings: readonly ModerationFinding[]
  /** Reports that come with it. */
  reports: number
  now: Date
}

/** Opens the subject's case, or adds to the one that waits already; gives its id. */
export async function openCase(tx: Tx, opening: Opening): Promise<Id> {
  const row = await tx
    .insertInto('moderation_cases')
    .values({
      bucket: bucketOf(opening.subjectId),
      id: opening.id,
      subject: opening.subject,
      subject_id: opening.subjectId,
      post_id: opening.postId,
      author_id: opening.authorId,
      state: 'waiting',
      findings: JSON.stringify(opening.findings),
      report_count: opening.reports,
      opened_at: opening.now,
    })
    .onConflict((conflict) =>
      conflict.columns(['bucket', 'subject', 'subject_id']).where('state', '=', 'waiting').doUpdateSet({
        findings: sql<string>`moderation_cases.findings || excluded.findings`,
        report_count: sql<number>`moderation_cases.report_count + excluded.report_count`,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** The thing is gone: nobody has to decide about it any more. */
export async function withdrawCase(tx: Tx, subject: ModerationSubject, subjectId: Id): Promise<void> {
  await tx
    .updateTable('moderation_cases')
    .set({ state: 'withdrawn' })
    .where('bucket', '=', bucketOf(subjectId))
    .where('subject', '=', subject)
    .where('subject_id', '=', subjectId)
    .where('state', '=', 'waiting')
    .execute()
}

export async function withdrawCommentCases(tx: Tx, postId: Id): Promise<void> {
  await tx
    .updateTable('moderation_cases')
    .set({ state: 'withdrawn' })
    .where('bucket', '=', bucketOf(postId))
    .where('subject', '=', 'comment')
    .where('post_id', '=', postId)
    .where('state', '=', 'waiting')
    .execute()
}

export async function findCase(db: Db | Tx, id: Id): Promise<CaseRow | undefined> {
  return await db
    .selectFrom('moderation_cases')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Undefined when somebody was first. */
export async function closeCase(
  tx: Tx,
  id: Id,
  decision: Pick<CaseRow, 'act' | 'decided_by' | 'decided_at'>,
): Promise<CaseRow | undefined> {
  return await tx
    .updateTable('moderation_cases')
    .set({ state: 'decided', ...decision })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .returningAll()
    .executeTakeFirst()
}

/** The longest waiting first, over all buckets: ids begin with their time. */
export async function listWaiting(db: Db, after: Id | null, limit: number): Promise<CaseRow[]> {
  return await db
    .selectFrom('moderation_cases')
    .selectAll()
    .where('state', '=', 'waiting')
    .$if(after !== null, (query) => query.where('id', '>', after))
    .orderBy('id')
    .limit(limit)
    .execute()
}

export async function countWaiting(db: Db): Promise<number> {
  const row = await db
    .selectFrom('moderation_cases')
    .select((eb) => eb.fn.countAll<string>().as('waiting'))
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return Number(row.waiting)
}
