import { createServer, type Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { HttpConfig } from '#config/config.ts'
import { answerBrokenRequest } from './problems.ts'

/** How long a connection may keep us waiting, in milliseconds. */
export interface SocketPatience {
  headersTimeout: number
  requestTimeout: number
  timeout: number
}

/** Opens the doors; resolves with the port. */
export type Listen = () => Promise<number>

/**
 * Without HOST the server stands on both loopbacks by itself: which addresses `localhost` names is the machine's
 * hosts file's business, and browsers try ::1 first, where another program would get our visitors.
 */
export function prepareListening(app: FastifyInstance, config: HttpConfig, patience: SocketPatience): Listen {
  let second: Server | null = null
  let secondClosed: Promise<void> | undefined
  app.addHook('preClose', async () => {
    // Connections that are busy now are not kept open after their answer.
    for (const server of [app.server, second]) if (server !== null) server.keepAliveTimeout = 1
    // Not waited for here: what keeps it open is ended by hooks that come later.
    secondClosed = closeServer(second)
  })
  app.addHook('onClose', () => secondClosed ?? Promise.resolve())

  return async () => {
    await app.listen({ port: config.port, host: config.host ?? '127.0.0.1' })
    const address = app.server.address()
    const port = address !== null && typeof address === 'object' ? address.port : config.port
    if (config.host === null) second = await listenOnSecondLoopback(app, port, patience)
    return port
  }
}

async function listenOnSecondLoopback(app: FastifyInstance, port: number, patience: SocketPatience) {
  const { timeout, ...limits } = patience
  const server = createServer({ ...limits, keepAliveTimeout: app.server.keepAliveTimeout })
  server.setTimeout(timeout)
  server.on('request', (request, response) => app.routing(request, response))
  server.on('upgrade', (...upgrade) => app.server.emit('upgrade', ...upgrade))
  server.on('clientError', answerBrokenRequest)
  return new Promise<Server | null>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no second loopback.
      if (error.code === 'EADDRINUSE') reject(error)
      else resolve(null)
    })
    server.listen({ port, host: '::1', ipv6Only: true }, () => resolve(server))
  })
}

function closeServer(server: Server | null): Promise<void> {
  if (server === null) return Promise.resolve()
  return new Promise((resolve) => server.close(() => resolve()))
}
