import { sql } from 'kysely'
import type { Db, Tx } from '#platform/db/db.ts'
import { isFault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { emitOwn } from './conversations-own.ts'
import { settleInbox } from './inbox-settle.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { MessagesGate } from './messages-gate.ts'
import { listParted } from './messages-parted.ts'

type Deps = Pick<MessagesDeps, 'database' | 'events' | 'accounts' | 'graph'> & { gate: MessagesGate }

/**
 * What a block does to the conversations that two share: nothing that one wrote is unread, or a request, for the other as
 * long as it stands, and addresses of pictures that one sent to the other open nothing any more.
 */
export function followBlocks(deps: Deps): void {
  const { database, events, graph, gate } = deps
  graph.whenBlocking(showedPictures)

  async function countAnew(readerId: Id, conversationId: Id): Promise<void> {
    await gate.change({ id: readerId }, conversationId, async (locked) => {
      const { tx, own } = locked
      await settleInbox(locked, own, (ids) => listParted(tx, deps, readerId, ids))
      await emitOwn({ events }, locked)
    })
  }

  events.follow('messages.blocks', ['graph.blocked', 'graph.unblocked'], async (batch) => {
    for (const { data } of batch) {
      const pair = [data.blockerId, data.blockedId] as const
      for (const conversationId of await listShared(database.main, ...pair))
        for (const readerId of pair)
          await countAnew(readerId, conversationId).catch((error: unknown) => {
            // Left in this moment.
            if (!isFault(error, 'conversation.not_found')) throw error
          })
    }
  })
}

/** Also groups that one of them has left: what they wrote there is read by the other still. */
async function listShared(db: Db | Tx, a: Id, b: Id): Promise<Id[]> {
  const found = await sql<{ id: Id }>`
    select conversation_id as id from conversation_members where user_id = ${a}
    intersect
    select conversation_id from conversation_members where user_id = ${b}
  `.execute(db)
  return found.rows.map(({ id }) => id)
}

/** Whether addresses of somebody's pictures, films or voice were given to the other one in a conversation. */
async function showedPictures(tx: Tx, ownerId: Id, otherId: Id): Promise<boolean> {
  const ids = await listShared(tx, ownerId, otherId)
  if (ids.length === 0) return false
  const found = await sql`
    select from unnest(${ids.map(bucketOf)}::smallint[], ${ids}::bigint[]) as w(bucket, conversation_id)
    join messages m on m.bucket = w.bucket and m.conversation_id = w.conversation_id and m.sender_id = ${ownerId}
      and m.attachments @> '[{"type": "media"}]'::jsonb
    limit 1
  `.execute(tx)
  return found.rows.length > 0
}
