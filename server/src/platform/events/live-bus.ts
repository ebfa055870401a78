import type { Log } from '#platform/telemetry/log.ts'
import type { EventKind, Events, StoredEvent } from './event-types.ts'

interface Handler {
  run(event: StoredEvent): void | Promise<void>
  inBackground: boolean
}

export interface LiveBus {
  on: Events['on']
  /** Every handler has been called when it returns. */
  deliver(events: readonly StoredEvent[]): Promise<void>
  /** Of these events no handler is running any more, but for those in the background. */
  settled(events: readonly Pick<StoredEvent, 'id'>[]): Promise<void>
  /** No handler is running. */
  idle(): Promise<void>
}

export interface LiveBusOptions {
  log: Log
  /** What the handler should have forgotten may still be kept, or what it should have told is not told. */
  onFailed(event: StoredEvent, inBackground: boolean): void
}

/** Hands events to the handlers of this process. One that fails is logged: truth is in the database, not here. */
export function createLiveBus({ log, onFailed }: LiveBusOptions): LiveBus {
  const handlers = new Map<EventKind, Handler[]>()
  const running = new Set<Promise<void>>()
  const awaited = new Map<StoredEvent['id'], Set<Promise<void>>>()

  const fail = (error: unknown, event: StoredEvent, inBackground: boolean) => {
    log.error({ err: error, event: event.kind, eventId: event.id }, 'An event was not handled')
    onFailed(event, inBackground)
  }

  const call = ({ run, inBackground }: Handler, event: StoredEvent) => {
    let promised: void | Promise<void>
    try {
      promised = run(event)
    } catch (error) {
      return fail(error, event, inBackground)
    }
    if (promised === undefined) return
    const work = promised
      .catch((error) => fail(error, event, inBackground))
      .finally(() => {
        running.delete(work)
        const others = awaited.get(event.id)
        others?.delete(work)
        if (others?.size === 0) awaited.delete(event.id)
      })
    running.add(work)
    if (inBackground) return
    const others = awaited.get(event.id)
    if (others) others.add(work)
    else awaited.set(event.id, new Set([work]))
  }

  return {
    on(kind, run, { inBackground = false } = {}) {
      const list = handlers.get(kind) ?? []
      list.push({ run: run as Handler['run'], inBackground })
      handlers.set(kind, list)
    },
    async deliver(events) {
      for (const event of events) for (const handler of handlers.get(event.kind) ?? []) call(handler, event)
    },
    async settled(events) {
      await Promise.all(events.flatMap(({ id }) => [...(awaited.get(id) ?? [])]))
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
