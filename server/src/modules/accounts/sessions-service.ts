import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, isId } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import { takeBudget } from './account-budgets.ts'
import { requireMaySignIn } from './accounts-policy.ts'
import { findUser, type UserRow } from './accounts-repository.ts'
import type { Client } from './client.ts'
import type { KnownDevices } from './known-devices.ts'
import { deleteSignInChallengesOf } from './second-factors/challenges-repository.ts'
import type { SessionTimes } from './session-times.ts'
import { createToken, readToken } from './session-tokens.ts'
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsBeyond,
  deleteSessionsOf,
  insertSession,
  listSessions,
  renewSession,
  type SessionRow,
} from './sessions-repository.ts'

export interface SignedInAs {
  userId: Id
  token: string
  /** What a browser is to keep, to be known again. */
  deviceToken: string | null
}

/** Who asks, and the token with which they do. */
export interface SessionHolder extends Pick<Viewer, 'id' | 'sessionId'> {
  token: string
}

/** Whose session begins. */
export type Starting = Pick<UserRow, 'id' | 'delete_at'>

export interface Sessions {
  /** Of an account that its owner was about to delete: it stays. Beyond 200 that ends which was used longest ago. */
  start(tx: Tx, user: Starting, client: Client): Promise<SignedInAs & { sessionId: Id }>
  /**
   * Whoever holds the session has just shown who they are: it goes on under a new token, which is given, and the one they
   * came with opens nothing from the commit on. Null: another request of this moment has got it a new one, and a second
   * would reach the browser in any order; so one of the two might be kept that opens nothing. Without `proves` what they
   * showed opens nothing that asks for a proof.
   */
  renew(tx: Tx, holder: SessionHolder, options?: { proves: boolean }): Promise<string | null>
  list(viewer: Viewer, before: Id | null, limit: number): Promise<SessionRow[]>
  end(userId: Id, sessionId: Id): Promise<void>
  endAll(tx: Tx, userId: Id, except: Id | null): Promise<Id[]>
  /** All others, or this one too; how many. */
  endEverywhere(viewer: Viewer, isAll: boolean, client: Client): Promise<number>
  /** After the commit: what is open in this process closes without waiting for the event. */
  closeLive(sessionIds: readonly Id[]): void
  deleteExpired(): Promise<number>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  hub: Pick<LiveHub, 'closeSessions'>
  devices: Pick<KnownDevices, 'note' | 'forget'>
  times: Pick<SessionTimes, 'expiry'>
  /** See Leaving. */
  takeBack(tx: Tx, id: Id): Promise<boolean>
}

/** More devices than anybody has: what grows without end ends no account's sessions in one transaction any more. */
const most = 200
/** What was there before there was a bound goes by and by. */
const endedAtOnce = 1000
/** 22 bytes each, in one event. */
const announcedTogether = 1000

export function createSessions(deps: Deps): Sessions {
  const { database, ids, events, clock, hub, devices, times, takeBack } = deps

  const start: Sessions['start'] = async (tx, { id: userId, delete_at: deleteAt }, client) => {
    if (deleteAt !== null && !(await takeBack(tx, userId))) {
      // By another sign-in; or its time ended, or somebody suspended it, while this one was looked at.
      const present = await findUser(tx, userId)
      requireMaySignIn(present?.state ?? 'deleted', present)
    }
    const { token, hash } = createToken(userId)
    const now = new Date(clock.now())
    const bucket = bucketOf(userId)
    const id = ids.next(bucket)
    const session = {
      bucket,
      user_id: userId,
      id,
      token_hash: hash,
      user_agent: client.userAgent,
      created_at: now,
      last_used_at: now,
      proved_at: now,
      expires_at: times.expiry(now),
    }
    // Over the wire together.
    const [, { isNew, deviceToken }, ended] = await Promise.all([
      insertSession(tx, session),
      devices.note(tx, userId, client),
      deleteSessionsBeyond(tx, userId, { most, atOnce: endedAtOnce }),
    ])
    await announceEnd(tx, userId, ended)
    const about = { bucket, subjectId: userId, data: { sessionId: id } }
    // Whoever has the password buries no other mail under these: the first few say it.
    if (isNew && (await takeBudget(tx, userId, 'sign_in_mails', now)))
      await events.emit(tx, 'accounts.signed_in_anew', about)
    return { userId, token, sessionId: id, deviceToken }
  }

  const renew: Sessions['renew'] = async (
    tx,
    { id: userId, sessionId, token: shown },
    { proves } = { proves: true },
  ) => {
    const { token, hash: tokenHash } = createToken(userId)
    const now = new Date(clock.now())
    const isRenewed = await renewSession(tx, sessionId, {
      shown: readToken(shown)?.hash ?? null,
      tokenHash,
      now,
      expiresAt: times.expiry(now),
      proves,
    })
    await events.emit(tx, 'accounts.proved', {
      bucket: bucketOf(userId),
      subjectId: userId,
      data: { sessionId },
    })
    return isRenewed ? token : null
  }

  /** An event for many, since each is heard in every process before whoever ended them is answered. */
  async function announceEnd(tx: Tx, userId: Id, ended: readonly Id[]): Promise<void> {
    const about = { kind: 'accounts.sessions_ended', bucket: bucketOf(userId), subjectId: userId } as const
    const chunks = Array.from({ length: Math.ceil(ended.length / announcedTogether) }, (_, at) =>
      ended.slice(at * announcedTogether, (at + 1) * announcedTogether),
    )
    await events.emitAll(
      tx,
      chunks.map((sessionIds) => ({ ...about, data: { sessionIds } })),
    )
  }

  const endAll: Sessions['endAll'] = async (tx, userId, except) => {
    const ended = await deleteSessionsOf(tx, userId, except)
    await deleteSignInChallengesOf(tx, userId)
    await announceEnd(tx, userId, ended)
    return ended
  }

  return {
    start,
    renew,
    endAll,
    closeLive: (sessionIds) => hub.closeSessions(sessionIds),

    list: (viewer, before, limit) =>
      listSessions(database.main, { userId: viewer.id, before, now: new Date(clock.now()), limit }),

    async end(userId, sessionId) {
      if (!isId(sessionId)) throw fault('request.not_found')
      const isEnded = await database.transaction(
        async (tx) => {
          const isDeleted = await deleteSession(tx, userId, sessionId)
          if (isDeleted) await announceEnd(tx, userId, [sessionId])
          return isDeleted
        },
        { by: userId },
      )
      if (!isEnded) throw fault('request.not_found')
      hub.closeSessions([sessionId])
    },

    async endEverywhere(viewer, isAll, client) {
      const ended = await database.transaction(
        async (tx) => {
          const endedNow = await endAll(tx, viewer.id, isAll ? null : viewer.sessionId)
          await devices.forget(tx, viewer.id, isAll ? null : client)
          return endedNow
        },
        { by: viewer.id },
      )
      hub.closeSessions(ended)
      return ended.length
    },

    async deleteExpired() {
      const batch = 500
      let deleted = 0
      for (;;) {
        const found = await deleteExpiredSessions(database.main, new Date(clock.now()), batch)
        deleted += found
        if (found < batch) return deleted
      }
    },
  }
}
