export { explicitness } from './child/protocol.ts'
export { createMedia, type Media, type MediaDeps } from './media.ts'
export {
  type AddressOwner,
  type AddressParts,
  createMediaAddresses,
  type MediaAddresses,
} from './media-addresses.ts'
export type {
  HeldHook,
  MediaApi,
  PictureScreening,
  PresentedMedia,
  PresentOptions,
  ShownExif,
  UploadClaim,
} from './media-api.ts'
export type { PreparedCaptions } from './media-captions.ts'
export { edgeToken } from './media-edge-client.ts'
export { createEdges, type Edges } from './media-edges.ts'
export { createMediaPool, type MediaPool } from './media-pool.ts'
export type { OwnQuota, StorageOfAccount } from './media-quotas.ts'
export { createRevocations, type Revocations } from './media-revocations.ts'
export type { MediaRow, Moderation, PictureHashes } from './media-tables.ts'
export { createVideos, type Videos } from './media-videos.ts'
export type { Finding } from './storage/media-findings.ts'
export type { VerifyReport } from './storage/media-verify.ts'
