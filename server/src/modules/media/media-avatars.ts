import type { AccountsApi } from '#modules/accounts'
import type { Database, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { MediaApi, PictureScreening } from './media-api.ts'
import { avatarKey, mediaIdOfAvatarKey } from './media-keys.ts'
import { findHashes } from './media-repository.ts'
import type { MediaRow } from './media-tables.ts'

/** The picture of oneself: the one before is shown until the new one is ready, and goes then. */
export interface Avatars {
  choose(ownerId: Id, uploadId: Id): Promise<void>
  remove(ownerId: Id): Promise<void>
  /** First in every transaction that settles an avatar: accounts before media, everywhere. */
  lock(tx: Tx, ownerId: Id): Promise<void>
  show(tx: Tx, row: MediaRow): Promise<void>
  fail(tx: Tx, row: MediaRow): Promise<void>
}

export interface AvatarsDeps {
  database: Database
  accounts: AccountsApi
  claims: Pick<MediaApi, 'claimUploads' | 'release'>
  screening: Pick<PictureScreening, 'recognise'>
}

export function createAvatars({ database, accounts, claims, screening }: AvatarsDeps): Avatars {
  async function lock(tx: Tx, ownerId: Id) {
    const account = (await accounts.lockAccounts(tx, [ownerId])).get(ownerId)
    if (!account) throw fault('user.not_found')
    return account
  }

  async function show(tx: Tx, row: MediaRow): Promise<void> {
    // It may have been prepared before a moderator removed its like.
    const hashes = (await findHashes(tx, [row.id])).get(row.id)
    if (hashes && (await screening.recognise(tx, hashes))) return await fail(tx, row)
    const before = (await accounts.findByIds([row.owner_id], tx)).get(row.owner_id)
    const isChosen = await accounts.avatarReady(tx, row.owner_id, row.id, avatarKey(row.id, row.token))
    if (!isChosen || !before?.avatarKey) return
    const shownBefore = mediaIdOfAvatarKey(before.avatarKey)
    if (shownBefore !== row.id) await claims.release(tx, [shownBefore])
  }

  async function fail(tx: Tx, row: MediaRow): Promise<void> {
    await accounts.avatarFailed(tx, row.owner_id, row.id)
  }

  return {
    show,
    fail,
    async lock(tx, ownerId) {
      await lock(tx, ownerId)
    },
    async choose(ownerId, uploadId) {
      const work = async (tx: Tx) => {
        const account = await lock(tx, ownerId)
        const claim = { ownerId, purpose: 'avatar' as const, items: [{ uploadId }], postId: null }
        const [row] = await claims.claimUploads(tx, claim)
        const shown = account.avatarKey && mediaIdOfAvatarKey(account.avatarKey)
        // The one chosen before and never shown: nobody waits for it any more.
        if (account.avatarMediaId && account.avatarMediaId !== shown)
          await claims.release(tx, [account.avatarMediaId])
        await accounts.chooseAvatar(tx, ownerId, row!.id)
        if (row!.processing_status === 'ready') await show(tx, row!)
        if (row!.processing_status === 'failed') await fail(tx, row!)
      }
      await database.transaction(work, { by: ownerId })
    },
    async remove(ownerId) {
      const work = async (tx: Tx) => {
        const account = await lock(tx, ownerId)
        const shown = account.avatarKey ? [mediaIdOfAvatarKey(account.avatarKey)] : []
        const chosen = account.avatarMediaId ? [account.avatarMediaId] : []
        await accounts.removeAvatar(tx, ownerId)
        await claims.release(tx, [...new Set([...shown, ...chosen])])
      }
      await database.transaction(work, { by: ownerId })
    },
  }
}
