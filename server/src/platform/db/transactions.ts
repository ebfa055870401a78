import type { Kysely, Transaction } from 'kysely'
import type pg from 'pg'
import { FaultError, fault } from '#platform/http/fault.ts'
import type { Schema } from '#schema'
import { endTransaction } from './driver.ts'
import { isConflict } from './errors.ts'

/**
 * No transaction lives longer: readers of events look back 60 s, and what became visible later than that would be
 * lost to them.
 */
export const TRANSACTION_CAP_MS = 30_000
const ATTEMPTS = 4

type Tx = Transaction<Schema>
type Work<T> = (tx: Tx) => Promise<T>

const callbacks = new WeakMap<Tx, (() => void)[]>()

/** Runs once the transaction is durable, never when it is rolled back. */
export function afterCommit(tx: Tx, callback: () => void): void {
  const waiting = callbacks.get(tx)
  if (waiting) waiting.push(callback)
  else callbacks.set(tx, [callback])
}

interface Engine {
  main: Kysely<Schema>
  pool: pg.Pool
  capMs: number
}

export async function runTransaction<T>(engine: Engine, work: Work<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(engine, work)
    } catch (error) {
      const cause = error instanceof FaultError ? error.cause : error
      if (!isConflict(cause) || attempt === ATTEMPTS) throw error
      await pause(2 ** attempt * 5 * (0.5 + Math.random()))
    }
  }
}

async function runOnce<T>({ main, pool, capMs }: Engine, work: Work<T>): Promise<T> {
  let done: (() => void)[] = []
  const result = await main.transaction().execute(async (tx) => {
    const connection = await tx.getExecutor().provideConnection(async (own) => own)
    const tooLong = () => {
      const cause = new Error(`A transaction took longer than ${capMs} ms and was ended`)
      endTransaction(connection, fault('server.overloaded', { cause }), pool)
    }
    const timer = setTimeout(tooLong, capMs)
    try {
      return await work(tx)
    } finally {
      clearTimeout(timer)
      done = callbacks.get(tx) ?? []
    }
  })
  for (const callback of done) callback()
  return result
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
