import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@heliograph/client'
import { loadConfig } from '#config/config.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { besideItsClient } from '#platform/http/test-http.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { type App, createApp } from '../../src/app.ts'
import { createTestDatabase } from './database.ts'

export interface TestApp extends App {
  /** Signed out. */
  client: Client
  url: string
  dataFolder: string
  /** Everything committed has reached its listeners and every due job has run. */
  settle(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestAppOptions {
  clock?: Clock
  /** Settings by environment, over the usual ones; with DATABASE_URL the database is the test's business. */
  env?: Record<string, string>
}

/**
 * The real app on a database and a data folder of its own, listening on a free port. Jobs run only when a
 * test settles, so that what is between two steps can be looked at.
 */
export async function createTestApp({ clock, env = {} }: TestAppOptions = {}): Promise<TestApp> {
  const database = env.DATABASE_URL
    ? { url: env.DATABASE_URL, drop: async () => undefined }
    : await createTestDatabase()
  const dataFolder = await mkdtemp(join(tmpdir(), 'heliograph-test-'))
  const config = loadConfig({
    DATABASE_URL: database.url,
    HELIOGRAPH_DATA: dataFolder,
    PORT: '0',
    LOG_LEVEL: 'fatal',
    DISK_RESERVE_MB: '0',
    ...env,
  })
  const app = await createApp({
    config,
    log: createLog(config.log),
    checkAnswers: true,
    shedding: besideItsClient,
    ...(clock && { clock }),
  })
  await app.events.startLive()
  await app.coherence.start()
  const port = await app.http.listen()
  app.http.setReady()
  const url = `http://localhost:${port}`
  return {
    ...app,
    client: createClient(url),
    url,
    dataFolder,
    async settle() {
      await app.events.settle()
      await app.jobs.drain()
      await app.events.settle()
    },
    async [Symbol.asyncDispose]() {
      await app.stop()
      await database.drop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
