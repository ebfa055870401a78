import type { Clock } from '#platform/clock/clock.ts'
import type { Kept } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { sessionKey } from './accounts-memory.ts'
import { lastUseStepMs, proofMs } from './accounts-policy.ts'
import type { AccountSettings } from './accounts-types.ts'
import type { Client } from './client.ts'
import type { KnownDevices } from './known-devices.ts'
import { type SessionTimes, shownAt } from './session-times.ts'
import { readToken } from './session-tokens.ts'
import { findSessionByToken, type SessionWithState, touchSession } from './sessions-repository.ts'

export interface KnownViewer extends Viewer {
  isEmailVerified: boolean
  /** Everybody needs a second factor here, and this one has none. */
  isOutside: boolean
}

/** Null for a token that is not, or no longer, good; throws for a suspended account. */
export type ViewerOf = (token: string, clientOf: () => Client) => Soon<KnownViewer | null>

interface Deps {
  database: Database
  clock: Clock
  kept: Kept<string, SessionWithState>
  times: SessionTimes
  devices: Pick<KnownDevices, 'see'>
  settings: Pick<AccountSettings, 'requireSecondFactor'>
}

/** Asked by every request with a token: nearly always answered from memory, without waiting. */
export function createViewerOf({ database, clock, kept, times, devices, settings }: Deps): ViewerOf {
  /** Not in memory, or its use is to be noted. */
  async function lookUp(key: string, read: { userId: Id; hash: Buffer }, clientOf: () => Client) {
    const now = clock.now()
    let session = await kept.get(key)
    // Another process may have noted its use meanwhile, and with it that it lasts longer.
    if (session && isNoteDue(session, now))
      session = await findSessionByToken(database.main, read.userId, read.hash, settings)
    const viewer = session ? viewerIn(session, now) : null
    if (session && viewer && isNoteDue(session, now)) {
      await touchSession(database.main, session.id, new Date(now), times.expiry(shownAt(session)))
      kept.drop(key)
      await devices.see({ id: session.user_id, sessionId: session.id }, clientOf())
    }
    return viewer
  }

  /** Null when it is over; throws for a suspended account. */
  function viewerIn(session: SessionWithState, now: number): KnownViewer | null {
    // The row may say a later end: it was written before the operator chose a shorter time.
    if (session.expires_at.getTime() <= now || times.isOver(shownAt(session))) return null
    if (session.state === 'suspended') throw fault('account.suspended')
    if (session.state !== 'active') return null
    const lacksFactor = session.lacksFactor && settings.requireSecondFactor !== 'nobody'
    const rests = lacksFactor && session.roles.length > 0
    return {
      id: session.user_id,
      sessionId: session.id,
      ...(rests ? { roles: [], rolesRest: true } : { roles: session.roles }),
      hasProof: session.proved_at !== null && now - session.proved_at.getTime() < proofMs,
      isEmailVerified: session.email_verified_at !== null,
      isOutside: lacksFactor && settings.requireSecondFactor === 'everybody',
    }
  }

  return (token, clientOf) => {
    const read = readToken(token)
    if (!read) return null
    const key = sessionKey(read.userId, read.hash)
    const now = clock.now()
    const known = kept.peek(key)
    if (known && !isNoteDue(known, now)) return viewerIn(known, now)
    return lookUp(key, read, clientOf)
  }
}

/** Written only now and then: a row for each request would cost more than the request. */
function isNoteDue({ last_used_at: last, expires_at: end }: SessionWithState, now: number): boolean {
  return now - last.getTime() >= lastUseStepMs || end.getTime() <= now
}
