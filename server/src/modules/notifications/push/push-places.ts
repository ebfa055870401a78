import type { Clock } from '#platform/clock/clock.ts'

/**
 * Whoever can subscribe can name a push service of their own that takes ten seconds for each answer, and as many as they like
 * under as many names. Those that answer at once are asked whenever there is something; all others share some of the places in
 * which jobs run, so that the rest are there for everybody else.
 */
export interface PushPlaces {
  /** Undefined: not now. Else what is to be called when it has answered, or has not. */
  enter(host: string): (() => void) | undefined
}

/** Services that are of use answer in a tenth of this. */
const quickMs = 1000
/** Of the sixteen of the lane. */
const placesOfOthers = 8
/** Of one that nobody has asked yet: a person has several devices at the same service. */
const placesOfUnknown = 4
const placesOfSlow = 1
const hostsMax = 1000

interface Host {
  pace: 'unknown' | 'quick' | 'slow'
  /** When each that is under way began, the oldest first. */
  begun: number[]
}

export function createPushPlaces({ clock }: { clock: Pick<Clock, 'now'> }): PushPlaces {
  const hosts = new Map<string, Host>()

  function find(name: string): Host {
    const host = hosts.get(name) ?? { pace: 'unknown', begun: [] }
    hosts.delete(name)
    hosts.set(name, host)
    for (const [oldest, { begun }] of hosts) {
      if (hosts.size <= hostsMax) break
      if (begun.length === 0) hosts.delete(oldest)
    }
    return host
  }

  function isWithin(host: Host, now: number): boolean {
    if (host.begun.some((at) => now - at > quickMs)) host.pace = 'slow'
    if (host.pace === 'quick') return true
    if (host.begun.length >= (host.pace === 'slow' ? placesOfSlow : placesOfUnknown)) return false
    let taken = 0
    for (const { pace, begun } of hosts.values()) if (pace !== 'quick') taken += begun.length
    return taken < placesOfOthers
  }

  return {
    enter(name) {
      const host = find(name)
      const began = clock.now()
      if (!isWithin(host, began)) return undefined
      host.begun.push(began)
      return () => {
        host.begun.splice(host.begun.indexOf(began), 1)
        host.pace = clock.now() - began <= quickMs ? 'quick' : 'slow'
      }
    },
  }
}
