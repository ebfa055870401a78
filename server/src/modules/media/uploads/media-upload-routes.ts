import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Tus, uploadsPath } from './media-tus.ts'

/** tus 1.0 under /api/uploads: creation (also with the first bytes), position, further bytes. */
export function takeUploads(http: Http, tus: Tus): void {
  http.app.register(async (scope) => {
    // Bodies are files of any size: they are streamed, whatever they call themselves.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const path of [uploadsPath, `${uploadsPath}/:id`]) {
      scope.route({
        method: ['POST', 'HEAD', 'PATCH', 'OPTIONS'],
        url: path,
        bodyLimit: Number.MAX_SAFE_INTEGER,
        handler: (request, reply) => answer(http, tus, request, reply),
      })
    }
    // Nothing that was sent is read back or taken away here.
    scope.route({
      method: ['GET', 'DELETE', 'PUT'],
      url: `${uploadsPath}/:id`,
      exposeHeadRoute: false,
      handler: async () => {
        throw fault('request.method_not_allowed', { headers: { allow: 'OPTIONS, POST, HEAD, PATCH' } })
      },
    })
  })
}

async function answer(
  http: Http,
  tus: Tus,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const ownerId = await admit(http, request)
  reply.header('tus-resumable', '1.0.0').header('cache-control', 'no-store')
  const body = bodyOf(request.raw)
  const response = await tus.handle(ownerId, webRequest(request, body.stream)).finally(body.readAway)
  for (const [name, value] of response.headers) {
    if (name !== 'access-control-expose-headers') reply.header(name, value)
  }
  return reply.code(response.status).send()
}

async function admit(http: Http, request: FastifyRequest): Promise<Id> {
  if (request.method === 'OPTIONS') return '0'
  const viewer = await http.viewerOf(request)
  const budget = request.method === 'POST' ? 'write' : 'read'
  await http.spend(request, budget, viewer)
  if (viewer === null) throw fault(request.headers.authorization ? 'auth.invalid' : 'auth.required')
  return viewer.id
}

function webRequest(request: FastifyRequest, stream: ReadableStream<Uint8Array>): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value)
  }
  const [path = ''] = request.url.split('?', 1)
  const hasBody = request.method === 'POST' || request.method === 'PATCH'
  const body = hasBody ? { body: stream, duplex: 'half' as const } : {}
  return new Request(new URL(path, 'http://uploads.invalid'), { method: request.method, headers, ...body })
}

interface Body {
  stream: ReadableStream<Uint8Array>
  /** What was refused is read all the same, for a while: many clients send everything before they read an answer. */
  readAway(): void
}

const readAwayMs = 20_000

/**
 * Readable.toWeb copies each chunk, and destroys the connection when the body is refused half-way: the client
 * would never read why.
 */
function bodyOf(source: IncomingMessage): Body {
  const chunks = source.iterator({ destroyOnReturn: false })
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    },
    { highWaterMark: 1 },
  )
  return {
    stream,
    readAway() {
      if (source.readableEnded || source.destroyed) return
      const timer = setTimeout(() => source.complete || source.destroy(), readAwayMs)
      timer.unref()
      source.once('close', () => clearTimeout(timer))
      // The iterator lets go first: what it holds does not flow.
      void chunks.return?.().then(() => source.resume())
    },
  }
}
