import { exportsEndpoints } from '@heliograph/contract/exports'
import { parseRange } from '#platform/http/byte-range.ts'
import type { Http } from '#platform/http/http.ts'
import { answer, mount, noContent } from '#platform/http/mount.ts'
import type { Exports } from './exports-service.ts'

export function mountExports(http: Http, exports: Exports): void {
  mount(http, exportsEndpoints, {
    'GET /api/me/exports': async ({ viewer }) => answer(200, await exports.of(viewer)),
    'POST /api/me/exports': {
      create: async ({ viewer, once }) => answer(201, await exports.ask(viewer, once)),
      replay: async ({ viewer }, id) => answer(201, await exports.one(viewer, id)),
    },
    'DELETE /api/me/exports/:id': async ({ viewer, params }) => {
      await exports.end(viewer, params.id)
      return noContent()
    },
    'POST /api/me/exports/:id/addresses': async ({ viewer, params }) =>
      answer(200, await exports.addresses(viewer, params.id)),
    'GET /api/me/exports/:id/file': async ({ viewer, params, query, request }) => {
      const part = await exports.part(viewer, params.id, { ...query, number: query.part })
      const range = parseRange(request.headers.range, part.bytes)
      // What cannot be given in part is given whole (RFC 9110, 14.2).
      const wanted = typeof range === 'string' ? { start: 0, end: part.bytes - 1 } : range
      const isWhole = typeof range === 'string'
      const { stream } = await part.open(isWhole ? undefined : wanted)
      const headers = {
        'content-type': 'application/zip',
        'content-length': String(wanted.end - wanted.start + 1),
        'content-disposition': `attachment; filename="${part.name}"`,
        'accept-ranges': 'bytes',
        // The same number is the same file for ever: a broken download goes on.
        etag: `"${params.id}-${query.part}"`,
        'cache-control': 'private, no-store',
        'x-content-type-options': 'nosniff',
      }
      if (isWhole) return answer(200, stream, headers)
      const contentRange = `bytes ${wanted.start}-${wanted.end}/${part.bytes}`
      return answer(206, stream, { ...headers, 'content-range': contentRange })
    },
  })
}
