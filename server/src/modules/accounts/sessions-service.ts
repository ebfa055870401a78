import type { SignInBody } from '@heliograph/contract/accounts'
import { normalizeUsername } from '@heliograph/contract/usernames'
import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import type { Kept } from '#platform/coherence/coherence.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Once, Viewer } from '#platform/http/mount.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id, isId } from '#platform/ids/ids.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Soon } from '#platform/soon/soon.ts'
import { sessionKey } from './accounts-memory.ts'
import {
  idleSessionMs,
  lastUseStepMs,
  normalizeEmail,
  proofMs,
  requireMaySignIn,
  requireStrongPassword,
} from './accounts-policy.ts'
import {
  findEmailHolder,
  findPasswordHash,
  findUser,
  findUsernameHolders,
  lockPasswordHash,
  savePasswordHash,
  type UserRow,
} from './accounts-repository.ts'
import type { AccountSettings } from './accounts-types.ts'
import { inSession, type KnownDevices, nobody } from './known-devices.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { deleteSignInChallengesOf } from './second-factors/challenges-repository.ts'
import type { SecondStepGate } from './second-factors/second-step.ts'
import { createToken, readToken } from './session-tokens.ts'
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOf,
  findSessionByToken,
  insertSession,
  listSessions,
  renewSession,
  requireOpenSession,
  type SessionRow,
  type SessionWithState,
  touchSession,
} from './sessions-repository.ts'

type SignInInput = z.output<typeof SignInBody>

/** What is known of the software that asks. */
export interface Client {
  userAgent: string
  address: string
  language: 'en' | 'de'
  /** A browser, which gets its session as a cookie. */
  keepsCookies: boolean
  /** What it keeps between sessions, if it does. */
  device: string | null
  /** Of the page that asks, or the one under which people reach this server: what passkeys are bound to. */
  origin: string
}

export interface SignedInAs {
  userId: Id
  token: string
  /** What a browser is to keep, to be known again. */
  deviceToken: string | null
}

/** Whose session begins. */
export type Starting = Pick<UserRow, 'id' | 'delete_at'>

export interface Sessions {
  /** By current username, or by the address that is proved and in use. */
  findByLogin(login: string): Promise<UserRow | undefined>
  /** Of an account that its owner was about to delete: it stays. */
  start(tx: Tx, user: Starting, client: Client): Promise<SignedInAs & { sessionId: Id }>
  /**
   * The only way from a password that was right to a session: throws `auth.second_factor_needed` where a second step is
   * asked for, and `auth.wrong_credentials` when the password is no longer the one that was looked at.
   */
  startByPassword(account: { user: Starting; hash: string }, client: Client, once?: Once): Promise<SignedInAs>
  signIn(input: SignInInput, client: Client, once: Once): Promise<SignedInAs>
  /**
   * The same request again: the password is asked for anew, and a further session starts. Tokens are stored
   * hashed, so the first cannot be told once more, and whoever has it keeps it.
   */
  repeatSignIn(input: SignInInput, client: Client): Promise<SignedInAs>
  /**
   * Whoever holds the session has just shown who they are: it goes on under a new token, which is given, and the one of
   * before opens nothing from the commit on.
   */
  renew(tx: Tx, viewer: Viewer): Promise<string>
  /** Null for a token that is not, or no longer, good; throws for a suspended account. */
  viewerOf(token: string, clientOf: () => Client): Soon<(Viewer & { isEmailVerified: boolean }) | null>
  list(viewer: Viewer, before: Id | null, limit: number): Promise<SessionRow[]>
  end(userId: Id, sessionId: Id): Promise<void>
  endAll(tx: Tx, userId: Id, except: Id | null): Promise<Id[]>
  /** All others, or this one too; how many. */
  endEverywhere(viewer: Viewer, isAll: boolean, client: Client): Promise<number>
  /** After the commit: what is open in this process closes without waiting for the event. */
  closeLive(sessionIds: readonly Id[]): void
  /** Gives the token under which this session goes on. */
  changePassword(viewer: Viewer, current: string, next: string, client: Client): Promise<string>
  /** All sessions end. `within` is part of the same transaction. */
  setPassword(userId: Id, password: string, within?: (tx: Tx) => Promise<void>): Promise<void>
  /** By whoever reads the owner's mail: where they are is known from now on. Gives what a browser is to keep. */
  resetPassword(
    userId: Id,
    password: string,
    client: Client,
    within: (tx: Tx) => Promise<void>,
  ): Promise<string | null>
  deleteExpired(): Promise<number>
}

interface Deps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  hub: Pick<LiveHub, 'closeSession'>
  signInLimit: RateLimits['failedSignIn']
  kept: Kept<string, SessionWithState>
  secondStep: SecondStepGate
  devices: KnownDevices
  codes: Pick<OneTimeCodes, 'withdraw'>
  settings: AccountSettings
  /** See Leaving. */
  takeBack(tx: Tx, id: Id): Promise<boolean>
}

