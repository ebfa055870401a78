import { randomBytes } from 'node:crypto'
import type { HttpConfig } from '#config/config.ts'
import { createSecrets } from '#platform/secrets/secrets.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { fault } from './fault.ts'
import { createHttp, type Http, type HttpOptions } from './http.ts'
import type { Idempotency } from './idempotency.ts'
import type { SheddingOptions } from './shedding.ts'

export const testHttpConfig: HttpConfig = {
  port: 0,
  host: null,
  publicUrl: 'http://localhost:3000',
  allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
  trustedProxies: [],
  rateLimits: 'off',
  metricsToken: null,
}

const noIdempotency: Idempotency = {
  begin: async () => {
    throw fault('server.unavailable')
  },
  close() {},
}

/** A test is client and server in one process: on a loaded machine its own work makes the loop late. */
export const besideItsClient: SheddingOptions = { maxDelayMs: 60_000 }

/** The real server with no module on it. */
export function createTestHttp(
  config: Partial<HttpConfig> = {},
  options: Partial<HttpOptions> = {},
): Promise<Http> {
  return createHttp({
    config: { ...testHttpConfig, ...config },
    secrets: createSecrets(randomBytes(32)),
    log: createLog({ level: 'silent' }),
    idempotency: noIdempotency,
    checkAnswers: true,
    shedding: besideItsClient,
    ...options,
  })
}
