import { randomUUID } from 'node:crypto'
import { isHolderDead } from '#platform/db/holders.ts'
import type { StoredEvent } from '#platform/events/events.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { createFreshReads } from './fresh-reads.ts'
import { LEASE_MS, type ServingLease, type ServingLeases } from './serving-leases.ts'
import { within } from './within.ts'

/** How a wait ended: nobody else serves, everybody else knows, or the right of whoever does not has run out. */
export type BarrierEnd = 'alone' | 'known' | 'run_out'

export interface Barrier {
  /** Resolves when no other process decides from a memory that lacks these events. Never rejects. */
  pass(events: readonly StoredEvent[]): Promise<BarrierEnd>
  /** Whether a word is one's own. */
  isFrom(origin: string): boolean
  close(): void
}

interface Deps {
  leases: Pick<ServingLeases, 'list'>
  bus: Pick<Bus, 'publish' | 'subscribe'>
  /** Its own lease, which it does not wait for. */
  isOwn(holder: string): boolean
  log: Log
}

/** Clocks of two machines run apart by far less than this in the time of a lease. */
const MARGIN_MS = 20
const LOOK_AGAIN_MS = 100
/** What would make too large a word is left to the others' own looks. */
const PUBLISH_MAX = 500

export const takenChannel = 'sight.taken'
export const knownChannel = (origin: string) => `sight.known.${origin}`

/** Others run its handlers, and then say so on the channel of whom it is from. */
export interface TakenWord {
  from: string
  pass: number
  events: readonly StoredEvent[]
}

export interface KnownWord {
  by: string
  pass: number
}

interface Pass {
  acknowledged: Set<string>
  wake: () => void
}

/**
 * The side of whoever takes sight away, after the commit. Whatever fails, 2 s after the commit the wait is over: rights given
 * before the commit have run out by then, and none is given after it without having read these events.
 */
export function createBarrier({ leases, bus, isOwn, log }: Deps): Barrier {
  const passes = new Map<number, Pass>()
  const list = createFreshReads(() => leases.list())
  const watched = createWatch()
  let count = 0

  const origin = randomUUID()
  const stopListening = bus.subscribe(knownChannel(origin), (text) => {
    const { by, pass } = JSON.parse(text) as KnownWord
    const waiting = passes.get(pass)
    waiting?.acknowledged.add(by)
    waiting?.wake()
  })

  /** Undefined: the database did not answer in time. */
  async function others(untilMs: number): Promise<ServingLease[] | undefined> {
    try {
      const found = await within(list(), untilMs - performance.now())
      if (!found) return undefined
      watched.note(found)
      return found.filter((lease) => !isOwn(lease.holder) && !isHolderDead(lease.holder))
    } catch (error) {
      log.warn(
        { err: error },
        'Who else serves could not be read; waiting until no right of before can be left',
      )
      return undefined
    }
  }

  return {
    async pass(events) {
      const deadline = performance.now() + LEASE_MS + MARGIN_MS
      const number = ++count
      const pass: Pass = { acknowledged: new Set(), wake: () => undefined }
      passes.set(number, pass)
      try {
        if (events.length <= PUBLISH_MAX)
          bus.publish(
            takenChannel,
            JSON.stringify({ from: origin, pass: number, events } satisfies TakenWord),
          )
        const first = await others(deadline)
        const serving = first?.filter((lease) => !watched.hasRunOut(lease))
        if (serving?.length === 0) return 'alone'
        /** By the renewal that stood when the events were visible already: whatever is renewed later has read them. */
        let open = serving && new Map(serving.map((lease) => [lease.holder, lease.renewal]))
        for (;;) {
          for (const by of pass.acknowledged) open?.delete(by)
          if (open?.size === 0) return 'known'
          const left = deadline - performance.now()
          if (left <= 0) return 'run_out'
          const woken = new Promise<true>((resolve) => {
            pass.wake = () => resolve(true)
          })
          const isWoken = await within(woken, open ? Math.min(left, LOOK_AGAIN_MS) : left)
          if (open && !isWoken) open = stillOpen(open, await others(deadline))
        }
      } finally {
        passes.delete(number)
      }
    },
    isFrom: (from) => from === origin,
    close: stopListening,
  }
}

/** Who has neither gone nor handled a look that began after the first reading of the leases. */
function stillOpen(open: Map<string, number>, now: readonly ServingLease[] | undefined): Map<string, number> {
  if (!now) return open
  const handledBy = new Map(now.map((lease) => [lease.holder, lease.handled]))
  return new Map(
    [...open].filter(([by, renewal]) => (handledBy.get(by) ?? Number.POSITIVE_INFINITY) <= renewal),
  )
}

/**
 * A lease seen unchanged for 2 s gives no right any more, whatever the database's clock says: its row stays for a minute
 * when a process of another machine was killed, and only the first answer shall wait for it.
 */
function createWatch() {
  const seen = new Map<string, { renewal: number; since: number }>()
  return {
    note(leases: readonly ServingLease[]) {
      const now = performance.now()
      const present = new Set(leases.map(({ holder }) => holder))
      for (const holder of seen.keys()) if (!present.has(holder)) seen.delete(holder)
      for (const { holder, renewal } of leases)
        if (seen.get(holder)?.renewal !== renewal) seen.set(holder, { renewal, since: now })
    },
    hasRunOut({ holder, renewal }: ServingLease): boolean {
      const found = seen.get(holder)
      return found?.renewal === renewal && performance.now() - found.since > LEASE_MS + MARGIN_MS
    },
  }
}
