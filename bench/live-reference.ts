// The references of scenario "live", in one process: a bare websocket server that says what it hears to everybody, over Redis,
// and a bare server that writes each message with one statement.
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type WebSocket, WebSocketServer } from 'ws'
import { readToken } from '../server/src/modules/accounts/session-tokens.ts'
import { observe } from '../server/src/platform/http/observe.ts'
import { createLog } from '../server/src/platform/telemetry/log.ts'
import { createMetrics } from '../server/src/platform/telemetry/metrics.ts'

const { DATABASE_URL: connectionString, REDIS_URL, CONNECTIONS: connections = '32' } = process.env

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

/** By the token's hash: whose it is. */
const sessions = new Map<string, string>()
const pool =
  connectionString === undefined ? null : new pg.Pool({ connectionString, max: Number(connections) })
const numbers = new Map<string, number>()

/** The plainest durable form of a message: one row, committed by itself. Its number is drawn here, in memory. */
app.post('/messages/:conversation', async (request, reply) => {
  const senderId = sessionOf(request)
  if (senderId === undefined || !pool) return reply.code(401).send()
  const { conversation } = request.params as { conversation: string }
  const { clientId, text } = request.body as { clientId: string; text: string }
  return reply.code(201).send({ sequence: await keep(conversation, text, senderId, clientId) })
})

async function keep(conversation: string, text: string, senderId: string, clientId: string): Promise<number> {
  const sequence = (numbers.get(conversation) ?? 0) + 1
  numbers.set(conversation, sequence)
  await pool?.query({
    name: 'plain_message',
    text: 'insert into bench_messages values ($1, $2, $3, $4, $5, now())',
    values: [conversation, sequence, senderId, clientId, text],
  })
  return sequence
}

function sessionOf({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers
  const read = authorization?.startsWith('Bearer ') ? readToken(authorization.slice(7)) : null
  return read ? sessions.get(read.hash.toString('base64')) : undefined
}

const open = new Set<WebSocket>()
const sockets = new WebSocketServer({ noServer: true, maxPayload: 4096 })
app.server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (one) => {
    open.add(one)
    one.on('close', () => open.delete(one))
    one.on('error', () => open.delete(one))
    one.on('message', (data) => void passOn(String(data)))
  }),
)

/** What begins with `keep` is on the disk before it is said. */
async function passOn(text: string): Promise<void> {
  if (text.startsWith('keep')) await keep('0', text, '0', text)
  await say?.publish('bench', text)
}

const say = REDIS_URL === undefined ? null : new Redis(REDIS_URL)
const hear = REDIS_URL === undefined ? null : new Redis(REDIS_URL)
await hear?.subscribe('bench')
hear?.on('message', (_channel, text) => {
  for (const one of open) one.send(text)
})

process.on('message', (message: { type: string; tokens?: readonly string[] }) => {
  if (message.type === 'sessions') {
    for (const token of message.tokens ?? []) {
      const { hash, userId } = readToken(token)!
      sessions.set(hash.toString('base64'), userId)
    }
    process.send?.({ type: 'taken' })
  }
  if (message.type === 'stop') void stop()
})

async function stop(): Promise<void> {
  for (const one of open) one.terminate()
  say?.disconnect()
  hear?.disconnect()
  await app.close()
  await pool?.end()
  process.disconnect()
}

await app.listen({ port: 0, host: '127.0.0.1' })
const { port } = app.server.address() as AddressInfo
process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` })
