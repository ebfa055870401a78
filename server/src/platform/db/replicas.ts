import { Kysely, sql } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Schema } from '#schema'
import { createDialect, createDriver } from './driver.ts'
import { createSharedClients } from './shared-clients.ts'

export interface Replicas {
  /** Null: read from the main database. */
  readFor(accountId: Id | null): Kysely<Schema> | null
  noteWrite(accountId: Id): void
  close(): Promise<void>
}

export interface ReplicasOptions {
  urls: readonly string[]
  poolSize: number
  main: Kysely<Schema>
  log: Log
}

/** A replica further behind is not read from. */
const MAX_LAG_MS = 2000
/** Longer than the lag bound: whoever wrote reads from the main database until every replica in use has it. */
export const STICKY_MS = MAX_LAG_MS + 3000
const LOOK_MS = 500

export function createReplicas({ urls, poolSize, main, log }: ReplicasOptions): Replicas {
  const replicas = urls.map((url, index) => createReplica(url, `replica ${index + 1}`, poolSize, log))
  const writers = createWriters()
  const history = createPositions()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  const look = async () => {
    const asked = performance.now()
    history.add(asked, await readMainPosition(main))
    await Promise.all(replicas.map((replica) => replica.look(history)))
  }

  const schedule = () => {
    timer = setTimeout(() => {
      looking = look()
        .catch((error) => log.debug({ err: error }, 'The replicas could not be looked at'))
        .then(() => {
          if (timer) schedule()
        })
    }, LOOK_MS)
    timer.unref()
  }
  if (replicas.length > 0) schedule()
  let turn = 0

  return {
    readFor(accountId) {
      if (replicas.length === 0 || (accountId !== null && writers.wroteLately(accountId))) return null
      const usable = replicas.filter((replica) => replica.isFresh())
      return usable[turn++ % usable.length]?.db ?? null
    },
    noteWrite(accountId) {
      if (replicas.length > 0) writers.note(accountId)
    },
    async close() {
      clearTimeout(timer)
      timer = undefined
      await looking
      await Promise.all(replicas.map(({ db }) => db.destroy()))
    },
  }
}

async function readMainPosition(main: Kysely<Schema>): Promise<string> {
  const { rows } = await sql<{ position: string }>`select pg_current_wal_lsn()::text as position`.execute(
    main,
  )
  return rows[0]?.position ?? '0/0'
}

export interface Positions {
  add(at: number, position: string): void
  /** When the main database stood at the newest position that a replica at `position` has replayed. */
  reachedAt(position: string): number | null
}

/** Where the main database stood when: how a replica's position becomes a lag in time, whatever the clocks say. */
export function createPositions(): Positions {
  let looks: { at: number; position: bigint }[] = []
  return {
    add(at, position) {
      looks = [
        ...looks.filter((look) => at - look.at < 10 * MAX_LAG_MS),
        { at, position: toNumber(position) },
      ]
    },
    reachedAt(position) {
      const replayed = toNumber(position)
      return looks.findLast((look) => look.position <= replayed)?.at ?? null
    },
  }
}

/** PostgreSQL writes a position as two hexadecimal halves. */
function toNumber(position: string): bigint {
  const [high = '0', low = '0'] = position.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

function createReplica(url: string, name: string, poolSize: number, log: Log) {
  const onError = (error: Error) => log.warn({ err: error, replica: name }, 'A connection to a replica broke')
  const shared = createSharedClients({ url, max: poolSize, name: 'heliograph-reads', onError })
  const db = new Kysely<Schema>({ dialect: createDialect(() => createDriver({ shared })) })
  let caughtUpAt = Number.NEGATIVE_INFINITY
  let wasFresh = true

  const report = () => {
    const isFresh = performance.now() - caughtUpAt < MAX_LAG_MS
    if (isFresh !== wasFresh)
      log.info({ replica: name }, isFresh ? 'A replica is used for reads' : 'A replica is behind and rests')
    wasFresh = isFresh
  }

  return {
    db,
    isFresh: () => performance.now() - caughtUpAt < MAX_LAG_MS,
    async look(history: Positions) {
      try {
        const { rows } = await sql<{
          position: string | null
        }>`select pg_last_wal_replay_lsn()::text as position`.execute(db)
        const position = rows[0]?.position
        if (position == null) throw new Error('It is no standby: it replays nothing')
        caughtUpAt = history.reachedAt(position) ?? caughtUpAt
      } catch (error) {
        log.debug({ err: error, replica: name }, 'A replica could not be asked how far it is')
      }
      report()
    },
  }
}

/** Who wrote in the last seconds; forgets by generations, so that a note costs one entry in a set. */
function createWriters(now: () => number = () => performance.now()) {
  let recent = new Set<Id>()
  let older = new Set<Id>()
  let turnedAt = now()
  const turn = () => {
    const age = now() - turnedAt
    if (age < STICKY_MS) return
    older = age < 2 * STICKY_MS ? recent : new Set()
    recent = new Set()
    turnedAt = now()
  }
  return {
    note(accountId: Id) {
      turn()
      recent.add(accountId)
    },
    wroteLately(accountId: Id) {
      turn()
      return recent.has(accountId) || older.has(accountId)
    },
  }
}
