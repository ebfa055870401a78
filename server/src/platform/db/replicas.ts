import type { Kysely } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Schema } from '#schema'

export interface Replicas {
  /** Null: read from the main database. */
  readFor(accountId: Id | null): Kysely<Schema> | null
  noteWrite(accountId: Id): void
  close(): Promise<void>
}

export function createReplicas(_options: {
  urls: readonly string[]
  poolSize: number
  main: Kysely<Schema>
  log: Log
}): Replicas {
  return { readFor: () => null, noteWrite: () => undefined, close: async () => undefined }
}
