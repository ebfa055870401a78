import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { Id } from '#platform/ids/ids.ts'
import { notCleared } from './cleared-repository.ts'
import { countedMax } from './inbox-repository.ts'
import type { Locked } from './messages-gate.ts'
import type { FindParted } from './messages-parted.ts'

/**
 * Of others, behind what was read, without those of whom nothing is shown; counted to `countedMax`. Asked about are those alone
 * who wrote what would be counted: a group may have had thousands of members, and this runs under its lock.
 */
export async function countUnread(
  tx: Tx,
  { conversation, own }: Pick<Locked, 'conversation' | 'own'>,
  { read, findParted }: { read: number; findParted: FindParted },
): Promise<number> {
  const parted = new Set<Id>()
  let after = Math.max(read, own.after_sequence)
  for (let unread = 0; ; ) {
    const written = await writtenAfter(tx, {
      bucket: conversation.bucket,
      id: conversation.id,
      reader: own.user_id,
      after,
      parted: [...parted],
      limit: countedMax,
    })
    if (written.length === 0) return unread
    for (const id of await findParted(written.map((one) => one.sender_id))) parted.add(id)
    let looked = 0
    for (const { sender_id: senderId, messages, last } of written) {
      looked += messages
      after = Math.max(after, last)
      if (!parted.has(senderId)) unread += messages
    }
    if (looked < countedMax || unread >= countedMax) return Math.min(unread, countedMax)
  }
}

interface Wanted {
  bucket: number
  id: Id
  reader: Id
  after: number
  parted: Id[]
  limit: number
}

interface Written {
  sender_id: Id
  messages: number
  last: number
}

/** Who wrote the next ones, and how many of these each. */
const writtenAfter = prepared<Wanted, Written>('messages_unread', (db, p) => ({
  compile: () =>
    sql<Written>`
      select sender_id, count(*)::integer as messages, max(sequence) as last from (
        select m.sender_id, m.sequence from messages m
        where m.bucket = ${p.bucket} and m.conversation_id = ${p.id} and m.sequence > ${p.after}
          and m.sender_id <> ${p.reader} and m.sender_id <> all(${p.parted}::bigint[]) and m.notice is null
          and m.unsent_at is null and ${notCleared(p.reader)}
        order by m.sequence limit ${p.limit}
      ) as next
      group by sender_id
    `.compile(db),
}))
