import { renderApiPage } from './api-page.ts'
import { apiPageStyle } from './api-page-style.ts'
import type { Http } from './http.ts'
import { type ApiDescription, describeApi } from './openapi.ts'
import type { OpenApi } from './openapi-types.ts'

/** The API document and its readable form, both from the contract. */
export function mountApiDocs(http: Http, api: Omit<ApiDescription, 'publicUrl'>): void {
  let document: OpenApi | null = null
  const describe = () => {
    document ??= describeApi({ ...api, publicUrl: http.config.publicUrl })
    return document
  }
  const freshness = 'public, max-age=300'

  http.app.get('/api/openapi.json', async (_request, reply) =>
    reply.header('cache-control', freshness).send(describe()),
  )
  http.app.get('/api/docs', async (_request, reply) =>
    reply.header('cache-control', freshness).type('text/html; charset=utf-8').send(renderApiPage(describe())),
  )
  http.app.get('/api/docs/style.css', async (_request, reply) =>
    reply.header('cache-control', freshness).type('text/css; charset=utf-8').send(apiPageStyle),
  )
}
