import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { cacheSuite } from '#platform/cache/cache-suite.ts'
import { createRedisCache } from '#platform/cache/redis-cache.ts'
import type { Bus } from '#platform/live/bus.ts'
import { busSuite } from '#platform/live/bus-suite.ts'
import { createRedisBus } from '#platform/live/redis-bus.ts'
import { startRedis, type TestRedis, withoutRedis } from '../../../test/helpers/redis.ts'
import { until } from '../../../test/helpers/until.ts'
import { createWire } from '../../../test/helpers/wire.ts'
import { createRedis, type Redis } from './redis.ts'

const log = pino({ level: 'silent' })

for (const [name, cluster] of [
  ['single Redis', false],
  ['Redis Cluster', true],
] as const)
  describe(name, { skip: withoutRedis }, () => {
    let server: TestRedis

    before(async () => {
      server = await startRedis({ cluster })
    })
    after(() => server[Symbol.asyncDispose]())

    async function open(t: TestContext, url = server.url): Promise<Redis> {
      const redis = createRedis({ urls: url.split(',') }, log)
      t.after(() => redis.close())
      await until(() => redis.isUp)
      return redis
    }

    async function openBus(t: TestContext, url = server.url, onError = (_: unknown) => {}): Promise<Bus> {
      const bus = createRedisBus({ redis: await open(t, url), prefix: 'test:', onError })
      t.after(() => bus.close())
      await until(() => bus.isUp)
      return bus
    }

    cacheSuite(`cache of ${name}`, async (t) => {
      await server.flush()
      const redis = await open(t)
      return { cache: createRedisCache({ redis, log }), pass: (ms) => sleep(ms), close: () => redis.close() }
    })

    busSuite(`bus of ${name}`, async (t, onError) => ({
      ours: await openBus(t, server.url, onError),
      theirs: await openBus(t, server.url, onError),
    }))

    test('what is kept can be read with redis-cli', async (t) => {
      const cache = createRedisCache({ redis: await open(t), log })
      await cache.set('user:feed:123', ['456', '789'], 60_000)
      assert.equal((await server.cli('get', 'user:feed:123')).trim(), '["456","789"]')
      assert.match(await server.cli('ttl', 'user:feed:123'), /^(59|60)/)
    })

    test('a Redis that is killed never keeps anybody waiting, and all goes on by itself once it is back', async (t) => {
      const cache = createRedisCache({ redis: await open(t), log })
      const [ours, theirs] = [await openBus(t), await openBus(t)]
      const heard: string[] = []
      theirs.subscribe('news', (text) => heard.push(text))
      await cache.set('kept', 1, 60_000)
      await server.kill()
      await until(() => !ours.isUp && !theirs.isUp)
      for (let n = 0; n < 50; n += 1) {
        assert.equal(await cache.get('kept'), undefined)
        await cache.set('kept', 2, 60_000)
        await cache.delete('kept')
        ours.publish('news', 'lost')
      }
      theirs.subscribe('meanwhile', (text) => heard.push(text))
      await server.start()
      await until(() => ours.isUp && theirs.isUp)
      await until(async () => {
        await cache.set('kept', 3, 60_000)
        return (await cache.get('kept')) === 3
      })
      ours.publish('news', 'again')
      ours.publish('meanwhile', 'too')
      await until(() => heard.length >= 2)
      assert.deepEqual(heard.sort(), ['again', 'too'])
    })
  })

describe('a partition between a process and its Redis', { skip: withoutRedis }, () => {
  for (const how of ['cut', 'hush'] as const)
    test(`(${how}) leaves the cache empty, the bus lossy, and nothing outdated behind when it ends`, async (t) => {
      const server = await startRedis()
      const wire = await createWire(server.ports[0]!)
      t.after(() => wire[Symbol.asyncDispose]())
      t.after(() => server[Symbol.asyncDispose]())
      const redis = createRedis({ urls: [`redis://127.0.0.1:${wire.port}`] }, log)
      const bus = createRedisBus({ redis, prefix: '', onError: () => {} })
      t.after(() => redis.close())
      t.after(() => bus.close())
      const heard: string[] = []
      bus.subscribe('news', (text) => heard.push(text))
      await until(() => redis.isUp && bus.isUp)
      const cache = createRedisCache({ redis, log })
      await cache.set('old', 1, 60_000)
      await cache.set('gone', 1, 60_000)
      wire[how]()
      assert.equal(await cache.get('old'), undefined)
      await until(() => !redis.isUp && !bus.isUp)
      await cache.set('old', 2, 60_000)
      await cache.delete('gone')
      assert.equal(await server.cli('get', 'old'), '1\n', 'nothing went through')
      wire.mend()
      await until(() => redis.isUp && bus.isUp)
      assert.equal(await cache.get('old'), undefined)
      assert.equal(await cache.get('gone'), undefined)
      bus.publish('news', 'again')
      await until(() => heard.includes('again'))
    })
})
