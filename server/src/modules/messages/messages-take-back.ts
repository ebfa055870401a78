import type { Id } from '#platform/ids/ids.ts'
import { emitOwn } from './conversations-own.ts'
import { settleInbox } from './inbox-settle.ts'
import { changeAnswers } from './messages-answers.ts'
import type { MessagesDeps } from './messages-deps.ts'
import type { Locked } from './messages-gate.ts'
import { partedFrom } from './messages-parted.ts'
import { isMember } from './messages-policy.ts'
import { mediaIn } from './messages-present.ts'
import { saveMessage } from './messages-repository.ts'
import type { MessageRow } from './messages-tables.ts'
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
  const concerned = members.filter(
    (member) =>
      isMember(member) &&
      member.user_id !== message.sender_id &&
      member.after_sequence < message.sequence &&
      // A request that was read is one still.
      (member.read_sequence < message.sequence || !member.is_accepted),
  )
  for (const member of concerned) {
    const findParted = partedFrom({ graph }, { id: member.user_id })
    if (await settleInbox({ tx, conversation, members }, member, findParted))
      await emitOwn({ events }, { tx, own: member })
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
