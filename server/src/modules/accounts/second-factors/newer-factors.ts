import type { Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import {
  deleteRecoveryCodes,
  deleteRecoveryCodesSince,
  deleteTotp,
  findFactors,
  findTotp,
} from './factors-repository.ts'
import { deletePasskey, listPasskeys } from './passkeys-repository.ts'

/**
 * When an account is taken back: what was added since goes, as a passkey of the thief would open it again, and codes of
 * theirs would shut the owner out; so do recovery codes made since. What is older is the owner's. The caller holds the lock of
 * the account's credentials.
 */
export async function removeFactorsSince(
  tx: Tx,
  events: Pick<Events, 'emit'>,
  { userId, since }: { userId: Id; since: Date },
): Promise<void> {
  const about = { bucket: bucketOf(userId), subjectId: userId }
  const totp = await findTotp(tx, userId)
  const isTotpNew = totp !== undefined && (totp.confirmed_at === null || totp.confirmed_at >= since)
  const wasTotpOn = isTotpNew && (await deleteTotp(tx, userId))
  const newPasskeys = (await listPasskeys(tx, userId)).filter(({ created_at }) => created_at >= since)
  for (const { id } of newPasskeys) await deletePasskey(tx, userId, id)
  const isAnyGone = wasTotpOn || newPasskeys.length > 0
  const left = await findFactors(tx, userId)
  // Also where nothing else was added: whoever has a thief's codes has the second step. Who has a factor left makes new ones.
  if (left.totp || left.passkey) await deleteRecoveryCodesSince(tx, userId, { since, orUnknown: isAnyGone })
  else await deleteRecoveryCodes(tx, userId)
  if (wasTotpOn)
    await events.emit(tx, 'accounts.second_factor_changed', { ...about, data: { change: 'totp_off' } })
  if (newPasskeys.length > 0)
    await events.emit(tx, 'accounts.second_factor_changed', { ...about, data: { change: 'passkey_removed' } })
}
