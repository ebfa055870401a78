import type { LiveEvent } from '@heliograph/contract/live'
import { LRUCache } from 'lru-cache'
import type { WebSocket } from 'ws'
import type { Viewer } from '#platform/http/viewer.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'

/** Codes with which a socket is closed; 4000–4999 are ours. */
export const closeCodes = {
  /** The session is over: do not connect again with it. */
  sessionEnded: 4001,
  /** Too slow to take what was sent: connect again and read over REST. */
  tooSlow: 4002,
  /** Too many sockets of one account: the oldest makes room. */
  tooMany: 4003,
  /** It sends, though nothing is asked of it. */
  tooChatty: 4004,
  goingAway: 1001,
} as const

export interface LiveHub {
  /** Accounts with an open socket on this process. */
  connected(): Id[]
  isConnected(accountId: Id): boolean
  /** To every open socket of the account; a lost event loses nothing, so nothing is kept for absent ones. */
  send(accountId: Id, event: LiveEvent): void
  closeSession(sessionId: Id): void
  closeAccount(accountId: Id): void
  /** Takes over an accepted socket. */
  accept(viewer: Viewer, socket: WebSocket): void
  readonly sockets: number
  close(): void
}

export interface LiveOptions {
  maxSocketsPerAccount?: number
  /** Bytes that may wait in one socket before its client counts as too slow. */
  maxBufferedBytes?: number
  heartbeatMs?: number
}

interface Client {
  viewer: Viewer
  socket: WebSocket
  alive: boolean
  /** Messages since the last heartbeat. */
  heard: number
}

/** Longer than any request that was let in with a session can take to become a socket. */
const rememberMs = 60_000

/** Clients have nothing to say but a ping of their own now and then. */
const maxHeard = 100

export function createLive(options: LiveOptions = {}): LiveHub {
  const { maxSocketsPerAccount = 10, maxBufferedBytes = 256 * 1024, heartbeatMs = 30_000 } = options
  const byAccount = new Map<Id, Set<Client>>()
  const endedSessions = new LRUCache<Id, true>({ max: 10_000, ttl: rememberMs })
  const closedAccounts = new LRUCache<Id, number>({ max: 10_000, ttl: rememberMs })
  const hasEnded = ({ id, sessionId }: Viewer) =>
    endedSessions.has(sessionId) || timeOf(sessionId) <= (closedAccounts.get(id) ?? 0)
  const all = () => [...byAccount.values()].flatMap((clients) => [...clients])

  const forget = (client: Client) => {
    const clients = byAccount.get(client.viewer.id)
    clients?.delete(client)
    if (clients?.size === 0) byAccount.delete(client.viewer.id)
  }

  const drop = (client: Client, code: number, reason: string) => {
    forget(client)
    client.socket.close(code, reason)
    // A client that does not answer the closing handshake keeps no memory for long.
    setTimeout(() => client.socket.terminate(), 2000).unref()
  }

  const deliver = (client: Client, text: string) => {
    if (client.socket.readyState !== client.socket.OPEN) return
    if (client.socket.bufferedAmount + text.length > maxBufferedBytes)
      drop(client, closeCodes.tooSlow, 'too slow: read again')
    else client.socket.send(text)
  }

  const end = (clients: Iterable<Client>) => {
    const text = JSON.stringify({ type: 'session.ended' } satisfies LiveEvent)
    for (const client of clients) {
      deliver(client, text)
      drop(client, closeCodes.sessionEnded, 'session ended')
    }
  }

  const heartbeat = setInterval(() => {
    for (const client of all()) {
      if (client.alive) {
        client.alive = false
        client.heard = 0
        client.socket.ping()
      } else {
        forget(client)
        client.socket.terminate()
      }
    }
  }, heartbeatMs)
  heartbeat.unref()

  return {
    connected: () => [...byAccount.keys()],
    isConnected: (accountId) => byAccount.has(accountId),
    send(accountId, event) {
      const clients = byAccount.get(accountId)
      if (clients === undefined) return
      const text = JSON.stringify(event)
      for (const client of [...clients]) deliver(client, text)
    },
    closeSession(sessionId) {
      endedSessions.set(sessionId, true)
      end(all().filter((client) => client.viewer.sessionId === sessionId))
    },
    closeAccount(accountId) {
      closedAccounts.set(accountId, Date.now())
      end([...(byAccount.get(accountId) ?? [])])
    },
    accept(viewer, socket) {
      if (hasEnded(viewer)) {
        socket.close(closeCodes.sessionEnded, 'session ended')
        return
      }
      const client: Client = { viewer, socket, alive: true, heard: 0 }
      const clients = byAccount.get(viewer.id) ?? new Set()
      byAccount.set(viewer.id, clients)
      const [oldest] = clients
      if (clients.size >= maxSocketsPerAccount && oldest !== undefined)
        drop(oldest, closeCodes.tooMany, 'too many connections')
      byAccount.set(viewer.id, clients.add(client))
      socket.on('pong', () => {
        client.alive = true
      })
      socket.on('message', () => {
        client.heard += 1
        if (client.heard === maxHeard) drop(client, closeCodes.tooChatty, 'too many messages')
      })
      socket.on('close', () => forget(client))
      socket.on('error', () => forget(client))
      deliver(client, JSON.stringify({ type: 'hello' } satisfies LiveEvent))
    },
    get sockets() {
      return all().length
    },
    close() {
      clearInterval(heartbeat)
      for (const client of all()) drop(client, closeCodes.goingAway, 'the server is stopping')
    },
  }
}
