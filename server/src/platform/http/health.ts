import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { HttpConfig } from '#config/config.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { isLoopbackAddress } from './addresses.ts'
import { fault } from './fault.ts'

/** Resolves when the dependency can be used; facts are shown to the operator. */
export type HealthCheck = () => Promise<Readonly<Record<string, string | number | boolean>> | undefined>

export interface Health {
  register(name: string, check: HealthCheck): void
}

interface Finding {
  ok: boolean
  [fact: string]: string | number | boolean
}

const patienceMs = 3000
/** However many ask, the dependencies are asked once in this time. */
const freshMs = 1000

export interface HealthOptions {
  config: HttpConfig
  metrics: Metrics
  clock: Clock
  isReady(): boolean
}

export function addHealth(app: FastifyInstance, options: HealthOptions): Health {
  const { config, metrics, clock, isReady } = options
  const checks = new Map<string, HealthCheck>()
  let latest: { at: number; findings: Promise<[string, Finding][]> } | undefined

  function findings(request: FastifyRequest): Promise<[string, Finding][]> {
    const now = clock.now()
    // A clock that was set back does not keep an old finding alive.
    if (latest === undefined || Math.abs(now - latest.at) >= freshMs)
      latest = { at: now, findings: examineAll(checks, request) }
    return latest.findings
  }

  app.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }))

  app.get('/readyz', async (request, reply) => {
    const found = await findings(request)
    const ok = isReady() && found.every(([, finding]) => finding.ok)
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ok, checks: Object.fromEntries(found) })
  })

  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, config.metricsToken)) throw fault('auth.forbidden')
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.registry.contentType)
      .send(await metrics.registry.metrics())
  })

  return { register: (name, check) => void checks.set(name, check) }
}

function examineAll(
  checks: ReadonlyMap<string, HealthCheck>,
  request: FastifyRequest,
): Promise<[string, Finding][]> {
  return Promise.all(
    [...checks].map(
      async ([name, check]): Promise<[string, Finding]> => [name, await examine(name, check, request)],
    ),
  )
}

/** What is wrong stands in the log; who asks from outside learns only which part it is. */
async function examine(name: string, check: HealthCheck, request: FastifyRequest): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs)
  })
  try {
    return { ...(await Promise.race([check(), tooLong])), ok: true }
  } catch (error) {
    request.log.warn({ err: error, check: name }, 'a dependency is away')
    return { ok: false }
  } finally {
    clearTimeout(timer)
  }
}

function mayReadMetrics(request: FastifyRequest, token: string | null): boolean {
  if (token !== null) return bearerIs(request, token)
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers.forwarded
  return forwarded === undefined && isLoopbackAddress(request.raw.socket.remoteAddress ?? '')
}

function bearerIs(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
