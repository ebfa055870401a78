import type { Edits } from '@heliograph/contract/edits'
import type { FrameFit, UploadPurpose } from '@heliograph/contract/media'
import type { Crop } from '@heliograph/contract/posts'
import type { ColumnType, Selectable } from 'kysely'
import type { StoredObject, Tier } from '#platform/blobs/blobs.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PhotoExif, PictureScores } from './child/protocol.ts'

export type UploadState = 'uploading' | 'complete' | 'attached' | 'expired'
export type ProcessingStatus = 'processing' | 'ready' | 'failed'
export type MediaType = 'photo' | 'video' | 'voice'
/** `leaving`: what was uploaded goes as soon as there is what is shown of it. */
export type MasterState = 'kept' | 'leaving' | 'gone'

/** Read as a value, written as a JSON text. */
type Json<T> = ColumnType<T | null, string | null, string | null>
/** int8 that fits a number; the driver reads it as text. */
type Bytes = ColumnType<string, number, number>

export interface UploadsTable {
  bucket: number
  id: Id
  owner_id: Id
  purpose: UploadPurpose
  size: Bytes
  /** Hexadecimal: of the whole file, as its sender has it; null when that was not told. */
  sha256: string | null
  state: UploadState
  media_id: Id | null
  expires_at: Date
  created_at: Date
}

/** One object of a medium as its row keeps it: proof, without asking the store, of what lies there. */
export interface MediaObject extends StoredObject {
  /** Hot when absent. */
  tier?: Tier | undefined
}

export interface MediaTable {
  bucket: number
  id: Id
  owner_id: Id
  upload_id: Id
  purpose: UploadPurpose
  media_type: MediaType
  /** The post it was shared with; null for avatars and until it is shared. */
  post_id: Id | null
  /** The Story or message that it became part of; in whatever bucket. */
  part_of: ColumnType<Id | null, Id | null | undefined, Id | null>
  processing_status: ProcessingStatus
  failure_code: string | null
  /** Renderings begun for this revision; bounds them whatever becomes of the queue. */
  attempts: number
  token: string
  revision: number
  crop: Json<Crop>
  /** Id of a filter; one that is known no more does nothing. */
  filter: string | null
  edits: Json<Edits>
  fit: ColumnType<FrameFit | null, FrameFit | null | undefined, FrameFit | null>
  format: string | null
  file_size: Bytes
  source_width: number | null
  source_height: number | null
  /** Of the largest rendition. */
  width: number | null
  height: number | null
  thumbhash: Buffer | null
  perceptual_hash: Buffer | null
  /** Of a photograph as it was uploaded, however it is cut. */
  whole_hash: Buffer | null
  /** Of pictures from all over a film, 8 bytes each. */
  frame_hashes: Buffer | null
  exif: Json<PhotoExif>
  /** Null: never looked at. */
  moderation: Json<Moderation>
  master_key: string
  master_state: ColumnType<MasterState, MasterState | undefined, MasterState>
  original_key: string | null
  /** For avatars: 64 pixels. */
  thumbnail_key: string | null
  /** For avatars: 150 pixels. */
  medium_key: string | null
  /** For avatars: 320 pixels. */
  large_key: string | null
  fallback_key: string | null
  /** Everything that lies in the store for it; null when it was put before this was kept. */
  objects: Json<MediaObject[]>
  duration_ms: number | null
  has_audio: boolean | null
  /** MP4 of at most 720 lines. */
  video_key: string | null
  /** The master playlist; what it leads to lies in its folder. */
  hls_key: string | null
  /** Of a voice note. */
  audio_key: ColumnType<string | null, string | null | undefined, string | null>
  waveform: ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>
  /** The colour that there is most of: `#rrggbb`. */
  color: ColumnType<string | null, string | null | undefined, string | null>
  /** Of messages: it may show what not everybody wants to see. */
  sensitive: ColumnType<boolean, boolean | undefined, boolean>
  /** Percent of the rendering under way. */
  progress: number | null
  /** Of the rendering before, while it may still be asked for: a back-fill made the same picture once more. */
  lingering_token: string | null
  captions_key: string | null
  captions_upload_id: Id | null
  /** As it is served. */
  captions_text: string | null
  created_at: Date
  revoked_at: Date | null
}

/** What edges refuse, see media-revocations.ts. */
export interface MediaRevocationsTable {
  bucket: number
  id: Id
  mark: string
  expires_at: Date
}

export interface MediaReadsTable {
  bucket: number
  media_id: Id
  /** A day; written and compared as text. */
  read_on: ColumnType<Date, string, string>
}

/** What is not whole in the second region yet, see storage/media-uncopied-repository.ts. */
export interface MediaUncopiedTable {
  bucket: number
  media_id: Id
  since: Date
  changes: number
  failures: number
}

export interface MediaWalksTable {
  bucket: number
  walk: 'tiers'
  after_id: Id
}

export interface StorageCountsTable {
  bucket: number
  account_id: Id
  bytes: Bytes
  /** -1: none. */
  quota_bytes: ColumnType<string | null, number | null | undefined, number | null>
}

/** What a picture was found to be. */
export interface Moderation {
  verdict: 'pass' | 'review' | 'blocked'
  /** Of the network; null: it was not, or could not be, looked at. */
  model: string | null
  scores: PictureScores | null
  /** Looked at, of a clip. */
  frames?: number
  /** Bits that differ from a removed picture, when it comes near one. */
  distance?: number
}

/** By what a medium is recognised, 64 bits each; null or none: it was prepared before that was kept. */
export interface PictureHashes {
  /** As it is shown; of a film its poster. */
  shown: Buffer | null
  whole: Buffer | null
  /** Of pictures from all over a film. */
  frames: Buffer | null
}

export interface MediaTables {
  media_revocations: MediaRevocationsTable
  uploads: UploadsTable
  media: MediaTable
  storage_counts: StorageCountsTable
  media_reads: MediaReadsTable
  media_uncopied: MediaUncopiedTable
  media_walks: MediaWalksTable
}

export type UploadRow = Selectable<UploadsTable>
/** What a picture tells of its making stays in the table: nobody who presents media reads it. */
export type MediaRow = Omit<
  Selectable<MediaTable>,
  'exif' | 'moderation' | 'perceptual_hash' | 'whole_hash' | 'frame_hashes' | 'captions_text' | 'objects'
>

export interface MediaFact {
  ownerId: Id
  purpose: UploadPurpose
  postId: Id | null
  /** The Story or message that it is part of; null or, in older events, absent: of a post, or not claimed yet. */
  partOf?: Id | null
}

/** Subject: the medium's id, in its owner's bucket. */
export interface MediaEvents {
  /** An upload is complete and its medium stands in the database. */
  'media.uploaded': { ownerId: Id; purpose: UploadPurpose; uploadId: Id; mediaType: MediaType }
  /** It is to be rendered anew: another crop or look, or one more try after a failure. */
  'media.render_requested': MediaFact & { revision: number; mediaType: MediaType }
  /**
   * All its renditions are durable. Sent again after each rendering; `replacedKeys` go after a while, a longer one
   * when they linger: pages go on with them.
   */
  'media.ready': MediaFact & { revision: number; replacedKeys: string[]; lingers?: boolean }
  /** Other captions, or none: what they replaced goes after a while, with what was uploaded. */
  'media.captions_changed': MediaFact & { replacedKeys: string[] }
  'media.failed': MediaFact & { revision: number; code: string }
  /** What was uploaded is needed no more. */
  'media.master_unneeded': MediaFact
  /** Nobody may see it any more; its objects and its row are removed by a job. */
  'media.released': MediaFact
}
