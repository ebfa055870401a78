export { type AddressOwner, createMediaAddresses, type MediaAddresses } from './media-addresses.ts'
export type { MediaApi, PresentedMedia, PresentOptions, StorageReport, UploadClaim } from './media-api.ts'
export type { MediaRow } from './media-tables.ts'
