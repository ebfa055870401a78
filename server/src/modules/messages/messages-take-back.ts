import type { Id } from '#platform/ids/ids.ts'
import { saveInbox } from './inbox-repository.ts'
import { changeAnswers } from './messages-answers.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { Locked } from './messages-gate.ts'
import { isMember, partedAmong } from './messages-policy.ts'
import { mediaIn } from './messages-present.ts'
import { saveMessage } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'
import { countUnread } from './read-marks.ts'
import { isReported } from './reported-repository.ts'

type Deps = Pick<MessagesDeps, 'events' | 'clock' | 'media' | 'graph'>

/**
 * For everybody: words, attachments and reactions are gone from the database too, that something stood there is told. What was
 * reported stays with moderators as the reporter had it, its pictures too.
 */
export async function takeBack(
  { events, clock, media, graph }: Deps,
  locked: Pick<Locked, 'tx' | 'conversation' | 'members' | 'next' | 'memberIds'>,
  message: MessageRow,
  userId: Id,
): Promise<void> {
  const { tx, conversation, members } = locked
  await saveMessage(tx, message, {
    version: locked.next(),
    text: '',
    attachments: '[]',
    unsent_at: new Date(clock.now()),
  })
  if (!(await isReported(tx, message.id))) await media.release(tx, mediaIn(message))
  await tx
    .deleteFrom('message_reactions')
    .where('bucket', '=', message.bucket)
    .where('conversation_id', '=', message.conversation_id)
    .where('sequence', '=', message.sequence)
    .execute()
  const ids = members.map((member) => member.user_id)
  const unread = members.filter(
    (member) =>
      isMember(member) &&
      member.user_id !== message.sender_id &&
      member.read_sequence < message.sequence &&
      member.after_sequence < message.sequence,
  )
  for (const member of unread) {
    const parted = partedAmong(await graph.loadSight({ id: member.user_id }, ids), ids)
    const unreadCount = await countUnread(
      tx,
      { conversation, own: member },
      { read: member.read_sequence, parted },
    )
    await saveInbox(tx, member.user_id, conversation.id, { unread_count: unreadCount })
  }
  await changeAnswers(locked, message)
  await events.emit(tx, 'messages.changed', {
    bucket: conversation.bucket,
    subjectId: conversation.id,
    data: {
      conversationId: conversation.id,
      memberIds: locked.memberIds(),
      version: conversation.counter,
      messageId: message.id,
      senderId: message.sender_id,
      what: 'unsent',
      userId,
    },
  })
}
