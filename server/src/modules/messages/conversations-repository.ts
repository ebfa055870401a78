import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, compareIds, type Id } from '#platform/ids/ids.ts'
import type { ConversationRow, MemberRow } from './messages-tables.ts'

/** Conversations, each with its bucket. */
export interface Named {
  buckets: number[]
  ids: Id[]
}

export function named(ids: readonly Id[]): Named {
  return { buckets: ids.map(bucketOf), ids: [...ids] }
}

const conversationsByIds = prepared<Named, ConversationRow>('conversations_of', (db, p) => ({
  compile: () =>
    sql<ConversationRow>`
      select c.* from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join conversations c on c.bucket = wanted.bucket and c.id = wanted.id
    `.compile(db),
}))

export async function findConversations(db: Db | Tx, ids: readonly Id[]): Promise<Map<Id, ConversationRow>> {
  if (ids.length === 0) return new Map()
  return new Map((await conversationsByIds(db, named(ids))).map((row) => [row.id, row]))
}

/** In the order of their ids, so that whoever changes several never waits in a circle. */
const conversationsLocked = prepared<Named, ConversationRow>('conversations_lock', (db, p) => ({
  compile: () =>
    sql<ConversationRow>`
      select * from conversations
      where (bucket, id) in (select * from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]))
      order by id for update
    `.compile(db),
}))

export async function lockConversations(tx: Tx, ids: readonly Id[]): Promise<Map<Id, ConversationRow>> {
  return new Map((await conversationsLocked(tx, named(ids))).map((row) => [row.id, row]))
}

const membersByConversations = prepared<Named, MemberRow>('conversation_members_of', (db, p) => ({
  compile: () =>
    sql<MemberRow>`
      select m.* from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join conversation_members m on m.bucket = wanted.bucket and m.conversation_id = wanted.id and m.is_member
    `.compile(db),
}))

/** Who is in them; who has been in it the longest first. */
export async function findMembers(db: Db | Tx, ids: readonly Id[]): Promise<Map<Id, MemberRow[]>> {
  if (ids.length === 0) return new Map()
  const rows = await membersByConversations(db, named(ids))
  return Map.groupBy(rows.sort(byJoining), (row) => row.conversation_id)
}

/** Whether they are in it or gone; undefined: they never were. */
export async function findMember(db: Db | Tx, id: Id, userId: Id): Promise<MemberRow | undefined> {
  return await db
    .selectFrom('conversation_members')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('conversation_id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** Who left it, or was removed, after this version; the last of them first. */
export async function findGone(
  db: Db,
  id: Id,
  { since, limit }: { since: number; limit: number },
): Promise<MemberRow[]> {
  return await db
    .selectFrom('conversation_members')
    .selectAll()
    .where('bucket', '=', bucketOf(id))
    .where('conversation_id', '=', id)
    .where('is_member', '=', false)
    .where('version', '>', since)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()
}

type WithMember = MemberRow & Omit<ConversationRow, 'id'>

const conversationWithMembers = prepared<{ bucket: number; id: Id }, WithMember>(
  'conversation_with_members',
  (db, p) => ({
    compile: () =>
      sql<WithMember>`
        select c.kind, c.name, c.picture_media_id, c.created_by, c.counter, c.created_at, m.*
        from conversations c
        join conversation_members m on m.bucket = c.bucket and m.conversation_id = c.id and m.is_member
        where c.bucket = ${p.bucket} and c.id = ${p.id}
      `.compile(db),
  }),
)

/** At one moment: no change of a member that has a smaller number than the conversation's is missing. */
export async function findWithMembers(
  db: Db,
  id: Id,
): Promise<{ conversation: ConversationRow | undefined; members: MemberRow[] }> {
  const members = await conversationWithMembers(db, { bucket: bucketOf(id), id })
  const [first] = members
  if (!first) return { conversation: undefined, members }
  const { bucket, kind, name, picture_media_id, created_by, counter, created_at } = first
  const conversation = { bucket, id, kind, name, picture_media_id, created_by, counter, created_at }
  return { conversation, members: members.sort(byJoining) }
}

function byJoining(a: MemberRow, b: MemberRow): number {
  return compareIds(a.joined_id, b.joined_id)
}

export async function saveConversation(
  tx: Tx,
  { id }: ConversationRow,
  columns: Partial<Pick<ConversationRow, 'counter' | 'name' | 'picture_media_id'>>,
): Promise<void> {
  await tx
    .updateTable('conversations')
    .set(columns)
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .execute()
}

export async function saveMember(
  tx: Tx,
  { conversation_id, user_id }: MemberRow,
  columns: Partial<MemberRow>,
): Promise<void> {
  await tx
    .updateTable('conversation_members')
    .set(columns)
    .where('bucket', '=', bucketOf(conversation_id))
    .where('conversation_id', '=', conversation_id)
    .where('user_id', '=', user_id)
    .execute()
}
