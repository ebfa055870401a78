import { createHash } from 'node:crypto'
import type { NewAttachment, NewMessage } from '@heliograph/contract/messages'
import type { Story } from '@heliograph/contract/stories'
import { fault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { MessagesGate, Opened } from './messages-gate.ts'
import { canSeeMessage, otherOf, partedAmong } from './messages-policy.ts'
import { findByClientId, findMessage } from './messages-repository.ts'
import type { NewlyStored, Send, Sent } from './messages-send.ts'
import type { MessageRow } from './messages-tables.ts'

export interface MessageWriting {
  send(sender: Reader, conversationId: Id, message: NewMessage): Promise<Sent>
  /** Whether the reader may write here, now. */
  mayWrite(reader: Reader, opened: Opened): Promise<boolean>
}

type Deps = Pick<MessagesDeps, 'ids' | 'clock' | 'database' | 'accounts' | 'graph' | 'posts' | 'stories'> & {
  gate: MessagesGate
  send: Send
}

/** What is asked of a message before its turn comes to be numbered. */
export function createMessageWriting(deps: Deps): MessageWriting {
  const { ids, clock, database, accounts, graph, posts, stories, gate, send } = deps

  /** Who has accepted goes on taking messages whatever they set since; a block ends it for both. */
  async function mayWrite(reader: Reader, { conversation, members }: Opened): Promise<boolean> {
    if (conversation.kind === 'group') return true
    const other = otherOf(members, reader.id)
    if (!other) return false
    const sight = await graph.loadSight(reader, [other.user_id])
    if (!canSeeMessage(sight, { sender_id: other.user_id })) return false
    if (other.is_accepted) return true
    return (await graph.allowing('messages', reader.id, [other.user_id])).has(other.user_id)
  }

  /** Only what is seen can be answered. */
  async function findAnswered(
    reader: Reader,
    { conversation, own }: Opened,
    messageId: Id,
  ): Promise<MessageRow> {
    const message = await findMessage(database.main, messageId)
    if (
      message?.conversation_id !== conversation.id ||
      message.sequence <= own.after_sequence ||
      message.notice !== null
    )
      throw fault('message.not_found')
    const sight = await graph.loadSight(reader, [message.sender_id])
    if (!canSeeMessage(sight, message)) throw fault('message.not_found')
    return message
  }

  /** Only what its sender sees can be passed on; each reader is asked about anew at each reading. */
  async function store(
    sender: Reader,
    opened: Opened,
    attachments: readonly NewAttachment[],
  ): Promise<NewlyStored[]> {
    const postIds = attachments.flatMap((one) => (one.type === 'post' ? [one.postId] : []))
    const seen = await posts.presentVisible(sender, postIds)
    const storyIds = attachments.flatMap((one) => (one.type === 'story' ? [one.storyId] : []))
    const shown = storyIds.length > 0 ? await stories.present(sender.id, storyIds) : new Map<Id, Story>()
    const stored: NewlyStored[] = []
    for (const one of attachments) {
      if (one.type === 'media') stored.push({ type: 'upload', uploadId: one.uploadId })
      else if (one.type === 'story') {
        requireShown(opened, sender, one, shown.get(one.storyId))
        stored.push({ type: 'story', storyId: one.storyId, isReply: one.isReply })
      } else if (one.type === 'profile') {
        const { id: userId } = await accounts.findVisibleUser(sender, one.username)
        stored.push({ type: 'profile', userId })
      } else {
        if (!seen.has(one.postId)) throw fault('post.not_found')
        stored.push({ type: 'post', postId: one.postId })
      }
    }
    return stored
  }

  /** Of a conversation of two a block ends it. */
  async function partedFrom(sender: Reader, { conversation, members }: Opened): Promise<ReadonlySet<Id>> {
    if (conversation.kind === 'direct') return new Set()
    const ids = members.map((member) => member.user_id)
    return partedAmong(await graph.loadSight(sender, ids), ids)
  }

  return {
    mayWrite,
    async send(sender, conversationId, { clientId, text, attachments, replyTo }) {
      const opened = await gate.open(sender, conversationId)
      const digest = digestOf({ text, attachments, replyTo })
      try {
        if (!(await mayWrite(sender, opened))) throw fault('message.not_allowed')
        const answered = replyTo === undefined ? null : await findAnswered(sender, opened, replyTo)
        return await send({
          id: ids.next(bucketOf(conversationId)),
          conversationId,
          senderId: sender.id,
          clientId,
          digest,
          text,
          attachments: await store(sender, opened, attachments),
          replyTo: answered?.sequence ?? null,
          at: new Date(clock.now()),
          partedIds: await partedFrom(sender, opened),
        })
      } catch (error) {
        // What could be said then cannot be said any more: a retry still finds what was.
        const there = await findByClientId(database.main, { conversationId, senderId: sender.id, clientId })
        if (there?.digest !== digest) throw error
        return { message: there, isNew: false }
      }
    },
  }
}

/**
 * A reply goes to the Story's author, and stays a message when the Story has expired while it was typed: whether there ever
 * was one is not told.
 */
function requireShown(
  { conversation, members }: Opened,
  sender: Reader,
  { isReply }: { isReply: boolean },
  story: Story | undefined,
): void {
  const other = conversation.kind === 'direct' ? otherOf(members, sender.id) : undefined
  const isRight = isReply ? other && (!story || story.author.id === other.user_id) : story
  if (!isRight) throw fault('story.not_found')
}

/** What was asked for, so that a retry is told from another message under the same id. */
function digestOf(message: Pick<NewMessage, 'text' | 'attachments' | 'replyTo'>): string {
  const { text, attachments, replyTo = null } = message
  return createHash('sha256')
    .update(JSON.stringify([text, attachments, replyTo]))
    .digest('base64url')
}
