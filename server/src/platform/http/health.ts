import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { HttpConfig } from '#config/config.ts'
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

export function addHealth(
  app: FastifyInstance,
  config: HttpConfig,
  metrics: Metrics,
  isReady: () => boolean,
): Health {
  const checks = new Map<string, HealthCheck>()

  app.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }))

  app.get('/readyz', async (request, reply) => {
    const findings = await Promise.all(
      [...checks].map(async ([name, check]) => [name, await examine(name, check, request)] as const),
    )
    const ok = isReady() && findings.every(([, finding]) => finding.ok)
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ok, checks: Object.fromEntries(findings) })
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
