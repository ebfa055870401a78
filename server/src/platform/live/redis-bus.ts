import type { Redis } from '#platform/redis/redis.ts'
import { createRedisLink } from '#platform/redis/redis-link.ts'
import { type Bus, createHandlers } from './bus.ts'

export interface RedisBusOptions {
  redis: Pick<Redis, 'addresses'>
  /** Before each channel: Redis tells its channels to everybody, whatever the number of the database. */
  prefix: string
  onError(error: unknown): void
}

/** Words over Redis, by a connection for each direction, so that they arrive in the order in which they were said. */
export function createRedisBus({ redis, prefix, onError }: RedisBusOptions): Bus {
  const { addresses } = redis
  const handlers = createHandlers(onError, {
    begin: (channel) => void hear.client?.subscribe(prefix + channel).catch(onError),
    end: (channel) => void hear.client?.unsubscribe(prefix + channel).catch(onError),
  })
  const say = createRedisLink({ addresses })
  const hear = createRedisLink({
    addresses,
    async prepare(client) {
      client.on('message', (channel, text) => handlers.call(channel.slice(prefix.length), text))
      const channels = handlers.channels()
      if (channels.length > 0) await client.subscribe(...channels.map((channel) => prefix + channel))
    },
  })
  return {
    publish: (channel, text) => void say.client?.publish(prefix + channel, text).catch(() => undefined),
    subscribe: (channel, handler) => handlers.add(channel, handler),
    get isUp() {
      return say.isUp && hear.isUp
    },
    async close() {
      handlers.clear()
      say.close()
      hear.close()
    },
  }
}
