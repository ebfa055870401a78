import type { ConversationFolder } from '@heliograph/contract/messages'
import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { InboxRow } from './messages-tables.ts'

/** Nobody looks at more of it than "100 and more". */
export const countedMax = 100

export async function insertInbox(
  tx: Tx,
  rows: readonly Pick<InboxRow, 'user_id' | 'conversation_id' | 'folder' | 'activity_id' | 'is_hidden'>[],
): Promise<void> {
  const fresh = { unread_count: 0, is_muted: false, draft: '' }
  await tx
    .insertInto('inbox')
    .values(rows.map((row) => ({ ...fresh, ...row, bucket: bucketOf(row.user_id) })))
    .onConflict((conflict) =>
      conflict.columns(['bucket', 'user_id', 'conversation_id']).doUpdateSet((eb) => ({
        folder: eb.ref('excluded.folder'),
        activity_id: eb.ref('excluded.activity_id'),
        is_hidden: eb.ref('excluded.is_hidden'),
        unread_count: 0,
        draft: '',
      })),
    )
    .execute()
}

export async function saveInbox(
  tx: Tx,
  userId: Id,
  conversationId: Id,
  columns: Partial<InboxRow>,
): Promise<void> {
  await tx
    .updateTable('inbox')
    .set(columns)
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('conversation_id', '=', conversationId)
    .execute()
}

export async function deleteInbox(tx: Tx, userId: Id, conversationId: Id): Promise<void> {
  await tx
    .deleteFrom('inbox')
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('conversation_id', '=', conversationId)
    .execute()
}

export interface InboxStep {
  userId: Id
  conversationId: Id
  activityId: Id
  /** New messages of others. */
  unread: number
}

interface Steps {
  buckets: number[]
  users: Id[]
  conversations: Id[]
  activities: Id[]
  unread: number[]
}

/** Whoever does this holds the lock of the conversation, so two never do it to one row in different orders. */
const inboxStepped = prepared<Steps, { user_id: Id }>('inbox_step', (db, p) => ({
  compile: () =>
    sql<{ user_id: Id }>`
      update inbox i
      set activity_id = greatest(i.activity_id, s.activity_id), unread_count = i.unread_count + s.unread,
        is_hidden = false
      from unnest(
        ${p.buckets}::smallint[], ${p.users}::bigint[], ${p.conversations}::bigint[], ${p.activities}::bigint[],
        ${p.unread}::integer[]
      ) as s(bucket, user_id, conversation_id, activity_id, unread)
      where i.bucket = s.bucket and i.user_id = s.user_id and i.conversation_id = s.conversation_id
    `.compile(db),
}))

export async function stepInbox(tx: Tx, steps: readonly InboxStep[]): Promise<void> {
  if (steps.length === 0) return
  await inboxStepped(tx, {
    buckets: steps.map(({ userId }) => bucketOf(userId)),
    users: steps.map(({ userId }) => userId),
    conversations: steps.map(({ conversationId }) => conversationId),
    activities: steps.map(({ activityId }) => activityId),
    unread: steps.map(({ unread }) => unread),
  })
}

const inboxPage = prepared<
  { bucket: number; user: Id; folder: ConversationFolder; before: Id; limit: number },
  InboxRow
>('inbox_page', (db, p) => ({
  compile: () =>
    sql<InboxRow>`
      select * from inbox
      where bucket = ${p.bucket} and user_id = ${p.user} and folder = ${p.folder} and not is_hidden
        and activity_id < ${p.before}
      order by activity_id desc limit ${p.limit}
    `.compile(db),
}))

/** The newest first. */
export function listInbox(
  db: Db,
  userId: Id,
  page: { folder: ConversationFolder; before: Id; limit: number },
): Promise<InboxRow[]> {
  return inboxPage(db, { bucket: bucketOf(userId), user: userId, ...page })
}

export async function findInbox(db: Db | Tx, userId: Id, conversationId: Id): Promise<InboxRow | undefined> {
  return await db
    .selectFrom('inbox')
    .selectAll()
    .where('bucket', '=', bucketOf(userId))
    .where('user_id', '=', userId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst()
}

export interface InboxCounts {
  unreadCount: number
  requestCount: number
}

const inboxCounts = prepared<
  { bucket: number; user: Id; limit: number },
  { unread: string; requests: string }
>('inbox_counts', (db, p) => ({
  compile: () =>
    sql<{ unread: string; requests: string }>`
        select
          (select count(*) from (
            select from inbox
            where bucket = ${p.bucket} and user_id = ${p.user} and folder = 'inbox' and unread_count > 0
              and not is_hidden and not is_muted
            limit ${p.limit}
          ) as counted) as unread,
          (select count(*) from (
            select from inbox
            where bucket = ${p.bucket} and user_id = ${p.user} and folder = 'requests' and not is_hidden
            limit ${p.limit}
          ) as counted) as requests
      `.compile(db),
}))

export async function countInbox(db: Db, userId: Id): Promise<InboxCounts> {
  const [row] = await inboxCounts(db, { bucket: bucketOf(userId), user: userId, limit: countedMax })
  return { unreadCount: Number(row!.unread), requestCount: Number(row!.requests) }
}
