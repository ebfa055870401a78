import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { isFault } from '#platform/http/fault.ts'
import { EPOCH, type Id, MIN_ID, maxIdAt, minIdAt, timeOf } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { countBySecond } from './event-counts.ts'
import type { StoredEvent } from './event-types.ts'
import { createSeen } from './seen.ts'

/**
 * Ids are drawn before their transaction commits, so a later id can be visible before an earlier one. A reader looks
 * again at everything since a minute before its last look; transactions end after 30 s, and clocks may differ.
 */
export const LOOK_BACK_MS = 60_000
const POLL_MS = 1000
const PAGE = 1000
/** More that wait to be delivered are not held here but read back with the next sweep. */
const PENDING_MAX = 10_000

export interface Reader {
  start(): Promise<void>
  /** An event that this process has just committed: no need to read it back. */
  offer(event: StoredEvent): void
  /** Delivers these now, those that nobody has delivered yet: before it returns, not when it resolves. */
  take(events: readonly StoredEvent[]): Promise<void>
  /** Delivers all that is visible and was not delivered yet. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

export interface ReaderOptions {
  database: Database
  clock: Clock
  log: Log
  name: string
  /** Rejects when the events were not taken; they come again. */
  deliver(events: readonly StoredEvent[]): Promise<void>
  /** Where reading begins; default: here and now, with the look back. */
  position?: () => Promise<Id>
  /**
   * Milliseconds to wait after such events were delivered, so that what comes meanwhile is delivered together; default: none.
   * The first after a quiet while goes at once, and a sweep waits for nothing.
   */
  restAfter?: (events: readonly StoredEvent[]) => number
  /** Told after each sweep: everything up to this id that will ever be visible within the look back is delivered. */
  reached?: (position: Id) => Promise<void>
}

export function createReader(options: ReaderOptions): Reader {
  const { clock, log, name, deliver } = options
  const seen = createSeen()
  let pending: StoredEvent[] = []
  let pumping: Promise<void> | undefined
  /** What is being delivered of `pending`. */
  let inHand: Promise<void> | undefined
  let sweeping: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let endRest: (() => void) | undefined
  let stopped = false
  /** When the last complete sweep began; null before the first. */
  let lastSweep: number | null = null

  /** Marks first, so that nobody else delivers the same meanwhile; a failed delivery takes the marks back. */
  const hand = async (events: readonly StoredEvent[]) => {
    const fresh = events.filter(({ id }) => !seen.has(id))
    if (fresh.length === 0) return
    for (const { id } of fresh) seen.add(id)
    try {
      await deliver(fresh)
    } catch (error) {
      for (const { id } of fresh) seen.remove(id)
      throw error
    }
  }

  const pump = async () => {
    while (pending.length > 0) {
      const batch = pending
      pending = []
      inHand = hand(batch).catch((error) => report(error))
      await inHand
      inHand = undefined
      const restMs = options.restAfter?.(batch) ?? 0
      if (restMs > 0 && !stopped) await rest(restMs)
    }
    pumping = undefined
  }

  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      endRest = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const report = (error: unknown) => {
    const level = isFault(error, 'server.unavailable') ? 'debug' : 'error'
    log[level]({ err: error, reader: name }, 'Events could not be read or handed on; trying again')
  }

  const catchUp = async () => {
    const position = (await options.position?.()) ?? minIdAt(clock.now())
    let last = lookBack(timeOf(position))
    for (;;) {
      const rows = await readPage(options.database, last, null)
      await hand(rows)
      const end = rows.at(-1)
      if (!end || rows.length < PAGE) return
      last = end.id
      seen.forgetBefore(timeOf(lookBack(timeOf(last))))
    }
  }

  const sweepOnce = async () => {
    const began = clock.now()
    if (lastSweep === null) await catchUp()
    else await readGaps(options.database, lookBack(Math.min(lastSweep, began)), seen, hand)
    // What is marked is delivered only now; waiting for all that is pending would have no end under load.
    await inHand
    lastSweep = began
    seen.forgetBefore(timeOf(lookBack(began)))
    await options.reached?.(minIdAt(began))
  }

  /** Who asks while one runs gets the next: theirs may have missed what was committed just now. */
  const sweep = async () => {
    await sweeping?.catch(() => undefined)
    if (!sweeping) {
      const mine = sweepOnce().finally(() => {
        if (sweeping === mine) sweeping = undefined
      })
      sweeping = mine
    }
    await sweeping
  }

  /** All readers of a process at the same moment: they share a query then. */
  const schedule = () => {
    timer = setTimeout(
      async () => {
        await sweep().catch(report)
        if (!stopped) schedule()
      },
      POLL_MS - (performance.now() % POLL_MS),
    )
    timer.unref()
  }

  return {
    sweep,
    take: hand,
    offer(event) {
      if (stopped || pending.length >= PENDING_MAX) return
      pending.push(event)
      pumping ??= Promise.resolve().then(pump)
    },
    async start() {
      await sweep().catch(report)
      if (!stopped) schedule()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await sweeping?.catch(() => undefined)
      endRest?.()
      await pumping
    },
  }
}

/** From the beginning of a second, since delivered ids are counted by the second. */
export function lookBack(ms: number): Id {
  return minIdAt(Math.floor((ms - LOOK_BACK_MS) / 1000) * 1000)
}

/**
 * Counts by the second what is visible, and reads only seconds where that differs from what was delivered: a look over
 * a whole minute costs one index scan and a few rows.
 */
async function readGaps(
  database: Database,
  from: Id,
  seen: ReturnType<typeof createSeen>,
  hand: (events: readonly StoredEvent[]) => Promise<void>,
): Promise<void> {
  for (const { start, count } of await countBySecond(database, from)) {
    if (count === seen.countIn(start / 1000)) continue
    const end = maxIdAt(start + 999)
    let last: Id | undefined = previousOf(start)
    while (last) {
      const rows: StoredEvent[] = await readPage(database, last, end)
      await hand(rows)
      last = rows.length === PAGE ? rows.at(-1)?.id : undefined
    }
  }
}

function previousOf(ms: number): Id {
  return ms > EPOCH ? maxIdAt(ms - 1) : MIN_ID
}

export async function readPage(database: Database, after: Id, until: Id | null): Promise<StoredEvent[]> {
  let query = database.main
    .selectFrom('events')
    .select(['id', 'bucket', 'kind', 'subject_id as subjectId', 'data'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(PAGE)
  if (until !== null) query = query.where('id', '<=', until)
  return (await query.execute()) as StoredEvent[]
}
