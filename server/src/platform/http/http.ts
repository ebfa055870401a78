import { randomUUID } from 'node:crypto'
import websocket from '@fastify/websocket'
import type { Budget } from '@heliograph/contract/endpoint'
import { type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import type { HttpConfig } from '#config/config.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { Secrets } from '#platform/secrets/secrets.ts'
import type { Soon } from '#platform/soon/soon.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createMetrics, type Metrics } from '#platform/telemetry/metrics.ts'
import { createNetworkList } from './addresses.ts'
import { limitBodyTime } from './body-deadline.ts'
import { type Cursors, createCursors } from './cursors.ts'
import { fault } from './fault.ts'
import { guard, setPlainHeaders } from './guards.ts'
import { addHealth, type Health } from './health.ts'
import type { Idempotency } from './idempotency.ts'
import { prepareListening, type SocketPatience } from './listening.ts'
import { observe } from './observe.ts'
import { answerBrokenRequest, answerProblems, sendProblem } from './problems.ts'
import { type CreateCounter, createRateLimits, type RateLimits } from './rate-limits.ts'
import type { RouteHandler } from './route-handler.ts'
import { createRouteTable } from './routes.ts'
import { limitOpenRequests, type SheddingOptions, shedLoad } from './shedding.ts'
import type { Authenticator, Viewer } from './viewer.ts'

export type { RouteHandler } from './route-handler.ts'

export interface HttpOptions {
  config: HttpConfig
  secrets: Secrets
  log: Log
  idempotency: Idempotency
  metrics?: Metrics
  clock?: Clock
  shedding?: SheddingOptions
  /** Default: this process counts for itself. */
  createCounter?: CreateCounter | undefined
  /** How long a body may take that is no file. */
  bodyTimeMs?: number
  /** Requests of one address at once, where limits are on. */
  openPerAddress?: number
  /** Tests: compare every answer with the contract. */
  checkAnswers?: boolean
}

/** The server as modules see it. What the contract cannot describe (uploads, media, pages) goes on `app`. */
export interface Http {
  readonly app: FastifyInstance
  readonly config: HttpConfig
  readonly cursors: Cursors
  readonly limits: RateLimits
  readonly idempotency: Idempotency
  readonly health: Health
  readonly metrics: Metrics
  readonly checkAnswers: boolean
  /** Called once, by the module that knows sessions. */
  setAuthenticator(authenticator: Authenticator): void
  /** Asked once per request, however many ask. */
  viewerOf(request: FastifyRequest): Soon<Viewer | null>
  /** Takes one, or as many, from a budget; throws `rate.limited`. Undefined: nothing is counted. */
  spend(
    request: FastifyRequest,
    budget: Budget,
    viewer: Viewer | null,
    points?: number,
  ): Promise<void> | undefined
  addRoute(method: string, path: string, handler: RouteHandler): void
  /** Answers pages (GET outside /api) that no route knows: the web app. */
  setPages(handler: RouteHandler): void
  /** Until now /readyz says no. */
  setReady(): void
  /** Resolves with the port when requests are taken. */
  listen(): Promise<number>
  close(): Promise<void>
}

const patience: SocketPatience = {
  headersTimeout: 20_000,
  // Uploads go in pieces of some megabytes; on the slowest line one still ends within this.
  requestTimeout: 15 * 60_000,
  // Neither a byte sent nor one taken. Longer than the longest wait for a picture that is being made.
  timeout: 3 * 60_000,
}
const bodyLimit = 256 * 1024

export async function createHttp(options: HttpOptions): Promise<Http> {
  const { config, secrets, idempotency, clock = systemClock, checkAnswers = false } = options
  const metrics = options.metrics ?? createMetrics()
  const app = createApp(config, options.log)
  const listen = prepareListening(app, config, patience)
  const routes = createRouteTable()
  const limits = createRateLimits(config.rateLimits, options.createCounter)
  let pages: RouteHandler | null = null
  let isReady = false

  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.add(one, url)
  })
  // First, so that it ends the sockets of upgrades that the guards refuse.
  await app.register(websocket, {
    options: { maxPayload: 4096 },
    // Who took the sockets over closes them, with a reason.
    preClose(done) {
      app.websocketServer.close()
      done()
    },
  })
  observe(app, metrics)
  guard(app, config, options.log)
  shedLoad(app, { ...options.shedding, onShed: () => metrics.httpShed.inc() })
  if (config.rateLimits !== 'off') limitOpenRequests(app, options.openPerAddress)
  limitBodyTime(app, options.bodyTimeMs)
  answerProblems(app, {
    methodsAt: (url) => routes.methodsAt(url),
    pages: () => pages,
  })
  const health = addHealth(app, { config, metrics, clock, isReady: () => isReady })

  return {
    app,
    config,
    limits,
    idempotency,
    health,
    metrics,
    checkAnswers,
    cursors: createCursors(secrets.keys('cursors'), () => clock.now()),
    ...createViewers(app),
    spend: (request, budget, viewer, points) =>
      config.rateLimits === 'off'
        ? undefined
        : limits.spend(budget, { address: request.ip, accountId: viewer?.id ?? null }, points),
    addRoute: (method, path, handler) => void app.route({ method, url: path, handler }),
    setPages(handler) {
      pages = handler
    },
    setReady() {
      isReady = true
    },
    listen,
    async close() {
      isReady = false
      await app.close()
    },
  }
}

function createApp(config: HttpConfig, log: Log): FastifyInstance {
  const proxies = createNetworkList(config.trustedProxies)
  const app = fastify({
    // Fastify's own news (where it listens) is for debugging; what requests write keeps its level.
    loggerInstance: log.child({}, { level: log.isLevelEnabled('debug') ? log.level : 'warn' }),
    childLoggerFactory: (_logger, bindings, options) => log.child(bindings, options),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit,
    http: { headersTimeout: patience.headersTimeout },
    requestTimeout: patience.requestTimeout,
    connectionTimeout: patience.timeout,
    routerOptions: { maxParamLength: 500 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      setPlainHeaders(request, reply)
      sendProblem(request, reply, error)
    },
    genReqId: (raw) => {
      const given = raw.headers['x-request-id']
      if (typeof given !== 'string' || !/^[\w-]{8,64}$/.test(given)) return randomUUID()
      return proxies.includes(raw.socket.remoteAddress ?? '') ? given : randomUUID()
    },
  }) as unknown as FastifyInstance
  readJson(app)
  return app
}

/** JSON alone is understood; an empty body counts as none. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else
      parse(request, body as string, (error, value) =>
        done(error && fault('request.not_json', { cause: error }), value),
      )
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined: nobody has asked yet. */
    knownViewer: Soon<Viewer | null> | undefined
  }
}

function createViewers(app: FastifyInstance): Pick<Http, 'setAuthenticator' | 'viewerOf'> {
  let authenticate: Authenticator = () => null
  app.decorateRequest('knownViewer', undefined)
  return {
    setAuthenticator(authenticator) {
      authenticate = authenticator
    },
    viewerOf(request) {
      if (request.knownViewer === undefined) request.knownViewer = authenticate(request)
      return request.knownViewer
    },
  }
}
