import { cleanLine } from '@heliograph/contract/clean-text'
import type { ConversationChange } from '@heliograph/contract/messages'
import type { Id } from '#platform/ids/ids.ts'
import { muteWithin } from './conversations-own.ts'
import { saveConversation } from './conversations-repository.ts'
import type { MessagesDeps, Reader } from './messages-deps.ts'
import type { Locked, MessagesGate } from './messages-gate.ts'
import { addNotice, emitChanged } from './messages-notices.ts'
import { requireAdmin, requireGroup } from './messages-policy.ts'

/** All of it, or nothing: somebody who may not name a group does not mute it by trying. */
export type ChangeConversation = (
  reader: Reader,
  conversationId: Id,
  change: ConversationChange,
) => Promise<void>

type Deps = Pick<MessagesDeps, 'ids' | 'events' | 'clock' | 'media'> & { gate: MessagesGate }

export function createConversationSettings(deps: Deps): ChangeConversation {
  const { media, gate } = deps

  /** False: it is called so already. */
  async function rename(locked: Locked, name: string | null): Promise<boolean> {
    const { tx, conversation, own } = locked
    if (conversation.name === name) return false
    await saveConversation(tx, conversation, { name })
    const notice = name === null ? {} : { name }
    await addNotice(deps, locked, own.user_id, { kind: 'named', userIds: [], ...notice })
    return true
  }

  /** Null takes it away; false: there was none. */
  async function choosePicture(locked: Locked, uploadId: Id | null): Promise<boolean> {
    const { tx, conversation, own } = locked
    const [picture] =
      uploadId === null
        ? []
        : await media.claimUploads(tx, {
            ownerId: own.user_id,
            purpose: 'message',
            items: [{ uploadId }],
            postId: null,
            partOf: conversation.id,
          })
    if (conversation.picture_media_id !== null) await media.release(tx, [conversation.picture_media_id])
    else if (!picture) return false
    await saveConversation(tx, conversation, { picture_media_id: picture?.id ?? null })
    await addNotice(deps, locked, own.user_id, { kind: 'pictured', userIds: [] })
    return true
  }

  return (reader, conversationId, { name, pictureUploadId, muted }) =>
    gate.change(reader, conversationId, async (locked) => {
      if (name !== undefined || pictureUploadId !== undefined) {
        requireGroup(locked.conversation)
        requireAdmin(locked.own)
      }
      const isNamed = name !== undefined && (await rename(locked, cleanLine(name ?? '') || null))
      const isPictured = pictureUploadId !== undefined && (await choosePicture(locked, pictureUploadId))
      if (isNamed || isPictured) await emitChanged(deps, locked)
      if (muted !== undefined) await muteWithin(deps, locked, muted)
    })
}
