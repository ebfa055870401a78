import { z } from 'zod'
import { Id, IdParams, Timestamp, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'

const tag = 'Exports'

export const ExportState = z.enum(['preparing', 'ready', 'failed'])
export type ExportState = z.output<typeof ExportState>

/** A copy of everything that is one's own, as one or several ZIP files. */
export const Export = z.object({
  id: Id,
  state: ExportState,
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
  /** Its files are gone from then on. */
  expiresAt: Timestamp.nullable(),
  /** From 0 to 1. */
  progress: z.number().min(0).max(1),
  /** Those that are written. */
  parts: z.array(z.object({ number: z.number().int(), bytes: z.number().int() })),
  /** Files that the server should have had, and has not. */
  missing: z.number().int(),
})
export type Export = z.output<typeof Export>

export const OwnExport = z.object({
  /** The last one that is not over. */
  export: Export.nullable(),
  /** Null: at once. */
  mayAskAt: Timestamp.nullable(),
})
export type OwnExport = z.output<typeof OwnExport>

export const ExportAddresses = z.object({
  /** The addresses end; ask for new ones. */
  expiresAt: Timestamp,
  parts: z.array(
    z.object({ number: z.number().int(), name: z.string(), bytes: z.number().int(), url: z.string() }),
  ),
})
export type ExportAddresses = z.output<typeof ExportAddresses>

const own = { tag, auth: 'required' } as const
const file = z.unknown().meta({ description: 'A ZIP file, or the range of it that was asked for.' })

export const exportsEndpoints = {
  'GET /api/me/exports': endpoint({
    ...own,
    summary: 'What became of the copy that one asked for.',
    budget: 'read',
    answers: { 200: OwnExport },
  }),
  'POST /api/me/exports': endpoint({
    ...own,
    summary: 'Ask for a copy of everything that is one’s own; once a day.',
    budget: 'write',
    proof: true,
    answers: { 201: Export },
    errors: ['export.waiting', 'export.too_soon'],
    idempotent: true,
  }),
  'DELETE /api/me/exports/:id': endpoint({
    ...own,
    summary: 'Take the copy away before its time.',
    budget: 'write',
    params: IdParams,
    answers: { 204: null },
    errors: ['export.not_found'],
  }),
  'POST /api/me/exports/:id/addresses': endpoint({
    ...own,
    summary: 'Where its files are to be had, for some hours and in sessions of its owner alone.',
    budget: 'write',
    proof: true,
    params: IdParams,
    answers: { 200: ExportAddresses },
    errors: ['export.not_found'],
  }),
  'GET /api/me/exports/:id/file': endpoint({
    ...own,
    summary: 'One of the files; takes a Range.',
    budget: 'read',
    params: IdParams,
    query: z.object({
      part: wholeNumber(1, 100_000),
      until: wholeNumber(0, 99_999_999_999),
      signature: z.string().min(1).max(64),
    }),
    answers: { 200: file, 206: file },
    errors: ['export.not_found'],
  }),
}
