import { limits } from '@heliograph/contract/limits'
import type { Conversation, ConversationFolder, Message, MessagesPage } from '@heliograph/contract/messages'
import { fault } from '#platform/http/fault.ts'
import { type Id, maxId } from '#platform/ids/ids.ts'
import { listClearedSince } from './cleared-repository.ts'
import type { ConversationsPresenter } from './conversations-present.ts'
import { findGone } from './conversations-repository.ts'
import { countInbox, type InboxCounts, listInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { MessagesGate, Opened } from './messages-gate.ts'
import type { PresentMessages } from './messages-present.ts'
import { findMessagesBefore, findMessagesSince } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'

export interface MessagesReading {
  list(
    reader: Reader,
    request: { folder: ConversationFolder; position: readonly string[] | null; limit: number },
  ): Promise<{ items: Conversation[]; nextPosition: readonly string[] | null; counts: InboxCounts }>
  one(reader: Reader, conversationId: Id): Promise<Conversation>
  page(
    reader: Reader,
    conversationId: Id,
    wanted: { after?: number | undefined; before?: number | undefined; limit: number },
  ): Promise<MessagesPage>
  message(reader: Reader, row: MessageRow): Promise<Message>
}

type Deps = Pick<MessagesDeps, 'database'> & {
  gate: MessagesGate
  presentMessages: PresentMessages
  presenter: ConversationsPresenter
}

const lastSequence = 2_147_483_647

export function createMessagesReading({ database, gate, presentMessages, presenter }: Deps): MessagesReading {
  /**
   * Who is not in it any more, and what the reader deleted for themselves; mostly neither is asked for. Who was gone before the
   * reader came is nobody to them, and of many the last will do: all who are in it are told anyway.
   */
  async function findLacking({ conversation: { id, kind }, own }: Opened, since: number) {
    const [gone, cleared] = await Promise.all([
      kind === 'group'
        ? findGone(database.main, id, {
            since: Math.max(since, own.after_sequence),
            limit: limits.conversationMembers,
          })
        : [],
      own.cleared_version >= Math.max(since, 1)
        ? listClearedSince(database.main, id, own.user_id, since)
        : [],
    ])
    return { gone, cleared }
  }

  return {
    async list(reader, { folder, position, limit }) {
      const before = position?.[0] ?? maxId
      const [rows, counts] = await Promise.all([
        listInbox(database.main, reader.id, { folder, before, limit: limit + 1 }),
        countInbox(database.main, reader.id),
      ])
      const page = rows.slice(0, limit)
      const items = await presenter.present(reader, page)
      return { items, counts, nextPosition: rows.length > limit ? [page.at(-1)!.activity_id] : null }
    },

    one: async (reader, id) => presenter.presentOne(reader, await gate.open(reader, id)),

    async page(reader, id, { after: since, before = lastSequence, limit }) {
      // The number is read first: what is committed meanwhile is in the page as well, or comes after it.
      const opened = await gate.open(reader, id)
      const { conversation, own } = opened
      const window = { reader: reader.id, after: own.after_sequence, limit: limit + 1 }
      const [found, lacking] = await Promise.all([
        since === undefined
          ? findMessagesBefore(database.main, id, { ...window, before })
          : findMessagesSince(database.main, id, { ...window, since }),
        since === undefined ? { gone: [], cleared: [] } : findLacking(opened, since),
      ])
      const hasMore = found.length > limit
      const rows = found.slice(0, limit)
      const [items, members] = await Promise.all([
        presentMessages(reader, since === undefined ? rows.reverse() : rows, () => own),
        presenter.presentMembers(reader, opened, lacking.gone),
      ])
      const version = since !== undefined && hasMore ? rows.at(-1)!.version : conversation.counter
      const { cleared } = lacking
      const emptyUpTo = own.after_sequence
      return { items, members, version, hasMore, emptyUpTo, ...(cleared.length > 0 && { cleared }) }
    },

    async message(reader, row) {
      const isPlain = row.reply_to === null && row.attachments.length === 0
      const own = isPlain ? undefined : (await gate.open(reader, row.conversation_id)).own
      const [message] = await presentMessages(reader, [row], () => own)
      if (!message) throw fault('message.not_found')
      return message
    },
  }
}
