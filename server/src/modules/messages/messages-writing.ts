import { createHash } from 'node:crypto'
import type { NewAttachment, NewMessage } from '@heliograph/contract/messages'
import type { Story } from '@heliograph/contract/stories'
import { fault, isFault } from '#platform/http/fault.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { MessagesGate, Opened } from './messages-gate.ts'
import { canSeeMessage, otherOf } from './messages-policy.ts'
import { findByClientId, findMessageOf } from './messages-repository.ts'
import type { MessageRights } from './messages-rights.ts'
import type { NewlyStored, Send, Sent } from './messages-send.ts'
import type { MessageRow } from './messages-tables.ts'

export interface MessageWriting {
  send(sender: Reader, conversationId: Id, message: NewMessage): Promise<Sent>
}

type Deps = Pick<MessagesDeps, 'ids' | 'clock' | 'database' | 'accounts' | 'graph' | 'posts' | 'stories'> & {
  gate: MessagesGate
  rights: MessageRights
  send: Send
}

/**
 * What a message carries and answers is asked about before its turn comes to be numbered; who may write, behind the lock: most
 * messages are words alone, and ask the database nothing on their own.
 */
export function createMessageWriting(deps: Deps): MessageWriting {
  const { ids, clock, database, accounts, graph, posts, stories, gate, rights, send } = deps

  /** What answers something, or shows a Story, is judged by who is in the conversation. */
  async function openFor(
    sender: Reader,
    conversationId: Id,
    { attachments, replyTo }: NewMessage,
  ): Promise<Opened | undefined> {
    if (replyTo === undefined && attachments.every(({ type }) => type !== 'story')) return undefined
    const opened = await gate.open(sender, conversationId)
    if (!(await rights.find(sender, opened)).mayWrite) throw fault('message.not_allowed')
    return opened
  }

  /** Only what is seen can be answered. */
  async function findAnswered(reader: Reader, { own }: Opened, messageId: Id): Promise<MessageRow> {
    const message = await findMessageOf(database.main, own, messageId)
    if (!message) throw fault('message.not_found')
    const sight = await graph.loadSight(reader, [message.sender_id])
    if (!canSeeMessage(sight, message)) throw fault('message.not_found')
    return message
  }

  /** Only what its sender sees can be passed on; each reader is asked about anew at each reading. */
  async function store(
    sender: Reader,
    opened: Opened | undefined,
    attachments: readonly NewAttachment[],
  ): Promise<NewlyStored[]> {
    if (attachments.length === 0) return []
    const postIds = attachments.flatMap((one) => (one.type === 'post' ? [one.postId] : []))
    const seen = await posts.presentVisible(sender, postIds)
    const storyIds = attachments.flatMap((one) => (one.type === 'story' ? [one.storyId] : []))
    const shown = storyIds.length > 0 ? await stories.present(sender.id, storyIds) : new Map<Id, Story>()
    const replied = attachments.flatMap((one) =>
      one.type === 'story' && one.isReply && !shown.has(one.storyId) ? [one.storyId] : [],
    )
    const over = replied.length > 0 ? await stories.over(sender.id, replied) : new Map<Id, Id>()
    const stored: NewlyStored[] = []
    for (const one of attachments) {
      if (one.type === 'media') stored.push({ type: 'upload', uploadId: one.uploadId })
      else if (one.type === 'story') {
        const past = one.isReply ? over.get(one.storyId) : undefined
        const authorId = shown.get(one.storyId)?.author.id ?? past
        requireShown(opened!, sender, { isReply: one.isReply, authorId })
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

  return {
    async send(sender, conversationId, message) {
      const { clientId, text, attachments, replyTo } = message
      const digest = digestOf({ text, attachments, replyTo })
      try {
        const opened = await openFor(sender, conversationId, message)
        const answered = replyTo === undefined ? null : await findAnswered(sender, opened!, replyTo)
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
        })
      } catch (error) {
        if (isFault(error, 'conversation.not_found')) throw error
        // What could be said then cannot be said any more: a retry still finds what was.
        const there = await findByClientId(database.main, { conversationId, senderId: sender.id, clientId })
        if (there?.digest !== digest) throw error
        return { message: there, isNew: false }
      }
    },
  }
}

/**
 * A reply goes to the Story's author, and stays a message when the Story was over before it was sent. `authorId` is undefined where
 * the sender does not see it and never did: whether there is one is not told.
 */
function requireShown(
  { conversation, members }: Opened,
  sender: Reader,
  { isReply, authorId }: { isReply: boolean; authorId: Id | undefined },
): void {
  const other = conversation.kind === 'direct' ? otherOf(members, sender.id) : undefined
  const isRight = authorId !== undefined && (!isReply || other?.user_id === authorId)
  if (!isRight) throw fault('story.not_found')
}

/** What was asked for, so that a retry is told from another message under the same id. */
function digestOf(message: Pick<NewMessage, 'text' | 'attachments' | 'replyTo'>): string {
  const { text, attachments, replyTo = null } = message
  return createHash('sha256')
    .update(JSON.stringify([text, attachments, replyTo]))
    .digest('base64url')
}
