import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { createHolder, endHolder } from '#platform/db/holders.ts'
import type { EventSystem, StoredEvent } from '#platform/events/events.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { createBarrier, type KnownWord, knownChannel, type TakenWord, takenChannel } from './barrier.ts'
import { watchCoherence } from './coherence-metrics.ts'
import { createKept, type Kept, type KeptFigures, type KeptOptions } from './kept.ts'
import { createRight } from './right.ts'
import { createServingLeases, LEASE_MS } from './serving-leases.ts'
import { createTakenEvents } from './taken-events.ts'
import { within } from './within.ts'

export type { Kept, KeptOptions } from './kept.ts'

/**
 * Lets a process decide from memory who may see what, though others take sight away: docs/adr/0017-coherence.md has the
 * protocol and why it holds. PostgreSQL alone makes it true; the bus makes it quick.
 */
export interface Coherence {
  /**
   * This process has heard of everything that took sight away and was answered. Ask at the moment of deciding; when false,
   * ask the database.
   */
  isCurrent(): boolean
  createKept<K extends string, V extends object>(options: KeptOptions<K, V>): Kept<K, V>
  /** For memory that is no `Kept`: told to forget everything, as when a handler of events has failed. */
  onDoubt(listener: () => void): void
  /** Nothing is kept any more; it is read anew when it is asked for. */
  forget(): void
  /** Begins to decide from memory; call when all handlers of events are registered. Never waits for a database that is away. */
  start(): Promise<void>
  /** From here on the database decides; it can start anew. */
  stop(): Promise<void>
  close(): Promise<void>
}

export interface CoherenceOptions {
  database: Database
  events: Pick<EventSystem, 'takenSight'>
  bus: Pick<Bus, 'publish' | 'subscribe'>
  clock: Clock
  metrics: Metrics
  log: Log
}

const BEAT_MS = 400
/** After something was found: whoever waits for it shall read soon that it is handled. */
const SHORT_BEAT_MS = 50

export function createCoherence({ database, events, bus, clock, metrics, log }: CoherenceOptions): Coherence {
  const { takenSight } = events
  const leases = createServingLeases(database)
  const right = createRight(LEASE_MS)
  const taken = createTakenEvents(database, clock)
  const barrier = createBarrier({ leases, bus, isOwn: (one) => one === holder, log })
  const all: (Kept<never, never> & { figures(): KeptFigures })[] = []
  const doubters: (() => void)[] = []
  const figures = watchCoherence({
    metrics,
    isCurrent: right.holds,
    kept: () => all.map((kept) => kept.figures()),
  })
  /** Of the lease; a process that serves nobody has none. */
  let holder: string | undefined
  let renewal = 0
  let handled = 0
  let stopListening = () => {}
  let timer: NodeJS.Timeout | undefined
  let beating: Promise<void> | undefined
  let isServing = false

  const isCurrent = right.holds

  function forget(): void {
    for (const kept of all) kept.clear()
    for (const listener of doubters) listener()
  }
  takenSight.onFailed(forget)

  async function handle(found: readonly StoredEvent[]): Promise<void> {
    await takenSight.handle(found)
    taken.know(found)
  }

  /** Renews, reads what it has missed, handles that, and only then has the right anew. Gives whether there was anything. */
  async function beat(lease: string): Promise<boolean> {
    const since = right.begin()
    const began = clock.now()
    const mine = ++renewal
    await leases.renew({ holder: lease, renewal: mine, handled })
    const found = await taken.unknown()
    await handle(found)
    if (!isServing) return false
    taken.caughtUp(began)
    handled = mine
    right.grant(since)
    return found.length > 0
  }

  /** One beat after the other, never two at once. */
  async function goOn(lease: string): Promise<void> {
    const hasFound = await beat(lease).catch((error: unknown) => {
      log.debug({ err: error }, 'The right to decide from memory was not renewed')
      return false
    })
    if (!isServing) return
    timer = setTimeout(
      () => {
        beating = goOn(lease)
      },
      hasFound ? SHORT_BEAT_MS : BEAT_MS,
    )
    timer.unref()
  }

  /** Another process took sight away and waits to hear that this one knows. */
  function listen(lease: string, text: string): void {
    const { from, pass, events: found } = JSON.parse(text) as TakenWord
    if (barrier.isFrom(from)) return
    handle(found).then(
      () => bus.publish(knownChannel(from), JSON.stringify({ by: lease, pass } satisfies KnownWord)),
      (error: unknown) => log.error({ err: error }, 'What another process took away was not handled'),
    )
  }

  /**
   * One's own memory. Handlers that take longer than a lease are not waited for: no beat that saw these events ends before
   * they do, and the right of the beats before has run out.
   */
  async function handleOwn(found: readonly StoredEvent[]): Promise<void> {
    await within(handle(found), LEASE_MS)
  }

  takenSight.onCommit(async (found) => {
    const stopTimer = figures.beginWait()
    const [end] = await Promise.all([barrier.pass(found), handleOwn(found)])
    stopTimer(end)
  })

  async function stop(): Promise<void> {
    isServing = false
    right.withdraw()
    clearTimeout(timer)
    stopListening()
    await beating
    forget()
    if (holder === undefined) return
    const lease = holder
    holder = undefined
    endHolder(lease)
    // So that nobody waits for it; a row that stays runs out.
    await leases.remove(lease).catch(() => undefined)
  }

  return {
    isCurrent,
    createKept<K extends string, V extends object>(options: KeptOptions<K, V>) {
      const kept = createKept<K, V>(options, isCurrent)
      all.push(kept as never)
      return kept
    },
    onDoubt: (listener) => void doubters.push(listener),
    forget,

    async start() {
      const lease = createHolder()
      holder = lease
      isServing = true
      stopListening = bus.subscribe(takenChannel, (text) => listen(lease, text))
      beating = goOn(lease)
      await within(beating, LEASE_MS)
    },

    stop,
    async close() {
      await stop()
      barrier.close()
    },
  }
}
