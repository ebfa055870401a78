// The reference of scenario "feed": a bare Fastify server that returns the bytes Heliograph answered, from memory, to whom
// has a session, and writes likes with a statement for each. Its options, its auth look-up and its hooks for the log are
// those of the server.
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import pg from 'pg'
import { readToken } from '../server/src/modules/accounts/session-tokens.ts'
import { observe } from '../server/src/platform/http/observe.ts'
import type { Id } from '../server/src/platform/ids/ids.ts'
import { createLog } from '../server/src/platform/telemetry/log.ts'
import { createMetrics } from '../server/src/platform/telemetry/metrics.ts'
import { createPlainLikes, type PlainForm } from './feed-like-forms.ts'

export interface ReferencePage {
  path: string
  token: string
  headers: Record<string, string>
  body: string
}

interface Kept {
  headers: Record<string, string>
  body: Buffer
}

// As main.ts does.
setFlagsFromString('--no-allocation-site-pretenuring')

/** By the token's hash: who it is, and by address what they were answered. */
const sessions = new Map<string, { userId: string; expiresAt: number; pages: Map<string, Kept> }>()

const log = createLog({ level: 'warn', human: false })
const app = fastify({
  loggerInstance: log.child({}, { level: 'warn' }),
  childLoggerFactory: (_logger, bindings, options) => log.child(bindings, options),
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
  genReqId: () => randomUUID(),
  requestTimeout: 15 * 60_000,
  connectionTimeout: 3 * 60_000,
}) as unknown as FastifyInstance
observe(app, createMetrics())

for (const path of ['/api/feed', '/api/suggestions', '/api/stories', '/api/notifications'])
  app.get(path, async (request, reply) => {
    const session = sessionOf(request)
    if (!session) return reply.code(401).send()
    const page = session.pages.get(request.url)
    if (!page) return reply.code(404).send()
    return reply.headers(page.headers).send(page.body)
  })

const { DATABASE_URL: connectionString, LIKE_FORM: likeForm, LIKE_CONNECTIONS: connections } = process.env
const pool =
  connections === undefined
    ? null
    : new pg.Pool({ connectionString, max: Number(connections), idleTimeoutMillis: 0 })
/** Null: likes are answered and not written, which tells what HTTP and the look-up leave to any form. */
const like = pool && createPlainLikes(pool)[likeForm as PlainForm]

app.put('/api/posts/:id/like', async (request, reply) => {
  const session = sessionOf(request)
  if (!session) return reply.code(401).send()
  const { id } = request.params as { id: Id }
  return reply.send({ liked: true, likeCount: (await like?.(id, session.userId)) ?? 0 })
})

function sessionOf({ headers }: FastifyRequest) {
  const { authorization } = headers
  const read = authorization?.startsWith('Bearer ') ? readToken(authorization.slice(7)) : null
  const session = read && sessions.get(read.hash.toString('base64'))
  return session && session.userId === read.userId && session.expiresAt > Date.now() ? session : null
}

function admit(token: string): Map<string, Kept> {
  const { hash, userId } = readToken(token)!
  const key = hash.toString('base64')
  const session = sessions.get(key) ?? { userId, expiresAt: Date.now() + 86_400_000, pages: new Map() }
  sessions.set(key, session)
  return session.pages
}

function keep({ path, token, headers, body }: ReferencePage): void {
  admit(token).set(path, { headers, body: Buffer.from(body) })
}

process.on('message', (message: { type: string; pages?: ReferencePage[]; tokens?: string[] }) => {
  if (message.type === 'sessions') {
    message.tokens?.forEach(admit)
    process.send?.({ type: 'taken' })
  }
  if (message.type === 'pages') {
    for (const page of message.pages ?? []) keep(page)
    process.send?.({ type: 'taken' })
  }
  if (message.type === 'stop')
    void app
      .close()
      .then(() => pool?.end())
      .then(() => process.disconnect())
})

await app.listen({ port: 0, host: '127.0.0.1' })
const { port } = app.server.address() as AddressInfo
process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` })
