import type { LiveEvent } from '@heliograph/contract/live'
import { liveCloseCodes } from '@heliograph/contract/live-close-codes'
import { LRUCache } from 'lru-cache'
import type { WebSocket } from 'ws'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { Viewer } from '#platform/http/viewer.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import { createLiveAccounts } from './live-accounts.ts'
import { type Closing, LiveClient } from './live-client.ts'
import type { LiveLog, Order } from './live-log.ts'

export interface LiveHub {
  /** Accounts that are told what happens: with an open socket on this process, or with one a moment ago. */
  connected(): Id[]
  isConnected(accountId: Id): boolean
  /** Accounts with an open socket on this process, right now. */
  isHere(accountId: Id): boolean
  /** To every socket of the account, in the order of calls; `order` where words of a stream may be told late. */
  send(accountId: Id, event: LiveEvent, order?: Order): void
  /**
   * Something was not told, and nobody knows to whom: all read again, spread over some seconds; once a minute at most,
   * whatever goes on failing.
   */
  missed(): void
  closeSessions(sessionIds: readonly Id[]): void
  closeAccount(accountId: Id): void
  /** False: this address has as many sockets as an address may have. */
  hasRoom(address: string): boolean
  /** Takes over an accepted socket; `after`: the last id that its client has heard. */
  accept(viewer: Viewer, socket: WebSocket, from?: { address?: string; after?: string | undefined }): void
  readonly figures: LiveFigures
  close(): void
}

export interface LiveFigures {
  sockets: number
  /** Bytes that were given to sockets and that their clients have not taken. */
  waitingBytes: number
  /** Characters that are kept for those who are slow or away. */
  keptLength: number
}

export interface LiveCounters {
  told(): void
  resync(why: 'slow' | 'resumed'): void
  closed(why: Ending): void
}

/** Why a socket is none any more: we closed it, it did not answer, or its client went. */
type Ending = Closing | 'silent' | 'left'

export interface LiveOptions {
  counters?: LiveCounters
  maxSocketsPerAccount?: number
  maxSocketsPerAddress?: number
  heartbeatMs?: number
  /** After this who listens is asked anew: sessions end by time as well. */
  maxAgeMs?: number
  keepMs?: number
  settleMs?: number
  maxWords?: number
  maxLength?: number
  maxKeptLength?: number
  clock?: Clock
}

/** Longer than any request that was let in with a session can take to become a socket. */
const rememberMs = 60_000

/** All sockets are not asked in one moment whether they live, but one part each second. */
const partMs = 1000

const hour = 3_600_000
const uncounted: LiveCounters = { told() {}, resync() {}, closed() {} }

/** All read again at once would be a load of its own: as many a second as this. */
const readAgainPerSecond = 500
const missedEveryMs = 60_000

/** How long sockets are open is no matter of dates. */
const now = () => performance.now()

