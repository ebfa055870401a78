import type { Kysely, Transaction } from 'kysely'
import type pg from 'pg'
import { FaultError, fault } from '#platform/http/fault.ts'
import type { Schema } from '#schema'
import { endTransaction, STALE_MAX } from './driver.ts'
import { isConflict, isStalePlan } from './errors.ts'

/**
 * No transaction lives longer: readers of events look back 60 s, and what became visible later than that would be
 * lost to them.
 */
export const TRANSACTION_CAP_MS = 30_000
const ATTEMPTS = 4

type Tx = Transaction<Schema>
type Work<T> = (tx: Tx) => Promise<T>

/** What it promises is waited for before whoever asked for the transaction is told that it is done. */
export type AfterCommit = () => unknown

const callbacks = new WeakMap<Tx, AfterCommit[]>()

/**
 * Runs once the transaction is durable, never when it is rolled back. What goes wrong in it is reported and nothing more:
 * what is saved must not look as if it had failed.
 */
export function afterCommit(tx: Tx, callback: AfterCommit): void {
  const waiting = callbacks.get(tx)
  if (waiting) waiting.push(callback)
  else callbacks.set(tx, [callback])
}

interface Engine {
  main: Kysely<Schema>
  pool: pg.Pool
  capMs: number
  /** Told what went wrong after a commit. */
  onError: (error: unknown) => void
}

export async function runTransaction<T>(engine: Engine, work: Work<T>): Promise<T> {
  const { result, committed } = await runUntilCommitted(engine, work)
  await Promise.all(committed.map((callback) => runCommitted(callback, engine.onError)))
  return result
}

async function runCommitted(callback: AfterCommit, onError: Engine['onError']): Promise<void> {
  try {
    await callback()
  } catch (error) {
    onError(error)
  }
}

interface Committed<T> {
  result: T
  committed: AfterCommit[]
}

async function runUntilCommitted<T>(engine: Engine, work: Work<T>): Promise<Committed<T>> {
  let stale = 0
  for (let attempt = 1; ; ) {
    try {
      return await runOnce(engine, work)
    } catch (error) {
      const cause = error instanceof FaultError ? error.cause : error
      if (isStalePlan(cause) && ++stale <= STALE_MAX) continue
      if (!isConflict(cause) || attempt === ATTEMPTS) throw error
      await pause(2 ** attempt++ * 5 * (0.5 + Math.random()))
    }
  }
}

async function runOnce<T>({ main, pool, capMs }: Engine, work: Work<T>): Promise<Committed<T>> {
  let committed: AfterCommit[] = []
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
      committed = callbacks.get(tx) ?? []
    }
  })
  return { result, committed }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
