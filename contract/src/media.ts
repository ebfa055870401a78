import { z } from 'zod'
import { Me } from './accounts.ts'
import { Id, IdParams } from './common.ts'
import { endpoint } from './endpoint.ts'
import { AskedLanguage } from './places.ts'
import { MediaMetadata, Place } from './posts.ts'

export const UploadPurpose = z.enum(['media', 'avatar', 'captions', 'evidence', 'story', 'message', 'voice'])
export type UploadPurpose = z.output<typeof UploadPurpose>

/** How a picture meets the tall frame of a Story: all of it, or as much as fills the frame. */
export const FrameFit = z.enum(['fit', 'crop'])
export type FrameFit = z.output<typeof FrameFit>

/**
 * What a Story shows, or a message carries. Its addresses end at a moment: with the Story, or at the end of the next
 * hour; who shows it for longer asks again.
 */
export const AttachedMedia = z.object({
  id: Id,
  type: z.enum(['photo', 'video', 'voice']),
  status: z.enum(['processing', 'ready', 'failed']),
  /** For its owner, when it failed. */
  failure: z
    .object({
      code: z.string(),
      message: z.string(),
      /** What would have been allowed, in numbers. */
      detail: z.string().optional(),
    })
    .optional(),
  /** Of what is shown; 0 while it is being prepared, and of a voice note. */
  width: z.number().int(),
  height: z.number().int(),
  /** Base64. */
  thumbhash: z.string().nullable(),
  /** The colour that there is most of, to lie behind it: `#rrggbb`. */
  color: z.string().nullable(),
  /** 150 × 150 pixels. */
  thumbnailUrl: z.string().nullable(),
  /** WebP; of a video its poster. */
  imageUrl: z.string().nullable(),
  /** The same as JPEG. */
  fallbackUrl: z.string().nullable(),
  /** MP4. */
  videoUrl: z.string().optional(),
  posterUrl: z.string().optional(),
  hasAudio: z.boolean().optional(),
  /** Of a voice note: AAC in MP4, which every browser plays. */
  audioUrl: z.string().optional(),
  durationSeconds: z.number().optional(),
  /** Of a voice note: 64 parts of its time, each from 0 to 100. */
  waveform: z.array(z.number().int().min(0).max(100)).optional(),
  /** It may show what not everybody wants to see: cover it until somebody wants to. */
  isSensitive: z.boolean(),
})
export type AttachedMedia = z.output<typeof AttachedMedia>

/** What one keeps on the server: everything that is stored for one's posts and picture, as uploaded and as shown. */
export const StorageUse = z.object({
  usedBytes: z.number().int(),
  /** Null: no limit. */
  quotaBytes: z.number().int().nullable(),
})
export type StorageUse = z.output<typeof StorageUse>

/** Uploads themselves speak tus 1.0 under /api/uploads, which is described there and not here. */
export const mediaEndpoints = {
  'GET /api/me/storage': endpoint({
    summary: 'How much one keeps on the server, and how much one may.',
    tag: 'Accounts',
    auth: 'required',
    budget: 'read',
    answers: { 200: StorageUse },
  }),
  'GET /api/uploads/:id/metadata': endpoint({
    summary:
      'What could be shown of one’s own upload once it is prepared, and the town nearest to where it was taken.',
    tag: 'Media',
    auth: 'required',
    budget: 'read',
    params: IdParams,
    query: z.strictObject({ language: AskedLanguage }),
    answers: { 200: z.object({ metadata: MediaMetadata, placeSuggestion: Place.nullable() }) },
    errors: [
      'upload.not_found',
      'upload.purpose',
      'upload.expired',
      'upload.incomplete',
      'media.not_ready',
      'media.failed',
    ],
  }),
  /** The picture of oneself is a medium: this module attaches it and tells accounts which one to show. */
  'PUT /api/me/avatar': endpoint({
    summary: 'Use an upload as the picture of oneself.',
    tag: 'Accounts',
    auth: 'required',
    budget: 'write',
    body: z.strictObject({ uploadId: Id }),
    answers: { 200: Me },
    errors: ['upload.not_found', 'upload.used', 'upload.incomplete', 'upload.expired', 'upload.purpose'],
  }),
  'DELETE /api/me/avatar': endpoint({
    summary: 'Take the picture of oneself away.',
    tag: 'Accounts',
    auth: 'required',
    budget: 'write',
    answers: { 200: Me },
  }),
}
