import type { Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { AccountsApi } from './accounts-api.ts'
import { findUser, updateUser } from './accounts-repository.ts'
import { lockCounts } from './counts-repository.ts'

type Avatars = Pick<AccountsApi, 'chooseAvatar' | 'avatarReady' | 'avatarFailed' | 'removeAvatar'>

/** What the media module tells about the picture of an account. */
export function createAvatars({ events }: { events: Events }): Avatars {
  async function announce(tx: Tx, id: Id): Promise<void> {
    const about = { bucket: bucketOf(id), subjectId: id }
    await events.emit(tx, 'accounts.profile_changed', { ...about, data: { usernameChanged: false } })
  }

  /** The lock makes "is it still the one chosen last?" and the answer one step. */
  async function isChosen(tx: Tx, id: Id, mediaId: Id): Promise<boolean> {
    await lockCounts(tx, [id])
    return (await findUser(tx, id))?.avatar_media_id === mediaId
  }

  return {
    async chooseAvatar(tx, id, mediaId) {
      await lockCounts(tx, [id])
      await updateUser(tx, id, { avatar_media_id: mediaId, avatar_status: 'processing' })
      await announce(tx, id)
    },
    async avatarReady(tx, id, mediaId, avatarKey) {
      if (!(await isChosen(tx, id, mediaId))) return false
      await updateUser(tx, id, { avatar_key: avatarKey, avatar_status: 'ready' })
      await announce(tx, id)
      return true
    },
    async avatarFailed(tx, id, mediaId) {
      if (!(await isChosen(tx, id, mediaId))) return
      await updateUser(tx, id, { avatar_status: 'failed' })
      await announce(tx, id)
    },
    async removeAvatar(tx, id) {
      await lockCounts(tx, [id])
      await updateUser(tx, id, { avatar_media_id: null, avatar_key: null, avatar_status: 'none' })
      await announce(tx, id)
    },
  }
}
