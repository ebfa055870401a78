import type { Conversation, ConversationFolder, Message, MessagesPage } from '@heliograph/contract/messages'
import { fault } from '#platform/http/fault.ts'
import { type Id, maxId } from '#platform/ids/ids.ts'
import type { ConversationsPresenter } from './conversations-present.ts'
import { countInbox, type InboxCounts, listInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { MessagesGate } from './messages-gate.ts'
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
      const window = { after: own.after_sequence, limit: limit + 1 }
      const found =
        since === undefined
          ? await findMessagesBefore(database.main, id, { ...window, before })
          : await findMessagesSince(database.main, id, { ...window, since })
      const hasMore = found.length > limit
      const rows = found.slice(0, limit)
      const [items, members] = await Promise.all([
        presentMessages(reader, since === undefined ? rows.reverse() : rows, () => own),
        presenter.presentMembers(reader, opened, since),
      ])
      const version = since !== undefined && hasMore ? rows.at(-1)!.version : conversation.counter
      return { items, members, version, hasMore }
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
