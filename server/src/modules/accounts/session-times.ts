import type { Clock } from '#platform/clock/clock.ts'
import { idleSessionMs } from './accounts-policy.ts'
import type { AccountSettings } from './accounts-types.ts'

/** How long sessions last. */
export interface SessionTimes {
  /** So long after somebody showed who they are, however much it is used. */
  isOver(shownAt: Date): boolean
  /** Of a session that is used now. */
  expiry(shownAt: Date): Date
}

interface Deps {
  clock: Clock
  settings: Pick<AccountSettings, 'sessionDays'>
}

export function createSessionTimes({ clock, settings }: Deps): SessionTimes {
  const longestMs = settings.sessionDays * 24 * 60 * 60 * 1000
  const endOf = (shownAt: Date) => shownAt.getTime() + longestMs
  return {
    isOver: (shownAt) => endOf(shownAt) <= clock.now(),
    expiry: (shownAt) => new Date(Math.min(clock.now() + idleSessionMs, endOf(shownAt))),
  }
}

/** When whoever holds it last showed who they are; signing in is that too. */
export function shownAt(session: { proved_at: Date | null; created_at: Date }): Date {
  return session.proved_at ?? session.created_at
}
