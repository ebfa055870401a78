import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const Capabilities = z.object({
  photo: z.object({
    /** MIME types that the decoders in use can read. */
    formats: z.array(z.string()),
    maxBytes: z.number().int(),
    /** Pixels by MIME type. */
    maxPixels: z.record(z.string(), z.number().int()),
  }),
  /** Absent: this server can prepare no videos. */
  video: z
    .object({
      /** MIME types of containers. */
      formats: z.array(z.string()),
      /** FFmpeg's names of what may be inside. A video whose sound cannot be read is shown without. */
      videoCodecs: z.array(z.string()),
      audioCodecs: z.array(z.string()),
      maxBytes: z.number().int(),
      maxSeconds: z.number().int(),
      /** Of a picture as it is stored. */
      maxPixels: z.number().int(),
      /** WebVTT. */
      captions: z.object({ maxBytes: z.number().int() }),
      /** Whose decoders: the system's program, or what came with the installation. */
      engine: z.string(),
    })
    .optional(),
  avatar: z.object({ maxBytes: z.number().int() }),
  /** The frame that a Story is shown in; longer films than this are not taken for one. */
  story: z.object({ width: z.number().int(), height: z.number().int(), maxSeconds: z.number().int() }),
  /** Absent: this server can prepare no voice notes. */
  voice: z
    .object({
      /** MIME types of containers, as recorders of browsers have them. */
      formats: z.array(z.string()),
      maxBytes: z.number().int(),
      maxSeconds: z.number().int(),
    })
    .optional(),
  /** In the order in which they are offered; the name is English. */
  filters: z.array(z.object({ id: z.string(), name: z.string() })),
  maxMediaPerPost: z.number().int(),
  /** Ways of ordering the feed. */
  feedModes: z.array(z.string()),
})
export type Capabilities = z.output<typeof Capabilities>

export const capabilitiesEndpoints = {
  'GET /api/capabilities': endpoint({
    summary: 'What this server can take and do.',
    tag: 'Media',
    auth: 'none',
    budget: 'read',
    answers: { 200: Capabilities },
  }),
}
