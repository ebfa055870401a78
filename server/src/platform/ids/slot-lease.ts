import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Clock } from '#platform/clock/clock.ts'
import type { Db } from '#platform/db/db.ts'
import { createHolder, endHolder, isHolderDead } from '#platform/db/holders.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { SLOTS } from './ids.ts'

/**
 * A slot belongs to one process at a time. The row says until when, by the database's clock, and up to which time, by
 * the process's own clock, it may have drawn ids: who takes the slot over begins after that.
 */
export interface SlotLease {
  readonly slot: number
  /** Ids begin after this time. */
  readonly floor: number
  /** No id may be later than this; 0 when the lease has run out. */
  end(): number
  /** Gives the slot back, with the time of the last id drawn. */
  close(last: () => number): Promise<void>
}

export interface LeaseOptions {
  db: Db
  clock: Clock
  log: Log
}

const LEASE_MS = 30_000
const RENEW_MS = 5000
/** Between the end as this process sees it and as the database does: a statement may have been on its way. */
const MARGIN_MS = 5000
const WAIT_MS = 60_000

const leaseUntil = sql<Date>`now() + interval ${sql.lit(`${LEASE_MS} milliseconds`)}`

export async function leaseSlot(options: LeaseOptions): Promise<SlotLease> {
  const { db, clock, log } = options
  const holder = createHolder()
  let current = await takeSlot(options, holder)
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** The mark is raised in the database before an id may go up to it. */
  const renew = async () => {
    const asked = performance.now()
    const highWater = Math.max(current.highWater, Math.floor(clock.now()) + LEASE_MS)
    const row = await db
      .updateTable('process_slots')
      .set({ lease_until: leaseUntil, high_water: new Date(highWater) })
      .where('bucket', '=', 0)
      .where('slot', '=', current.slot)
      .where('holder', '=', holder)
      .returning('slot')
      .executeTakeFirst()
    if (row) {
      current = { ...current, validUntil: asked + LEASE_MS - MARGIN_MS, highWater }
      return
    }
    // This process slept so long that another one took the slot.
    current = { ...current, validUntil: 0 }
    current = await takeSlot(options, holder)
  }

  const schedule = () => {
    timer = setTimeout(() => {
      renew()
        .catch((error) =>
          log.warn({ err: error, slot: current.slot }, 'The lease of the id slot could not be renewed'),
        )
        .then(() => {
          if (!closed) schedule()
        })
    }, RENEW_MS)
    timer.unref()
  }
  schedule()
  const unlisten = clock.onMove?.(renew)

  return {
    get slot() {
      return current.slot
    },
    get floor() {
      return current.floor
    },
    end: () => (performance.now() < current.validUntil ? current.highWater : 0),
    async close(last) {
      if (closed) return
      closed = true
      clearTimeout(timer)
      endHolder(holder)
      unlisten?.()
      current = { ...current, validUntil: 0 }
      await db
        .updateTable('process_slots')
        .set({ lease_until: sql<Date>`now()`, high_water: new Date(last()) })
        .where('bucket', '=', 0)
        .where('slot', '=', current.slot)
        .where('holder', '=', holder)
        .execute()
        .catch((error) => log.debug({ err: error }, 'The id slot was not given back; its lease will run out'))
    },
  }
}

interface TakenSlot {
  slot: number
  floor: number
  validUntil: number
  highWater: number
}

async function takeSlot({ db, clock, log }: LeaseOptions, holder: string): Promise<TakenSlot> {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const candidate = await findSlot(db)
    if (candidate && candidate.highWater < clock.now()) {
      const taken = await tryTake(db, clock, holder, candidate)
      if (taken) return taken
      continue
    }
    if (performance.now() > deadline) {
      throw new Error(
        candidate
          ? `Ids were drawn with a clock that was ahead of this one, up to ${new Date(candidate.highWater).toISOString()}. Set the clocks of all machines right and start again.`
          : `All ${SLOTS} id slots are held by other processes. Stop some of them, or wait a minute for the leases of dead ones to run out, and start again.`,
      )
    }
    log.debug('Waiting for a free id slot')
    await sleep(200)
  }
}

interface Candidate {
  slot: number
  highWater: number
  /** Null: nobody has had this slot yet. */
  holder: string | null
}

/** The free slot that has rested longest, so that nobody waits for a mark that lies ahead. */
async function findSlot(db: Db): Promise<Candidate | null> {
  const rows = await db
    .selectFrom('process_slots')
    .select(['slot', 'holder', 'high_water', sql<boolean>`lease_until < now()`.as('expired')])
    .where('bucket', '=', 0)
    .execute()
  const used = new Set(rows.map(({ slot }) => slot))
  const free = rows
    .filter((row) => row.expired || isHolderDead(row.holder))
    .map((row): Candidate => ({ slot: row.slot, highWater: row.high_water.getTime(), holder: row.holder }))
  const unused = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => !used.has(slot))
  const fresh = unused[Math.floor(Math.random() * Math.min(unused.length, 8))]
  if (fresh !== undefined) free.push({ slot: fresh, highWater: 0, holder: null })
  free.sort((a, b) => a.highWater - b.highWater)
  return free[0] ?? null
}

async function tryTake(
  db: Db,
  clock: Clock,
  holder: string,
  candidate: Candidate,
): Promise<TakenSlot | null> {
  const { slot } = candidate
  const asked = performance.now()
  const highWater = Math.floor(clock.now()) + LEASE_MS
  const values = { holder, lease_until: leaseUntil, high_water: new Date(highWater) }
  const row =
    candidate.holder === null
      ? await db
          .insertInto('process_slots')
          .values({ bucket: 0, slot, ...values })
          .onConflict((conflict) => conflict.columns(['bucket', 'slot']).doNothing())
          .returning('slot')
          .executeTakeFirst()
      : await db
          .updateTable('process_slots')
          .set(values)
          .where('bucket', '=', 0)
          .where('slot', '=', slot)
          .where('holder', '=', candidate.holder)
          .where('high_water', '=', new Date(candidate.highWater))
          .returning('slot')
          .executeTakeFirst()
  if (!row) return null
  return { slot, floor: candidate.highWater, validUntil: asked + LEASE_MS - MARGIN_MS, highWater }
}
