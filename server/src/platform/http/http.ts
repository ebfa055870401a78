import cookies from '@fastify/cookie'
import type { Budget } from '@heliograph/contract/endpoint'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { HttpConfig } from '#config/config.ts'
import type { Secrets } from '#platform/secrets/secrets.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { type Cursors, createCursors } from './cursors.ts'
import { answerProblems } from './problems.ts'
import type { Authenticator, Viewer } from './viewer.ts'

export interface HttpOptions {
  config: HttpConfig
  secrets: Secrets
  log: Log
  now?: () => number
  /** Tests: compare every answer with the contract. */
  checkAnswers?: boolean
}

export type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** The server as modules see it. What the contract cannot describe (uploads, media, pages) goes on `app`. */
export interface Http {
  readonly app: FastifyInstance
  readonly cursors: Cursors
  readonly checkAnswers: boolean
  /** Called once, by the module that knows sessions. */
  setAuthenticator(authenticator: Authenticator): void
  /** Asked once per request, however many ask. */
  viewerOf(request: FastifyRequest): Promise<Viewer | null>
  /** Takes one from a budget; throws `rate.limited`. */
  spend(request: FastifyRequest, budget: Budget, viewer: Viewer | null): Promise<void>
  addRoute(method: string, path: string, handler: RouteHandler): void
  /** Resolves when requests are taken. */
  listen(): Promise<void>
  close(): Promise<void>
}

export async function createHttp(options: HttpOptions): Promise<Http> {
  const { config, secrets, log, now = Date.now, checkAnswers = false } = options
  const app = fastify({
    loggerInstance: log,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: 256 * 1024,
    routerOptions: { maxParamLength: 500 },
  }) as unknown as FastifyInstance
  await app.register(cookies)
  answerProblems(app)
  let authenticate: Authenticator = async () => null
  const viewers = new WeakMap<FastifyRequest, Promise<Viewer | null>>()
  return {
    app,
    cursors: createCursors(secrets.key('cursors'), now),
    checkAnswers,
    setAuthenticator(authenticator) {
      authenticate = authenticator
    },
    viewerOf(request) {
      let viewer = viewers.get(request)
      if (viewer === undefined) {
        viewer = authenticate(request)
        viewers.set(request, viewer)
      }
      return viewer
    },
    async spend() {},
    addRoute(method, path, handler) {
      app.route({ method, url: path, handler })
    },
    async listen() {
      await app.listen({ port: config.port, host: config.host ?? 'localhost' })
    },
    async close() {
      await app.close()
    },
  }
}
