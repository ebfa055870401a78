export type { PreparedCaptions } from './captions/media-captions.ts'
export {
  type AddressOwner,
  type AddressParts,
  createMediaAddresses,
  type MediaAddresses,
} from './delivery/media-addresses.ts'
export { edgeToken } from './delivery/media-edge-client.ts'
export { createEdges, type Edges } from './delivery/media-edges.ts'
export { createRevocations, type Revocations } from './delivery/media-revocations.ts'
export { createMedia, type Media, type MediaDeps } from './media.ts'
export type {
  AttachedWish,
  HeldHook,
  MediaApi,
  PictureScreening,
  PresentedMedia,
  PresentOptions,
  Reclaimed,
  ShownExif,
} from './media-api.ts'
export type { MediaFile, MediaFileNames } from './media-files.ts'
export { storiesFolder } from './media-keys.ts'
export type { MediaRow, Moderation, PictureHashes } from './media-tables.ts'
export { findDecoderAccount } from './rendering/media-decoder-account.ts'
export { createMediaPool, type MediaPool } from './rendering/media-pool.ts'
export { createVideos, type Videos } from './rendering/media-videos.ts'
export type { Finding } from './storage/media-findings.ts'
export type { OwnQuota, StorageOfAccount } from './storage/media-quotas.ts'
export type { VerifyReport } from './storage/media-verify.ts'
export type { UploadClaim } from './uploads/media-upload-claims.ts'