export function createLive(options: LiveOptions = {}): LiveHub {
  const { counters = uncounted, maxSocketsPerAccount = 10, maxSocketsPerAddress = 1000 } = options
  const { heartbeatMs = 30_000, maxAgeMs = 12 * hour, settleMs = 1000, clock = systemClock } = options
  const accounts = createLiveAccounts({
    keepMs: options.keepMs ?? 60_000,
    maxWords: options.maxWords ?? 128,
    maxLength: options.maxLength ?? 32 * 1024,
    maxKeptLength: options.maxKeptLength ?? 32 * 1024 * 1024,
  })
  const byAddress = new Map<string, number>()
  const endedSessions = new LRUCache<Id, true>({ max: 10_000, ttl: rememberMs })
  const closedAccounts = new LRUCache<Id, number>({ max: 10_000, ttl: rememberMs })
  const hasEnded = ({ id, sessionId }: Viewer) =>
    endedSessions.has(sessionId) || timeOf(sessionId) <= (closedAccounts.get(id) ?? 0)

  const parts = Array.from(
    { length: Math.max(1, Math.round(heartbeatMs / partMs)) },
    () => new Set<LiveClient>(),
  )
  let sockets = 0
  let turn = 0
  let seated = 0
  let missing: NodeJS.Timeout | undefined
  let lastMissed = Number.NEGATIVE_INFINITY
  const all = () => parts.flatMap((part) => [...part])

  /** False: it was forgotten before. */
  const forget = (client: LiveClient, why: Ending): boolean => {
    const one = accounts.find(client.viewer.id)
    if (!one?.clients.delete(client)) return false
    for (const part of parts) if (part.delete(client)) break
    if (one.clients.size === 0) accounts.noteLeft(one, now())
    const count = (byAddress.get(client.address) ?? 1) - 1
    if (count > 0) byAddress.set(client.address, count)
    else byAddress.delete(client.address)
    sockets -= 1
    counters.closed(why)
    return true
  }

  const drop = (client: LiveClient, why: Closing) => {
    if (forget(client, why)) client.close(why)
  }

  const end = (clients: Iterable<LiveClient>) => {
    for (const client of [...clients]) {
      client.tellEnd()
      drop(client, 'sessionEnded')
    }
  }

  /** False: nobody listens, or nothing was changed. */
  const change = (accountId: Id, work: (log: LiveLog) => boolean): boolean => {
    const one = accounts.find(accountId)
    const before = one?.log.length ?? 0
    if (!one || !work(one.log)) return false
    accounts.noteWritten(one, before, now())
    for (const client of one.clients) client.pump()
    return true
  }

  const heartbeat = setInterval(() => {
    const time = now()
    const part = parts[turn++ % parts.length]!
    for (const client of [...part])
      if (time - client.since > maxAgeMs) drop(client, 'askedAnew')
      else if (!client.beat()) forget(client, 'silent')
    accounts.tidy(time)
  }, heartbeatMs / parts.length)
  heartbeat.unref()

  return {
    connected: accounts.ids,
    isConnected: (accountId) => accounts.find(accountId) !== undefined,
    isHere: (accountId) => (accounts.find(accountId)?.clients.size ?? 0) > 0,
    send(accountId, event, order) {
      if (change(accountId, (log) => log.add(event, order))) counters.told()
    },
    missed() {
      if (missing) return
      const dueIn = Math.max(settleMs, lastMissed + missedEveryMs - now())
      missing = setTimeout(() => {
        missing = undefined
        lastMissed = now()
        const withinMs = (sockets / readAgainPerSecond) * 1000
        for (const { id } of accounts.all())
          setTimeout(() => change(id, (log) => log.miss()), Math.random() * withinMs).unref()
      }, dueIn).unref()
    },
    closeSessions(sessionIds) {
      for (const sessionId of sessionIds) endedSessions.set(sessionId, true)
      const ended = new Set(sessionIds)
      end(all().filter((client) => ended.has(client.viewer.sessionId)))
    },
    closeAccount(accountId) {
      closedAccounts.set(accountId, clock.now())
      end(accounts.find(accountId)?.clients ?? [])
      accounts.drop(accountId)
    },
    hasRoom: (address) => (byAddress.get(address) ?? 0) < maxSocketsPerAddress,
    accept(viewer, socket, { address = '', after } = {}) {
      if (hasEnded(viewer)) {
        socket.close(liveCloseCodes.sessionEnded, 'session ended')
        return
      }
      const others = accounts.find(viewer.id)?.clients ?? new Set()
      const [oldest] = others
      if (others.size >= maxSocketsPerAccount && oldest !== undefined) drop(oldest, 'tooMany')
      const one = accounts.of(viewer.id)
      const client = new LiveClient({
        viewer,
        socket,
        address,
        after,
        log: one.log,
        now: now(),
        onResync: counters.resync,
        onGone: (gone, why) => void forget(gone, why),
      })
      one.clients.add(client)
      parts[seated++ % parts.length]!.add(client)
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1)
      sockets += 1
    },
    get figures() {
      let waitingBytes = 0
      for (const part of parts) for (const client of part) waitingBytes += client.waitingBytes
      return { sockets, waitingBytes, keptLength: accounts.keptLength }
    },
    close() {
      clearInterval(heartbeat)
      clearTimeout(missing)
      for (const client of all()) drop(client, 'goingAway')
    },
  }
}
