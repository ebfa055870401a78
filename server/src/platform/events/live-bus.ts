import type { Log } from '#platform/telemetry/log.ts'
import type { EventKind, Events, StoredEvent } from './events.ts'

type Handler = (event: StoredEvent) => void | Promise<void>

export interface LiveBus {
  on: Events['on']
  deliver(events: readonly StoredEvent[]): Promise<void>
  /** No handler is running. */
  idle(): Promise<void>
}

/** Hands events to the handlers of this process. One that fails is logged: truth is in the database, not here. */
export function createLiveBus(log: Log): LiveBus {
  const handlers = new Map<EventKind, Handler[]>()
  const running = new Set<Promise<void>>()

  const call = (handler: Handler, event: StoredEvent) => {
    const work = (async () => handler(event))()
      .catch((error) =>
        log.error({ err: error, event: event.kind, eventId: event.id }, 'An event was not handled'),
      )
      .finally(() => running.delete(work))
    running.add(work)
  }

  return {
    on(kind, handler) {
      const list = handlers.get(kind) ?? []
      list.push(handler as Handler)
      handlers.set(kind, list)
    },
    async deliver(events) {
      for (const event of events) for (const handler of handlers.get(event.kind) ?? []) call(handler, event)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
