import type { Bus } from '#platform/live/bus.ts'
import type { StoredEvent } from './event-types.ts'

/** Tells other processes of events as soon as they are committed. Truth is the table, which they read all the same. */
export interface EventWire {
  tell(event: StoredEvent): void
  close(): void
}

const channel = 'events'
/** Words of some hundred kilobytes at most, however much one transaction has done. */
const atOnce = 500

export function createEventWire(bus: Bus, hear: (event: StoredEvent) => void): EventWire {
  let waiting: StoredEvent[] = []

  /** All of one transaction, and of those that were committed with it, in one word. */
  const flush = () => {
    const events = waiting
    waiting = []
    for (let start = 0; start < events.length; start += atOnce)
      bus.publish(channel, JSON.stringify(events.slice(start, start + atOnce)))
  }

  // Our own come back as well: who has heard one knows it by its id.
  const stop = bus.subscribe(channel, (text) => {
    for (const event of JSON.parse(text) as StoredEvent[]) hear(event)
  })

  return {
    tell(event) {
      if (waiting.push(event) === 1) setImmediate(flush)
    },
    close() {
      stop()
      flush()
    },
  }
}
