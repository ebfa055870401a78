import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { deleteCleared } from './cleared-repository.ts'
import { findConversations, findMembers } from './conversations-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import { isMember } from './messages-policy.ts'
import { mediaIn } from './messages-present.ts'
import type { MessageRow } from './messages-tables.ts'
import { isReported } from './reported-repository.ts'

type Deps = Pick<MessagesDeps, 'database' | 'events' | 'jobs' | 'media'>

interface Ended {
  conversationId: Id
}

const batch = 500

/** What nobody can read any more goes, with its pictures; what was reported stays with moderators for its time. */
export function defineMessagesPurge({ database, events, jobs, media }: Deps): void {
  jobs.define<Ended>('messages.purge', {
    lane: 'bulk',
    maxAttempts: 20,
    async run({ conversationId: id }) {
      const conversation = (await findConversations(database.main, [id])).get(id)
      const members = (await findMembers(database.main, [id])).get(id) ?? []
      if (!conversation || members.some(isMember)) return
      while ((await database.transaction((tx) => purgeSome(tx, id))) === batch);
      await database.transaction(async (tx) => {
        await deleteCleared(tx, id)
        if (conversation.picture_media_id !== null) await media.release(tx, [conversation.picture_media_id])
        await tx
          .deleteFrom('conversation_members')
          .where('bucket', '=', bucketOf(id))
          .where('conversation_id', '=', id)
          .execute()
        await tx.deleteFrom('conversations').where('bucket', '=', bucketOf(id)).where('id', '=', id).execute()
      })
    },
  })
  events.react('conversations.ended', 'messages.purge', ({ data }) => data)

  async function purgeSome(tx: Tx, id: Id): Promise<number> {
    const { rows } = await sql<MessageRow>`
      delete from messages
      where bucket = ${bucketOf(id)} and conversation_id = ${id} and sequence in (
        select sequence from messages
        where bucket = ${bucketOf(id)} and conversation_id = ${id} order by sequence limit ${batch}
      )
      returning *
    `.execute(tx)
    const kept = new Set<Id>()
    for (const row of rows) if (mediaIn(row).length > 0 && (await isReported(tx, row.id))) kept.add(row.id)
    await media.release(
      tx,
      rows.flatMap((row) => (kept.has(row.id) ? [] : mediaIn(row))),
    )
    const last = rows.map(({ sequence }) => sequence)
    if (last.length > 0)
      await tx
        .deleteFrom('message_reactions')
        .where('bucket', '=', bucketOf(id))
        .where('conversation_id', '=', id)
        .where('sequence', 'in', last)
        .execute()
    return rows.length
  }
}
