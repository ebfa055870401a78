import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { deleteCleared } from './cleared-repository.ts'
import { saveMember } from './conversations-repository.ts'
import { saveInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { emitChanged } from './messages-notices.ts'

/** What one does with one's own side of a conversation. */
export interface OwnSide {
  keepDraft(reader: Reader, conversationId: Id, text: string): Promise<void>
  /** It is empty for them until something comes; the others keep theirs. */
  clear(reader: Reader, conversationId: Id): Promise<void>
  accept(reader: Reader, conversationId: Id): Promise<void>
}

type Deps = Pick<MessagesDeps, 'database' | 'ids' | 'events' | 'clock'> & { gate: MessagesGate }

export function createOwnSide(deps: Deps): OwnSide {
  const { events, gate } = deps

  return {
    keepDraft: (reader, id, text) =>
      gate.change(reader, id, async (locked) => {
        await saveInbox(locked.tx, reader.id, id, { draft: text })
        await emitOwn(deps, locked)
      }),

    clear: (reader, id) =>
      gate.change(reader, id, async (locked) => {
        const { tx, conversation, own } = locked
        const { counter } = conversation
        await saveMember(tx, own, { after_sequence: counter, read_sequence: counter, cleared_version: 0 })
        await deleteCleared(tx, id, reader.id)
        await saveInbox(tx, reader.id, id, { is_hidden: true, unread_count: 0, draft: '' })
        await emitOwn(deps, locked)
        await events.emit(tx, 'conversations.read', {
          bucket: conversation.bucket,
          subjectId: id,
          data: {
            conversationId: id,
            memberIds: locked.memberIds(),
            version: conversation.counter,
            userId: reader.id,
            sequence: conversation.counter,
            toldIds: [],
            hadStoryReplies: conversation.kind === 'direct',
          },
        })
      }),

    accept: (reader, id) =>
      gate.change(reader, id, async (locked) => {
        if (await acceptWithin(locked)) await emitChanged(deps, locked)
      }),
  }
}

/** Whoever answers in any way has accepted. False: they had before. */
export async function acceptWithin({ tx, own, conversation, next }: Locked): Promise<boolean> {
  if (own.is_accepted) return false
  own.is_accepted = true
  own.version = next()
  await saveMember(tx, own, { is_accepted: true, version: own.version })
  await saveInbox(tx, own.user_id, conversation.id, { folder: 'inbox' })
  return true
}

export async function muteWithin(deps: Pick<Deps, 'events'>, locked: Locked, muted: boolean): Promise<void> {
  await saveInbox(locked.tx, locked.own.user_id, locked.conversation.id, { is_muted: muted })
  await emitOwn(deps, locked)
}

/** Something of the person's own list is another; nobody else hears of it. */
export async function emitOwn(
  { events }: Pick<Deps, 'events'>,
  { tx, own }: Pick<Locked, 'tx' | 'own'>,
  more: { hadStoryReplies?: boolean } = {},
): Promise<void> {
  const { user_id: userId, conversation_id: conversationId } = own
  await events.emit(tx, 'inbox.changed', {
    bucket: bucketOf(userId),
    subjectId: userId,
    data: { conversationId, userId, ...more },
  })
}
