import { sql } from 'kysely'
import type { AccountRow } from '#modules/accounts'
import { prepared } from '#platform/db/prepared.ts'
import { isFault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { notCleared } from './cleared-repository.ts'
import { countInbox, findInbox } from './inbox-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { MessagesGate, Opened } from './messages-gate.ts'
import { canSeeMessage } from './messages-policy.ts'
import type { MessageRow } from './messages-tables.ts'
import { repliedStoryOf } from './story-replies.ts'

/** What came for somebody in a conversation and was read nowhere. */
export interface MessageNews {
  kind: 'direct' | 'group'
  name: string | null
  /** The newest first; at least one. */
  messages: { sender: AccountRow; text: string; isStoryReply: boolean }[]
  /** Number of the newest that was looked at, told or not. */
  sequence: number
}

export interface WantedNews {
  /** Also what was told before: to a device that could not be reached then. */
  again: boolean
  /** Whether the person wants to be told of such a message. */
  wants(message: { isFollowed: boolean; isStoryReply: boolean }): boolean
}

/** For who tells people of their messages while they are not here. */
export interface MessagesNews {
  /** Undefined: nothing is to be told, as of requests and of conversations that are muted. */
  find(reader: Reader, conversationId: Id, wanted: WantedNews): Promise<MessageNews | undefined>
  noteTold(readerId: Id, conversationId: Id, sequence: number): Promise<void>
  /** Conversations with something unread, to 100. */
  unreadCount(readerId: Id): Promise<number>
}

type Deps = Pick<MessagesDeps, 'database' | 'graph' | 'accounts'> & { gate: MessagesGate }

/** Nobody is told a larger number. */
const countedNews = 100

export function createMessagesNews({ database, graph, accounts, gate }: Deps): MessagesNews {
  const { main } = database

  /** Undefined: they are not in it any more. */
  async function open(reader: Reader, conversationId: Id): Promise<Opened | undefined> {
    return await gate.open(reader, conversationId).catch((error: unknown) => {
      if (isFault(error, 'conversation.not_found')) return undefined
      throw error
    })
  }

  return {
    async find(reader, conversationId, { again, wants }) {
      const [opened, inbox] = await Promise.all([
        open(reader, conversationId),
        findInbox(main, reader.id, conversationId),
      ])
      if (!opened?.own.is_accepted || inbox?.folder !== 'inbox' || inbox.is_muted || inbox.is_hidden)
        return undefined
      const { conversation, own } = opened
      const rows = await unreadNews(main, {
        bucket: conversation.bucket,
        id: conversationId,
        reader: reader.id,
        after: Math.max(own.read_sequence, own.after_sequence, again ? 0 : inbox.pushed_sequence),
        limit: countedNews,
      })
      const senders = [...new Set(rows.map(({ sender_id }) => sender_id))]
      const [sight, people] = await Promise.all([
        graph.loadSight(reader, senders),
        accounts.findByIds(senders),
      ])
      const messages = rows.flatMap((row) => {
        const sender = people.get(row.sender_id)
        const isFollowed = sight.authors.get(row.sender_id)?.following ?? false
        const isStoryReply = repliedStoryOf(row) !== null
        const isTold = sender && canSeeMessage(sight, row) && wants({ isFollowed, isStoryReply })
        return isTold ? [{ sender, text: row.text, isStoryReply }] : []
      })
      if (messages.length === 0) return undefined
      return { kind: conversation.kind, name: conversation.name, messages, sequence: rows[0]!.sequence }
    },

    async noteTold(readerId, conversationId, sequence) {
      await main
        .updateTable('inbox')
        .set({ pushed_sequence: sql<number>`greatest(pushed_sequence, ${sequence})` })
        .where('bucket', '=', bucketOf(readerId))
        .where('user_id', '=', readerId)
        .where('conversation_id', '=', conversationId)
        .execute()
    },

    unreadCount: async (readerId) => (await countInbox(main, readerId)).unreadCount,
  }
}

type NewsRow = Pick<MessageRow, 'sequence' | 'sender_id' | 'text' | 'attachments'>

const unreadNews = prepared<{ bucket: number; id: Id; reader: Id; after: number; limit: number }, NewsRow>(
  'messages_news',
  (db, p) => ({
    compile: () =>
      sql<NewsRow>`
      select m.sequence, m.sender_id, m.text, m.attachments from messages m
      where m.bucket = ${p.bucket} and m.conversation_id = ${p.id} and m.sequence > ${p.after}
        and m.sender_id <> ${p.reader} and m.notice is null and m.unsent_at is null and ${notCleared(p.reader)}
      order by m.sequence desc limit ${p.limit}
    `.compile(db),
  }),
)
