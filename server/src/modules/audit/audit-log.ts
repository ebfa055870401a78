import type { AdminAct, AdminLogEntry } from '@heliograph/contract/admin'
import type { Selectable } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { AdminLogTable } from './audit-tables.ts'

/** Somebody as they are called now; the name is kept beside the id. */
export interface Named {
  id: Id
  username: string
}

/** Who acts: a person, the operator at the command line, or the server when something ends by itself. */
export type Actor = Named | 'operator' | 'server'

export interface Act {
  actor: Actor
  act: AdminAct
  /** The account that it is about, if any. */
  subject: Named | null
  note?: string
  /** What was and what is, in words that the log may keep: no address, no secret, nothing that somebody wrote in private. */
  before?: Readonly<Record<string, unknown>>
  after?: Readonly<Record<string, unknown>>
}

/** In the transaction of the act itself: neither is there without the other. */
export type RecordAct = (tx: Tx, act: Act) => Promise<void>

/** Append-only: there is no way here to change a line or to take one away. */
export interface AuditLog {
  record: RecordAct
  /** Newest first. */
  list(before: Id | null, limit: number, filter?: LogFilter): Promise<AdminLogEntry[]>
}

export interface LogFilter {
  acts?: readonly AdminAct[] | undefined
  subjectId?: Id | undefined
  actorId?: Id | undefined
}

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
}

export function createAuditLog({ database, ids, clock }: Deps): AuditLog {
  return {
    async record(tx, { actor, act, subject, note = '', before = {}, after = {} }) {
      const bucket = subject === null ? 0 : bucketOf(subject.id)
      const person = typeof actor === 'string' ? null : actor
      await tx
        .insertInto('admin_log')
        .values({
          bucket,
          id: ids.next(bucket),
          act,
          at: new Date(clock.now()),
          by: typeof actor === 'string' ? actor : 'person',
          actor_id: person?.id ?? null,
          actor_name: person?.username ?? null,
          subject_id: subject?.id ?? null,
          subject_name: subject?.username ?? null,
          note,
          before: JSON.stringify(before),
          after: JSON.stringify(after),
        })
        .execute()
    },

    async list(before, limit, { acts, subjectId, actorId } = {}) {
      const rows = await database.main
        .selectFrom('admin_log')
        .selectAll()
        .$if(before !== null, (query) => query.where('id', '<', before))
        .$if(acts !== undefined, (query) => query.where('act', 'in', acts ?? []))
        .$if(subjectId !== undefined, (query) =>
          query.where('bucket', '=', bucketOf(subjectId ?? '')).where('subject_id', '=', subjectId ?? ''),
        )
        .$if(actorId !== undefined, (query) => query.where('actor_id', '=', actorId ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(present)
    },
  }
}

function present(row: Selectable<AdminLogTable>): AdminLogEntry {
  return {
    id: row.id,
    act: row.act,
    at: row.at.toISOString(),
    by: row.by,
    actor: row.actor_name,
    subject: row.subject_name,
    note: row.note,
    before: row.before,
    after: row.after,
  }
}
