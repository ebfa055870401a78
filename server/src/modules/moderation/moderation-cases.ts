import type { ModerationFinding, ModerationSubject } from '@heliograph/contract/moderation'
import type { Selectable } from 'kysely'
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
  for (;;) {
    const id = (await insertCase(tx, opening)) ?? (await addToCase(tx, opening))
    // Decided in between: the next one is new.
    if (id !== undefined) return id
  }
}

async function insertCase(tx: Tx, opening: Opening): Promise<Id | undefined> {
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
      conflict.columns(['bucket', 'subject', 'subject_id']).where('state', '=', 'waiting').doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

async function addToCase(
  tx: Tx,
  { subject, subjectId, findings, reports }: Opening,
): Promise<Id | undefined> {
  const bucket = bucketOf(subjectId)
  const waiting = await tx
    .selectFrom('moderation_cases')
    .select(['id', 'findings'])
    .where('bucket', '=', bucket)
    .where('subject', '=', subject)
    .where('subject_id', '=', subjectId)
    .where('state', '=', 'waiting')
    .forUpdate()
    .executeTakeFirst()
  if (!waiting) return undefined
  await tx
    .updateTable('moderation_cases')
    .set((eb) => ({
      findings: JSON.stringify(mergeFindings(waiting.findings, findings)),
      report_count: eb('report_count', '+', reports),
    }))
    .where('bucket', '=', bucket)
    .where('id', '=', waiting.id)
    .execute()
  return waiting.id
}

/** About the same text or picture the newest counts. */
export function mergeFindings(
  before: readonly ModerationFinding[],
  fresh: readonly ModerationFinding[],
): ModerationFinding[] {
  const about = (finding: ModerationFinding) => (finding.kind === 'words' ? finding.field : finding.mediaId)
  const replaced = new Set(fresh.map(about))
  return [...before.filter((finding) => !replaced.has(about(finding))), ...fresh]
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

export async function withdrawCases(
  tx: Tx,
  subject: ModerationSubject,
  bucket: number,
  ids: readonly Id[],
): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('moderation_cases')
    .set({ state: 'withdrawn' })
    .where('bucket', '=', bucket)
    .where('subject', '=', subject)
    .where('subject_id', 'in', [...ids])
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

export async function isWaiting(tx: Tx, subject: ModerationSubject, subjectId: Id): Promise<boolean> {
  const row = await tx
    .selectFrom('moderation_cases')
    .select('id')
    .where('bucket', '=', bucketOf(subjectId))
    .where('subject', '=', subject)
    .where('subject_id', '=', subjectId)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return row !== undefined
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
  decision: Pick<CaseRow, 'act' | 'decided_by' | 'decided_at'> & { approved_texts: string | null },
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

/** Of the last time that somebody approved this account: digests of its words. */
export async function findApprovedTexts(db: Db | Tx, accountId: Id): Promise<Record<string, string>> {
  const row = await db
    .selectFrom('moderation_cases')
    .select('approved_texts')
    .where('bucket', '=', bucketOf(accountId))
    .where('subject', '=', 'account')
    .where('subject_id', '=', accountId)
    .where('state', '=', 'decided')
    .where('approved_texts', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.approved_texts ?? {}
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
