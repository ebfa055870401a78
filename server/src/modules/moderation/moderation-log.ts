import type { ModerationLogEntry } from '@heliograph/contract/moderation'
import type { Selectable } from 'kysely'
import type { Database, Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { ModerationLogTable } from './moderation-tables.ts'

/** Who acts; null: the operator, at the command line. */
export type Actor = { id: Id; username: string } | null

export interface LogLine {
  caseId: Id | null
  act: ModerationLogEntry['act']
  at: Date
  actor: Actor
  subject: ModerationLogEntry['subject']
  subjectId: Id
  postId: Id | null
  author: { id: Id; username: string } | null
  note: string
  before: Record<string, unknown>
  after: Record<string, unknown>
}

/** Append-only: there is no way here to change a line or to take one away. */
export interface ModerationLog {
  write(tx: Tx, line: LogLine): Promise<void>
  /** Newest first. */
  list(
    before: Id | null,
    limit: number,
    about?: { authorId?: Id | undefined; actorId?: Id | undefined },
  ): Promise<ModerationLogEntry[]>
}

export function createModerationLog({ database, ids }: { database: Database; ids: IdSource }): ModerationLog {
  return {
    async write(tx, line) {
      const bucket = bucketOf(line.subjectId)
      await tx
        .insertInto('moderation_log')
        .values({
          bucket,
          id: ids.next(bucket),
          case_id: line.caseId,
          act: line.act,
          at: line.at,
          actor_id: line.actor?.id ?? null,
          actor_name: line.actor?.username ?? null,
          subject: line.subject,
          subject_id: line.subjectId,
          post_id: line.postId,
          author_id: line.author?.id ?? null,
          author_name: line.author?.username ?? null,
          note: line.note,
          before: JSON.stringify(line.before),
          after: JSON.stringify(line.after),
        })
        .execute()
    },
    async list(before, limit, { authorId, actorId } = {}) {
      const rows = await database.main
        .selectFrom('moderation_log')
        .selectAll()
        .$if(before !== null, (query) => query.where('id', '<', before))
        .$if(authorId !== undefined, (query) => query.where('author_id', '=', authorId ?? ''))
        .$if(actorId !== undefined, (query) => query.where('actor_id', '=', actorId ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(present)
    },
  }
}

function present(row: Selectable<ModerationLogTable>): ModerationLogEntry {
  return {
    id: row.id,
    caseId: row.case_id,
    act: row.act,
    at: row.at.toISOString(),
    actor: row.actor_name,
    subject: row.subject,
    subjectId: row.subject_id,
    postId: row.subject === 'post' ? row.subject_id : row.post_id,
    author: row.author_name,
    note: row.note,
    before: row.before,
    after: row.after,
  }
}
