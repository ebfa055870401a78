import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { stepInbox } from './inbox-repository.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { Locked } from './messages-gate.ts'
import type { StoredNotice } from './messages-tables.ts'

type Deps = Pick<MessagesDeps, 'ids' | 'events' | 'clock'>

/** Who did something in a group is told in its place among the messages; nobody has to read it. */
export async function addNotice(
  { ids, clock }: Deps,
  locked: Pick<Locked, 'tx' | 'conversation' | 'next' | 'memberIds'>,
  actorId: Id,
  notice: StoredNotice,
): Promise<void> {
  const { tx, conversation } = locked
  const sequence = locked.next()
  const id = ids.next(conversation.bucket)
  await tx
    .insertInto('messages')
    .values({
      bucket: conversation.bucket,
      conversation_id: conversation.id,
      sequence,
      version: sequence,
      id,
      sender_id: actorId,
      client_id: `notice:${id}`,
      digest: '',
      text: '',
      attachments: '[]',
      notice: JSON.stringify(notice),
      reply_to: null,
      created_at: new Date(clock.now()),
      edited_at: null,
      unsent_at: null,
    })
    .execute()
  await stepInbox(
    tx,
    locked
      .memberIds()
      .map((userId) => ({ userId, conversationId: conversation.id, activityId: id, unread: 0 })),
  )
}

/** Members, name or acceptance are others now; written last, so that it tells the last number. */
export async function emitChanged(
  { events }: Deps,
  { tx, conversation, memberIds }: Pick<Locked, 'tx' | 'conversation' | 'memberIds'>,
  goneIds: Id[] = [],
): Promise<void> {
  await events.emit(tx, 'conversations.changed', {
    bucket: bucketOf(conversation.id),
    subjectId: conversation.id,
    data: {
      conversationId: conversation.id,
      memberIds: memberIds(),
      version: conversation.counter,
      goneIds,
    },
  })
}

export async function emitEnded(
  { events }: Deps,
  { tx, conversation: { id, bucket } }: Pick<Locked, 'tx' | 'conversation'>,
): Promise<void> {
  await events.emit(tx, 'conversations.ended', { bucket, subjectId: id, data: { conversationId: id } })
}
