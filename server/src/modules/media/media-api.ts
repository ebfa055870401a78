import type { AttachedMedia, UploadPurpose } from '@heliograph/contract/media'
import type { PostMedia } from '@heliograph/contract/posts'
import type { Db, Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Captions } from './captions/media-captions.ts'
import type { Classification, ClassifyOptions, PhotoExif } from './child/protocol.ts'
import type { AddressOwner } from './delivery/media-addresses.ts'
import type { Evidence } from './evidence/media-evidence.ts'
import type { MediaCapabilities } from './media-capabilities.ts'
import type { Choices } from './media-choices.ts'
import type { MediaFiles } from './media-files.ts'
import type { MediaRow, Moderation, PictureHashes } from './media-tables.ts'
import type { Quotas } from './storage/media-quotas.ts'
import type { Storage } from './storage/media-storage.ts'
import type { UploadClaim } from './uploads/media-upload-claims.ts'

/** One that `presentAttached` is asked for. */
export interface AttachedWish {
  id: Id
  /** Its addresses end in the second that this lies in, never after it; null: at the end of the next hour. */
  until: Date | null
}

export interface Reclaimed {
  media: number
  objects: number
  bytes: number
}

export interface PresentOptions {
  /** Everybody may see it: a public account's ready post. Its addresses live long and are cacheable. */
  isPublic: boolean
  owner: AddressOwner
  /** Adds the original and what was chosen. */
  forOwner: boolean
  /** What the camera wrote, when this reader may read it. */
  exif?: ShownExif | undefined
}

/** Of a medium, without where it was taken; shown by `present` alone. */
export type ShownExif = Omit<PhotoExif, 'gps' | 'software'>

/** A medium of a post as the contract has it, but for the alt text, which belongs to the post. */
export type PresentedMedia = Omit<PostMedia, 'altText'>

export type HeldHook = (
  tx: Tx,
  picture: { id: Id; ownerId: Id; postId: Id },
  found: Moderation,
) => Promise<void>

/** Tells media what may be shown of what was found in a picture; made before it. */
export interface PictureScreening {
  /** Null: pictures are not looked at. */
  readonly classify: ClassifyOptions | null
  judge(
    purpose: UploadPurpose,
    picture: { hashes: PictureHashes; classification?: Classification | undefined },
  ): Promise<Moderation>
  /** Whether it was removed by now, asked inside the transaction that would show it; null: nothing is like it. */
  recognise(tx: Tx, hashes: PictureHashes): Promise<Pick<Moderation, 'verdict' | 'distance'> | null>
}

/** Everything that is ready, unless it says less. */
export interface BackfillWish {
  /** Uploaded since then. */
  since?: Date
  /** Only where a rendition is not in the store. */
  onlyMissing?: boolean
}

/** What other modules may ask of media. */
export interface MediaApi extends Captions {
  /** What can be taken and shown here, as the decoders in use say. */
  capabilities(): Promise<MediaCapabilities>
  /**
   * Makes complete uploads of the owner part of something, each once. Rows come in the order of the items;
   * they may be processing, ready or failed. Throws upload.not_found | used | incomplete | expired | purpose, and of what
   * is no post's and was removed by a moderator meanwhile media.blocked.
   */
  claimUploads(tx: Tx, claim: UploadClaim): Promise<MediaRow[]>
  /** Rows that are not released, in no order. */
  findByIds(ids: Iterable<Id>): Promise<Map<Id, MediaRow>>
  /** What cameras wrote, for those whose reader may know: it is in no other row. */
  findExifByIds(ids: Iterable<Id>): Promise<Map<Id, ShownExif>>
  /** The same as `findByIds`, in a transaction, locked until its end. */
  lockByIds(tx: Tx, ids: Iterable<Id>): Promise<Map<Id, MediaRow>>
  /** What pictures were found to be; those never looked at are absent. */
  moderationOf(ids: readonly Id[], db?: Db | Tx): Promise<Map<Id, Moderation>>
  /** The same inside the transaction that would show them: what a moderator removed meanwhile is recognised. */
  judgedNow(tx: Tx, ids: readonly Id[]): Promise<Map<Id, Moderation>>
  /** What strangers may come to read with these: captions, and camera and lens as they would be shown. */
  wordsOf(tx: Tx, ids: readonly Id[]): Promise<{ captions: string[]; cameras: string[] }>
  /** A moderator has looked: they are all right as they are. */
  approve(tx: Tx, mediaIds: readonly Id[]): Promise<void>
  /** Also of released pictures. */
  hashesOf(tx: Tx, mediaIds: readonly Id[]): Promise<Map<Id, PictureHashes>>
  /** Called in the transaction that would show a picture which a moderator should see first. */
  whenHeld(hook: HeldHook): void
  /** Pure. */
  present(row: MediaRow, options: PresentOptions): PresentedMedia
  /** Milliseconds: what was presented before has other addresses from then on. Pure. */
  addressesChangeAt(isPublic: boolean, now: number): number
  /** Prepare with other choices (an absent one stays), or once more with the same ones if that failed. The renditions there are stay until the new ones take their place. */
  rerender(tx: Tx, mediaId: Id, change: Partial<Choices>): Promise<void>
  /** Prepare failed ones once more; others are left alone. How many there were. */
  retry(tx: Tx, mediaIds: readonly Id[]): Promise<number>
  /**
   * What Stories and messages show, with signed addresses; those released are absent. Whoever may not see it must not be
   * given it: addresses open it for anybody until they end. Sight that is taken away before needs the owner's epoch
   * (`accounts.noteLimited` when it is shared, `endSight` when it ends) or `release`.
   */
  presentAttached(wishes: Iterable<AttachedWish>, viewerId: Id): Promise<Map<Id, AttachedMedia>>
  /**
   * Ends what nobody may see any more, of Stories that are over or deleted: `release`, but that objects and rows are gone
   * when it returns, and counted. Again is harmless; what a crash leaves, a sweep ends.
   */
  reclaim(mediaIds: readonly Id[]): Promise<Reclaimed>
  /** Addresses are refused from the commit on; objects and rows go soon after. */
  release(tx: Tx, mediaIds: readonly Id[]): Promise<void>
  /** All ready: ready. One failed: failed, with its code. */
  stateOf(rows: Iterable<MediaRow>): { status: 'processing' | 'ready' } | { status: 'failed'; code: string }
  /** For those who look after the store. */
  storage: Pick<Storage, 'verify' | 'collectOrphans' | 'usage' | 'copies'>
  files: MediaFiles
  /** What shows admins who somebody is. */
  evidence: Evidence
  /** What accounts keep, and may keep. */
  quotas: Quotas
  /** Renders ready media anew, bit by bit, in the background; nothing that a person waits for waits behind it. */
  rerenderAll(wish: BackfillWish): Promise<void>
  /** Of one that failed because it is too long or too large: what would have been allowed, in numbers. Pure. */
  allowedInstead(row: MediaRow): string | undefined
  /** Of a post whose videos are being prepared: from 0 to 1. Pure. */
  progressOf(rows: Iterable<MediaRow>): number | undefined
  /** A video came further; in this process, and at most once a second for each. */
  onProgress(listener: (mediaId: Id, ownerId: Id) => void): void
}
