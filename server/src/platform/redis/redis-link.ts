import { Redis as Single } from 'ioredis'
import { connectionOptions, pauseBefore, type RedisAddress } from './redis-options.ts'

/**
 * One connection of one's own to some node, for what is about a connection and not about keys: publishing in order and
 * subscribing. When it breaks or falls silent, the next node is tried.
 */
export interface RedisLink {
  /** Connected, though perhaps not prepared yet; undefined while there is none. */
  readonly client: Single | undefined
  readonly isUp: boolean
  close(): void
}

export interface RedisLinkOptions {
  addresses(): RedisAddress[]
  /** The link is up once this is done; when it rejects, the link is made anew. */
  prepare?(client: Single): Promise<void>
}

const beatMs = 1000

export function createRedisLink({ addresses, prepare }: RedisLinkOptions): RedisLink {
  let current: Single | undefined
  let connected: Single | undefined
  let isUp = false
  let attempt = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function begin(): Promise<void> {
    const known = addresses()
    const address = known[attempt % known.length]!
    const client = new Single({ ...connectionOptions, ...address, lazyConnect: true, retryStrategy: null })
    current = client
    client.on('error', () => undefined)
    client.once('end', again)
    try {
      await client.connect()
      connected = client
      await prepare?.(client)
      isUp = client.status === 'ready'
      if (isUp) attempt = 0
    } catch {
      client.disconnect()
    }
  }

  function again(): void {
    isUp = false
    connected = undefined
    current = undefined
    if (closed) return
    attempt += 1
    timer = setTimeout(begin, pauseBefore(attempt))
    timer.unref()
  }

  const heart = setInterval(() => connected?.ping().catch(() => current?.disconnect()), beatMs)
  heart.unref()
  void begin()

  return {
    get client() {
      return connected
    },
    get isUp() {
      return isUp
    },
    close() {
      closed = true
      clearInterval(heart)
      clearTimeout(timer)
      isUp = false
      connected = undefined
      current?.disconnect()
    },
  }
}
