import type { UploadPurpose } from '@heliograph/contract/media'
import { type FaultError, fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Choices } from '../media-choices.ts'
import type { UploadRow } from '../media-tables.ts'

export interface UploadClaim {
  ownerId: Id
  /** One, or any of several: a message carries photographs and voice notes. */
  purpose: UploadPurpose | readonly UploadPurpose[]
  /** In the order of the post; what is absent or null is as the server does it by itself. */
  items: readonly ({ uploadId: Id } & Partial<Choices>)[]
  /** What the uploads become part of; in the owner's bucket. */
  postId: Id | null
  /** The Story or message that they become part of; in whatever bucket. Told with every event of them. */
  partOf?: Id
  /** What was uploaded stays beside what is shown. By default that of posts and avatars does, and no other. */
  keepMaster?: boolean
}

export function purposesOf({ purpose }: Pick<UploadClaim, 'purpose'>): readonly UploadPurpose[] {
  return typeof purpose === 'string' ? [purpose] : purpose
}

/** Pure: why an upload of this name is not what was asked for. */
export function whyNotTaken(
  row: UploadRow | undefined,
  claim: Pick<UploadClaim, 'ownerId' | 'purpose'>,
  now: Date,
): FaultError {
  if (row?.owner_id !== claim.ownerId) return fault('upload.not_found')
  if (!purposesOf(claim).includes(row.purpose)) return fault('upload.purpose')
  if (row.state === 'attached') return fault('upload.used')
  if (row.state === 'expired' || row.expires_at <= now) return fault('upload.expired')
  return fault('upload.incomplete')
}
