import pg from 'pg'
import { isConnectionLoss, isStalePlan } from './errors.ts'
import { prepareSession, types } from './pools.ts'

/**
 * Clients that carry the single reads of many callers at once, one behind the other on the wire. Under load that halves
 * the CPU of a read beside a pool that lends each client to one caller (measured with point reads); the price is that
 * a read waits for a slow one in front of it, so none is sent after one that is already taking long.
 */
export interface SharedClients {
  /** `fresh`: on a new connection, after one broke. */
  query(config: pg.QueryConfig, fresh?: boolean): Promise<pg.QueryResult>
  close(): Promise<void>
}

interface Shared {
  client: pg.Client
  ready: Promise<void>
  isReady: boolean
  waiting: number
  /** When an answer last came, or the first of those waiting was sent. */
  movedAt: number
}

export interface SharedClientsOptions {
  url: string
  max: number
  name: string
  onError: (error: Error) => void
}

export function createSharedClients({ url, max, name, onError }: SharedClientsOptions): SharedClients {
  const clients = new Set<Shared>()
  let closed = false

  const open = (): Shared => {
    const client = new pg.Client({
      connectionString: url,
      types,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      pipeline: true,
    } as pg.ClientConfig)
    const shared: Shared = { client, ready: connect(client), isReady: false, waiting: 0, movedAt: 0 }
    const forget = () => clients.delete(shared)
    client.on('error', (error) => {
      forget()
      onError(error)
    })
    client.on('end', forget)
    shared.ready.then(() => {
      shared.isReady = true
    }, forget)
    clients.add(shared)
    return shared
  }

  /** What was sent by it already is still answered. */
  const retire = (shared: Shared): void => {
    if (clients.delete(shared)) shared.client.end().catch(() => undefined)
  }

  /** An idle one; else a further one while there may be; meanwhile the one with the fewest before it. */
  const choose = (now: number): Shared => {
    let best: Shared | undefined
    let lowest = Number.POSITIVE_INFINITY
    for (const shared of clients) {
      const value = rank(shared, now)
      if (value < lowest) {
        best = shared
        lowest = value
      }
    }
    if (best && (best.waiting === 0 || clients.size >= max)) return best
    const further = open()
    return best?.isReady ? best : further
  }

  return {
    async query(config, fresh = false) {
      if (closed) throw new Error('Connection terminated: the database was closed')
      const now = performance.now()
      const shared = fresh ? open() : choose(now)
      if (shared.waiting++ === 0) shared.movedAt = now
      try {
        if (!shared.isReady) await shared.ready
        return await shared.client.query(config)
      } catch (error) {
        if (isConnectionLoss(error)) clients.delete(shared)
        if (isStalePlan(error)) retire(shared)
        throw error
      } finally {
        shared.waiting--
        shared.movedAt = performance.now()
      }
    },
    async close() {
      closed = true
      await Promise.all([...clients].map(({ client }) => client.end().catch(() => undefined)))
    },
  }
}

const SLOW_MS = 10
const FAR_BACK = 1e6

/** One that is still connecting counts as busy; one whose query in front takes long comes last. */
function rank({ waiting, isReady, movedAt }: Shared, now: number): number {
  if (!isReady) return waiting + 1
  return waiting > 0 && now - movedAt > SLOW_MS ? waiting + FAR_BACK : waiting
}

async function connect(client: pg.Client): Promise<void> {
  await client.connect()
  await prepareSession(client)
}
