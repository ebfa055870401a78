import { sql } from 'kysely'
import type { Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import type { Id } from '#platform/ids/ids.ts'
import { emitOwn } from './conversations-own.ts'
import { saveMember } from './conversations-repository.ts'
import { countedMax, findInbox, saveInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { partedFrom } from './messages-parted.ts'
import { countUnread } from './messages-unread.ts'

export interface ReadMark {
  readSequence: number
  unreadCount: number
}

export type MarkRead = (reader: Reader, conversationId: Id, sequence: number) => Promise<ReadMark>

type Deps = Pick<MessagesDeps, 'events' | 'accounts' | 'graph'> & { gate: MessagesGate }

/**
 * Up to where somebody has read, for their own devices; and up to where the others are told so: not of a request, not while
 * either keeps such marks to themselves, and not to whom one keeps at a distance. No number is drawn for it, which would tell
 * them all the same; whoever asks for what is new is given all marks.
 */
export function createReadMarks({ events, accounts, graph, gate }: Deps): MarkRead {
  async function listTold(reader: Reader, { own, memberIds }: Locked): Promise<Id[]> {
    if (!own.is_accepted) return []
    const others = memberIds().filter((id) => id !== reader.id)
    const [presence, standing] = await Promise.all([
      accounts.presenceOf([reader.id, ...others]),
      graph.relationships(reader.id, others),
    ])
    if (!presence.get(reader.id)?.showsReadMarks) return []
    return others.filter((id) => presence.get(id)?.showsReadMarks && !standing.get(id)?.restricting)
  }

  /** A block may have come or gone since it was counted: what is answered is what the list says. */
  async function correct({ tx, own }: Locked, unreadCount: number): Promise<void> {
    const { user_id: userId, conversation_id: conversationId } = own
    const inbox = await findInbox(tx, userId, conversationId)
    if (!inbox || Math.min(inbox.unread_count, countedMax) === unreadCount) return
    await saveInbox(tx, userId, conversationId, { unread_count: unreadCount })
    await emitOwn({ events }, { tx, own })
  }

  return (reader, conversationId, sequence) =>
    gate.change(reader, conversationId, async (locked) => {
      const { tx, conversation, own } = locked
      const wanted = Math.min(sequence, conversation.counter)
      const read = Math.max(wanted, own.read_sequence)
      const unreadCount = await countUnread(tx, locked, { read, findParted: partedFrom({ graph }, reader) })
      if (wanted <= own.read_sequence) {
        await correct(locked, unreadCount)
        return { readSequence: own.read_sequence, unreadCount }
      }
      const [toldIds, hadStoryReplies] = await Promise.all([
        listTold(reader, locked),
        hasStoryReplies(tx, locked, { after: own.read_sequence, upTo: wanted }),
      ])
      await saveMember(tx, own, {
        read_sequence: wanted,
        ...(toldIds.length > 0 && { told_sequence: wanted }),
      })
      await saveInbox(tx, reader.id, conversationId, { unread_count: unreadCount })
      await events.emit(tx, 'conversations.read', {
        bucket: conversation.bucket,
        subjectId: conversationId,
        data: {
          conversationId,
          memberIds: locked.memberIds(),
          version: conversation.counter,
          userId: reader.id,
          sequence: wanted,
          toldIds,
          hadStoryReplies,
        },
      })
      return { readSequence: wanted, unreadCount }
    })
}

/** They stand among the notifications too, and are new there no longer. */
async function hasStoryReplies(
  tx: Tx,
  { conversation, own }: Locked,
  { after, upTo }: { after: number; upTo: number },
): Promise<boolean> {
  if (conversation.kind !== 'direct') return false
  const { bucket, id } = conversation
  return (await storyRepliesWithin(tx, { bucket, id, reader: own.user_id, after, upTo })).length > 0
}

const storyRepliesWithin = prepared<
  { bucket: number; id: Id; reader: Id; after: number; upTo: number },
  { sequence: number }
>('messages_story_replies_within', (db, p) => ({
  compile: () =>
    sql<{ sequence: number }>`
      select sequence from messages
      where bucket = ${p.bucket} and conversation_id = ${p.id} and sequence > ${p.after} and sequence <= ${p.upTo}
        and sender_id <> ${p.reader} and attachments @> '[{"type": "story", "isReply": true}]'::jsonb
      limit 1
    `.compile(db),
}))
