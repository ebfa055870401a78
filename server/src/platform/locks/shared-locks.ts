import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { createHolder, isHolderDead } from '#platform/db/holders.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createLocalLocks, type LockKey, type Locks, LockTimeoutError, type Release } from './locks.ts'

/**
 * Among all processes: a row with a lease, in the home of what it is about. The bus only makes handing over quick; the
 * database's clock is the only judge of a lease. A holder that was killed on this machine holds nothing any more.
 */
export function createSharedLocks({ database, bus, log }: { database: Database; bus: Bus; log: Log }): Locks {
  const own = createLocalLocks()
  const us = createHolder()
  /** What this process holds. */
  const held = new Map<string, () => void>()
  const waiting = new Map<string, () => void>()
  bus.subscribe(askedChannel, (name) => held.get(name)?.())
  bus.subscribe(freeChannel, (name) => waiting.get(name)?.())

  return {
    async take(key, options) {
      const deadline = performance.now() + options.patienceMs
      const leave = await own.take(key, options)
      const name = nameOf(key)
      const holder = `${us} ${randomUUID()}`
      try {
        while (!(await tryTake(database, key, holder))) {
          if (options.signal?.aborted || performance.now() >= deadline)
            throw new LockTimeoutError(`${key.use} of ${key.id} is held by another process`)
          if (bus.isUp) bus.publish(askedChannel, name)
          else await ask(database, key)
          await untilFree(waiting, name, options.signal)
        }
      } catch (error) {
        await leave()
        throw error
      }
      held.set(name, options.onAsked)
      const stopRenewing = keepLease(database, key, holder, options.onAsked, (error) =>
        log.warn({ err: error, id: key.id, use: key.use }, 'The lease of a lock could not be renewed'),
      )
      return once(async () => {
        stopRenewing()
        held.delete(name)
        await giveBack(database, key, holder).catch((error: unknown) =>
          log.debug({ err: error, id: key.id }, 'A lock was not given back; its lease will run out'),
        )
        bus.publish(freeChannel, name)
        await leave()
      })
    },
  }
}

const askedChannel = 'locks.asked'
const freeChannel = 'locks.free'
const lease = sql.lit('10 seconds')
const renewMs = 2000
/** A word that was lost costs so much. */
const lookAgainMs = 250

function nameOf({ id, use }: LockKey): string {
  return `${id} ${use}`
}

const leaseUntil = sql<Date>`now() + interval ${lease}`

async function tryTake(database: Database, key: LockKey, holder: string): Promise<boolean> {
  const inserted = await database.main
    .insertInto('locks')
    .values({ bucket: bucketOf(key.id), ...key, holder, lease_until: leaseUntil, asked: false })
    .onConflict((conflict) => conflict.columns(['bucket', 'id', 'use']).doNothing())
    .executeTakeFirst()
  if (Number(inserted.numInsertedOrUpdatedRows) === 1) return true
  const row = await database.main
    .selectFrom('locks')
    .select('holder')
    .where('bucket', '=', bucketOf(key.id))
    .where('id', '=', key.id)
    .where('use', '=', key.use)
    .executeTakeFirst()
  if (!row) return await tryTake(database, key, holder)
  const taken = await rowOf(database, key, row.holder)
    .set({ holder, lease_until: leaseUntil, asked: false })
    .where((where) =>
      where.or([
        where.val(isHolderDead(row.holder.split(' ')[0]!)),
        where('lease_until', '<', sql<Date>`now()`),
      ]),
    )
    .executeTakeFirst()
  return Number(taken.numUpdatedRows) === 1
}

function rowOf(database: Database, { id, use }: LockKey, holder: string) {
  return database.main
    .updateTable('locks')
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('use', '=', use)
    .where('holder', '=', holder)
}

async function ask(database: Database, { id, use }: LockKey): Promise<void> {
  await database.main
    .updateTable('locks')
    .set({ asked: true })
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('use', '=', use)
    .execute()
}

/** Returns how to stop. */
function keepLease(
  database: Database,
  key: LockKey,
  holder: string,
  onAsked: () => void,
  onError: (error: unknown) => void,
): () => void {
  const renew = async () => {
    const row = await rowOf(database, key, holder)
      .set({ lease_until: leaseUntil })
      .returning('asked')
      .executeTakeFirst()
    // Held by another now, or wanted by one: what is under way has to end.
    if (row === undefined || row.asked) onAsked()
  }
  const timer = setInterval(() => void renew().catch(onError), renewMs)
  timer.unref()
  return () => clearInterval(timer)
}

async function giveBack(database: Database, { id, use }: LockKey, holder: string): Promise<void> {
  await database.main
    .deleteFrom('locks')
    .where('bucket', '=', bucketOf(id))
    .where('id', '=', id)
    .where('use', '=', use)
    .where('holder', '=', holder)
    .execute()
}

/** Until a word says that it is free, or long enough to look again. */
async function untilFree(
  waiting: Map<string, () => void>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const woken = new AbortController()
  const wake = () => woken.abort()
  waiting.set(name, wake)
  signal?.addEventListener('abort', wake)
  await sleep(lookAgainMs, undefined, { signal: woken.signal }).catch(() => undefined)
  signal?.removeEventListener('abort', wake)
  if (waiting.get(name) === wake) waiting.delete(name)
}

function once(work: () => Promise<void>): Release {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}
