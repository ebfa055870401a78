import { sql } from 'kysely'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { findClearedAt } from './cleared-repository.ts'
import { findMembers } from './conversations-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import { canSeeMessage, isMember } from './messages-policy.ts'
import type { MessageRow } from './messages-tables.ts'

/** An answer to a Story, for the one to whom it was sent. */
export interface StoryReply {
  conversationId: Id
  storyId: Id
  text: string
  /** On some device of theirs. */
  isRead: boolean
}

/**
 * Those of these messages that answer a Story and that the reader finds in a conversation which they accepted; an answer among
 * the requests is told as the request that it is.
 */
export type FindStoryReplies = (reader: Reader, messageIds: readonly Id[]) => Promise<Map<Id, StoryReply>>

export function createStoryReplies({
  database: { main },
  graph,
}: Pick<MessagesDeps, 'database' | 'graph'>): FindStoryReplies {
  return async (reader, messageIds) => {
    if (messageIds.length === 0) return new Map()
    const rows = await messagesByIds(main, { buckets: messageIds.map(bucketOf), ids: [...messageIds] })
    const places = rows.map((row) => ({ conversationId: row.conversation_id, sequence: row.sequence }))
    const [cleared, members, sight] = await Promise.all([
      findClearedAt(main, reader.id, places),
      findMembers(main, [...new Set(rows.map((row) => row.conversation_id))]),
      graph.loadSight(
        reader,
        rows.map((row) => row.sender_id),
      ),
    ])
    const found = new Map<Id, StoryReply>()
    for (const row of rows) {
      const own = members.get(row.conversation_id)?.find((member) => member.user_id === reader.id)
      const storyId = repliedStoryOf(row)
      const isCleared = cleared.some(
        (one) => one.conversationId === row.conversation_id && one.sequence === row.sequence,
      )
      const isFound = isMember(own) && own.is_accepted && row.sequence > own.after_sequence && !isCleared
      if (storyId !== null && isFound && row.unsent_at === null && canSeeMessage(sight, row))
        found.set(row.id, {
          conversationId: row.conversation_id,
          storyId,
          text: row.text,
          isRead: row.sequence <= own.read_sequence,
        })
    }
    return found
  }
}

/** The Story that a message answers. */
export function repliedStoryOf({ attachments }: Pick<MessageRow, 'attachments'>): Id | null {
  const reply = attachments.find((one) => one.type === 'story' && one.isReply)
  return reply?.type === 'story' ? reply.storyId : null
}

const messagesByIds = prepared<{ buckets: number[]; ids: Id[] }, MessageRow>('messages_by_ids', (db, p) => ({
  compile: () =>
    sql<MessageRow>`
      select m.* from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join messages m on m.bucket = wanted.bucket and m.id = wanted.id
    `.compile(db),
}))