export function createSessions(deps: Deps): Sessions {
  const {
    database,
    ids,
    events,
    clock,
    hub,
    signInLimit,
    kept,
    secondStep,
    devices,
    codes,
    settings,
    takeBack,
  } = deps
  const longestMs = settings.sessionDays * 24 * 60 * 60 * 1000
  const endOf = (shownAt: Date) => shownAt.getTime() + longestMs
  const expiry = (shownAt: Date) => new Date(Math.min(clock.now() + idleSessionMs, endOf(shownAt)))

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
    await insertSession(tx, {
      bucket,
      user_id: userId,
      id,
      token_hash: hash,
      user_agent: client.userAgent,
      created_at: now,
      last_used_at: now,
      proved_at: now,
      expires_at: expiry(now),
    })
    const { isNew, deviceToken } = await devices.note(tx, userId, client)
    const about = { bucket, subjectId: userId, data: { sessionId: id } }
    if (isNew) await events.emit(tx, 'accounts.signed_in_anew', about)
    return { userId, token, sessionId: id, deviceToken }
  }

  async function findByLogin(login: string): Promise<UserRow | undefined> {
    const email = login.includes('@') ? normalizeEmail(login) : null
    const id =
      email === null
        ? (await findUsernameHolders(database.main, [normalizeUsername(login)]))[0]
        : await findEmailHolder(database.main, email)
    const user = await findUser(database.main, id ?? nobody)
    // An address that was given up stays claimed for a while, and signs nobody in.
    return email === null || user?.email === email ? user : undefined
  }

  /** The same work whether or not there is such an account. */
  async function requireAccount(
    { login, password }: SignInInput,
    client: Client,
  ): Promise<{ user: UserRow; hash: string }> {
    const user = await findByLogin(login)
    const id = user?.id ?? nobody
    const attempt = await signInLimit.begin(client.address, login, await devices.find(id, client))
    const hash = await findPasswordHash(database.main, id)
    if (!(await verifyPassword(hash, password)) || !user || !hash) throw fault('auth.wrong_credentials')
    await attempt.succeeded()
    requireMaySignIn(user.state, user)
    return { user, hash }
  }

  /** A password that was changed since it was looked at opens no session that the change did not end. */
  async function requireUnchanged(tx: Tx, userId: Id, hash: string): Promise<void> {
    if ((await lockPasswordHash(tx, userId)) !== hash) throw fault('auth.wrong_credentials')
  }

  const startByPassword: Sessions['startByPassword'] = async ({ user, hash }, client, once) => {
    const userId = user.id
    const entered = await database.transaction(
      async (tx) => {
        await requireUnchanged(tx, userId, hash)
        const needed = await secondStep.ask(tx, userId, client)
        if (needed) return { needed }
        const started = await start(tx, user, client)
        await once?.record(tx, started.sessionId)
        return started
      },
      { by: userId },
    )
    if ('needed' in entered) throw fault('auth.second_factor_needed', { members: entered.needed })
    return entered
  }

  const renew: Sessions['renew'] = async (tx, { id: userId, sessionId }) => {
    const { token, hash: tokenHash } = createToken(userId)
    const now = new Date(clock.now())
    await renewSession(tx, sessionId, { tokenHash, now, expiresAt: expiry(now) })
    await events.emit(tx, 'accounts.proved', {
      bucket: bucketOf(userId),
      subjectId: userId,
      data: { sessionId },
    })
    return token
  }

  async function announceEnd(tx: Tx, userId: Id, sessionId: Id): Promise<void> {
    const about = { bucket: bucketOf(userId), subjectId: userId }
    await events.emit(tx, 'accounts.session_ended', { ...about, data: { sessionId } })
  }

  const endAll: Sessions['endAll'] = async (tx, userId, except) => {
    const ended = await deleteSessionsOf(tx, userId, except)
    await deleteSignInChallengesOf(tx, userId)
    for (const sessionId of ended) await announceEnd(tx, userId, sessionId)
    return ended
  }

  function closeLive(sessionIds: readonly Id[]): void {
    for (const sessionId of sessionIds) hub.closeSession(sessionId)
  }

  interface Replacing {
    /** In whose place, and from which session, which stays; null: whoever may, whatever it was. */
    shown: { viewer: Viewer; hash: string; client: Client } | null
    within?: ((tx: Tx) => Promise<void>) | undefined
    /** After everything was forgotten. */
    afterwards?: (tx: Tx) => Promise<void>
  }

  async function replacePassword(
    user: UserRow,
    password: string,
    { shown, within, afterwards }: Replacing,
  ): Promise<void> {
    requireStrongPassword(password, { username: user.username, email: user.email })
    const hash = await hashPassword(password)
    const ended = await database.transaction(
      async (tx) => {
        const present = await lockPasswordHash(tx, user.id)
        // What was reset meanwhile is not taken back by whoever knew the password of before.
        if (shown && present !== shown.hash) throw fault('auth.wrong_credentials')
        if (shown) await requireOpenSession(tx, shown.viewer)
        await within?.(tx)
        await codes.withdraw(tx, user.id, ['reset'])
        await savePasswordHash(tx, { userId: user.id, hash, now: new Date(clock.now()) })
        const about = { bucket: bucketOf(user.id), subjectId: user.id, data: {} }
        await events.emit(tx, 'accounts.password_changed', about)
        const endedNow = await endAll(tx, user.id, shown?.viewer.sessionId ?? null)
        await devices.forget(tx, user.id, shown?.client ?? null)
        await afterwards?.(tx)
        return endedNow
      },
      { by: user.id },
    )
    closeLive(ended)
  }

  /** Not in memory, or its use is to be noted. */
  async function lookUp(key: string, read: { userId: Id; hash: Buffer }, clientOf: () => Client) {
    const now = clock.now()
    let session = await kept.get(key)
    // Another process may have noted its use meanwhile, and with it that it lasts longer.
    if (session && isNoteDue(session, now))
      session = await findSessionByToken(database.main, read.userId, read.hash)
    const viewer = session ? viewerIn(session, now) : null
    if (session && viewer && isNoteDue(session, now)) {
      await touchSession(database.main, session.id, new Date(now), expiry(shownAt(session)))
      kept.drop(key)
      await devices.see({ id: session.user_id, sessionId: session.id }, clientOf())
    }
    return viewer
  }

  /** Null when it is over; throws for a suspended account. */
  function viewerIn(session: SessionWithState, now: number): (Viewer & { isEmailVerified: boolean }) | null {
    // The row may say a later end: it was written before the operator chose a shorter time.
    if (session.expires_at.getTime() <= now || endOf(shownAt(session)) <= now) return null
    if (session.state === 'suspended') throw fault('account.suspended')
    if (session.state !== 'active') return null
    const rests = session.lacksFactor && settings.requireSecondFactor === 'roles'
    return {
      id: session.user_id,
      sessionId: session.id,
      ...(rests ? { roles: [], rolesRest: true } : { roles: session.roles }),
      hasProof: session.proved_at !== null && now - session.proved_at.getTime() < proofMs,
      isEmailVerified: session.email_verified_at !== null,
    }
  }

  return {
    start,
    renew,
    endAll,
    closeLive,
    findByLogin,

    startByPassword,

    async signIn(input, client, once) {
      const { user, hash } = await requireAccount(input, client)
      return startByPassword({ user, hash }, client, once)
    },

    async repeatSignIn(input, client) {
      const { user, hash } = await requireAccount(input, client)
      return startByPassword({ user, hash }, client)
    },

    viewerOf(token, clientOf) {
      const read = readToken(token)
      if (!read) return null
      const key = sessionKey(read.userId, read.hash)
      const now = clock.now()
      const known = kept.peek(key)
      if (known && !isNoteDue(known, now)) return viewerIn(known, now)
      return lookUp(key, read, clientOf)
    },

    list: (viewer, before, limit) =>
      listSessions(database.main, { userId: viewer.id, before, now: new Date(clock.now()), limit }),

    async end(userId, sessionId) {
      if (!isId(sessionId)) throw fault('request.not_found')
      const isEnded = await database.transaction(
        async (tx) => {
          const isDeleted = await deleteSession(tx, userId, sessionId)
          if (isDeleted) await announceEnd(tx, userId, sessionId)
          return isDeleted
        },
        { by: userId },
      )
      if (!isEnded) throw fault('request.not_found')
      hub.closeSession(sessionId)
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
      closeLive(ended)
      return ended.length
    },

    async changePassword(viewer, current, next, client) {
      const user = await findUser(database.main, viewer.id)
      if (!user) throw fault('auth.required')
      const attempt = await signInLimit.begin(client.address, user.username, inSession(viewer))
      const hash = await findPasswordHash(database.main, user.id)
      if (!(await verifyPassword(hash, current)) || !hash) throw fault('auth.wrong_credentials')
      await attempt.succeeded()
      let token = ''
      const afterwards = async (tx: Tx) => {
        token = await renew(tx, viewer)
      }
      await replacePassword(user, next, { shown: { viewer, hash, client }, afterwards })
      return token
    },

    async resetPassword(userId, password, client, within) {
      const user = await findUser(database.main, userId)
      if (!user) throw fault('user.not_found')
      let kept: string | null = null
      const afterwards = async (tx: Tx) => {
        kept = (await devices.note(tx, userId, client)).deviceToken
      }
      await replacePassword(user, password, { shown: null, within, afterwards })
      return kept
    },

    async setPassword(userId, password, within) {
      const user = await findUser(database.main, userId)
      if (!user) throw fault('user.not_found')
      await replacePassword(user, password, { shown: null, within })
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

/** When whoever holds it last showed who they are; signing in is that too. */
function shownAt(session: SessionWithState): Date {
  return session.proved_at ?? session.created_at
}

/** Written only now and then: a row for each request would cost more than the request. */
function isNoteDue({ last_used_at: last, expires_at: end }: SessionWithState, now: number): boolean {
  return now - last.getTime() >= lastUseStepMs || end.getTime() <= now
}
