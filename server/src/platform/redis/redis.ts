import { Cluster, Redis as Single } from 'ioredis'
import type { RedisConfig } from '#config/config.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { connectionOptions, pauseBefore, type RedisAddress, readRedisUrl } from './redis-options.ts'

export type RedisClient = Single | Cluster

/**
 * One Redis, or a Cluster, for what may be lost. Nothing waits for one that is away: what is asked meanwhile is refused
 * at once, and it is looked for in the background until it is back.
 */
export interface Redis {
  /** Commands of one moment go out together. Throws `RedisAwayError`, or what the server had against it. */
  ask<T>(work: (client: RedisClient) => Promise<T>): Promise<T>
  readonly client: RedisClient
  readonly isUp: boolean
  /** Nodes as they are known now, to connect to by oneself. */
  addresses(): RedisAddress[]
  close(): Promise<void>
}

export class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError'
}

const beatMs = 1000

export function createRedis({ urls }: RedisConfig, log: Log): Redis {
  const given = urls.map(readRedisUrl)
  const client = given.length > 1 ? createCluster(given) : createSingle(given[0]!)
  /** Something was not answered in time: nobody asks until a beat of the heart was. */
  let isSilent = false
  let wasUp: boolean | undefined

  const isUp = () => client.status === 'ready' && !isSilent

  const ask: Redis['ask'] = async (work) => {
    if (!isUp()) throw new RedisAwayError('Redis is away')
    try {
      return await work(client)
    } catch (error) {
      if (isTimeout(error)) isSilent = true
      throw error
    }
  }

  const tell = (error?: Error) => {
    const now = isUp()
    if (now === wasUp) return
    if (now) log.info('Redis is there')
    else log.warn({ err: error }, 'Redis is away: what it would have told is read from the database')
    wasUp = now
  }

  const beat = async () => {
    if (client.status !== 'ready') return
    const nodes = client instanceof Cluster ? client.nodes('master') : [client]
    try {
      await Promise.all(nodes.map((node) => node.ping()))
      isSilent = false
    } catch (error) {
      isSilent ||= isTimeout(error)
    }
  }

  let lastError: Error | undefined
  client.on('error', (error: Error) => {
    lastError = error
    tell(error)
  })
  client.on('ready', () => {
    isSilent = false
    tell()
  })
  client.on('close', () => tell(lastError))
  const heart = setInterval(() => void beat().then(() => tell(lastError)), beatMs)
  heart.unref()
  void client.connect().catch((error: Error) => tell(error))

  return {
    ask,
    client,
    get isUp() {
      return isUp()
    },
    addresses() {
      if (!(client instanceof Cluster)) return given
      const known = client.nodes().map(({ options: { host, port } }) => ({ ...given[0], host, port }))
      return [...given, ...known] as RedisAddress[]
    },
    async close() {
      clearInterval(heart)
      wasUp = isUp()
      client.removeAllListeners()
      client.on('error', () => undefined)
      client.disconnect()
    },
  }
}

function createSingle(address: RedisAddress): Single {
  return new Single({
    ...connectionOptions,
    ...address,
    lazyConnect: true,
    enableAutoPipelining: true,
    retryStrategy: pauseBefore,
    // The one that could be written to is another now: look again where the name leads.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
}

function createCluster(addresses: RedisAddress[]): Cluster {
  const { host, port, ...access } = addresses[0]!
  const { enableOfflineQueue, ...node } = connectionOptions
  return new Cluster(
    addresses.map(({ host = '', port = 6379 }) => ({ host, port })),
    {
      enableOfflineQueue,
      lazyConnect: true,
      enableAutoPipelining: true,
      clusterRetryStrategy: pauseBefore,
      slotsRefreshTimeout: 2000,
      slotsRefreshInterval: 2000,
      maxRedirections: 4,
      // Trying again is for those who need the answer: here nobody does.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      // A certificate is for the name, which a look-up would lose.
      ...(access.tls ? { dnsLookup: (name, done) => done(null, name) } : {}),
      redisOptions: { ...node, ...access },
    },
  )
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timed out|timeout/i.test(error.message)
}
