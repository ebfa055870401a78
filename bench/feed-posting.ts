// What a new post costs by its author's fame, and how long it takes until another process shows it.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis, withoutRedis } from '../server/test/helpers/redis.ts'
import type { SignedIn } from './feed-data.ts'
import { obscureFollowers } from './feed-graph.ts'
import { firstPage, type Part, type Setting } from './feed-setting.ts'
import { mean, median, quantile } from './figures.ts'

interface Costs {
  posting: number[]
  reading: number[]
}

const readsPerPost = 20
const pollMs = 2

/** Batches take turns; each post is followed by reads of the same five people, who follow both. */
export async function measureFame(setting: Setting): Promise<Part> {
  const { context, effort, set, load, ours } = setting
  context.log('  posts by the celebrity and by the obscure')
  const followers = set.readers.slice(0, obscureFollowers)
  const authors = [set.celebrity, set.obscure]
  const uploads = await Promise.all(authors.map(({ id }) => set.uploadsOf(id, effort.posts + 1)))
  const costs = authors.map((): Costs => ({ posting: [], reading: [] }))
  for (let n = 0; n <= effort.posts; n++)
    for (const [who, author] of authors.entries()) {
      const before = await cpuNow(setting)
      const id = await post(setting, ours.url, author, uploads[who]![n]!)
      await untilShown(setting, ours.url, followers[0]!, id)
      const between = await cpuNow(setting)
      const reads = Array.from({ length: readsPerPost }, (_, i) =>
        firstPage(followers[i % followers.length]!),
      )
      await load.all(ours.url, reads, 1)
      // The first of each only warms up.
      if (n === 0) continue
      costs[who]!.posting.push(between - before)
      costs[who]!.reading.push(((await cpuNow(setting)) - between) / reads.length)
    }
  const [famous, unknown] = costs as [Costs, Costs]
  const ratio = (of: keyof Costs) => median(famous[of]) / median(unknown[of])
  const half = Math.floor(set.size.people / 2)
  return {
    tables: [
      {
        title: `Set ${set.name}: a post by its author's followers, milliseconds of CPU (Heliograph and PostgreSQL)`,
        columns: ['what', `${half} followers`, `${obscureFollowers} followers`, 'ratio'],
        rows: (['reading', 'posting'] as const).map((of) => [
          of === 'reading' ? 'page 1 after it, per page' : 'posting until followers see it',
          median(famous[of]).toFixed(3),
          median(unknown[of]).toFixed(3),
          `${ratio(of).toFixed(2)}×`,
        ]),
      },
    ],
    targets: [
      {
        text: `set ${set.name}, reading after a post by someone with ${half} followers: ${ratio('reading').toFixed(2)}× of one with ${obscureFollowers}, at most 1.2×`,
        isMet: ratio('reading') <= 1.2,
      },
    ],
  }
}

async function cpuNow({ ours, databaseCpu }: Setting): Promise<number> {
  return (await ours.cpu()) + (databaseCpu() ?? 0)
}

export async function post(
  { load }: Setting,
  url: string,
  { token }: SignedIn,
  uploadId: string,
): Promise<string> {
  const body = { caption: 'A moment of today', media: [{ uploadId }] }
  const [answer] = await load.all(url, [{ token, path: '/api/posts', method: 'POST', body }], 1)
  return (JSON.parse(answer!.body.toString()) as { id: string }).id
}

export function untilShown(setting: Setting, url: string, reader: SignedIn, id: string): Promise<void> {
  return untilFeed(setting, url, reader, (ids) => ids.has(id))
}

export function untilGone(setting: Setting, url: string, reader: SignedIn, id: string): Promise<void> {
  return untilFeed(setting, url, reader, (ids) => !ids.has(id))
}

async function untilFeed(
  { load }: Setting,
  url: string,
  reader: SignedIn,
  isSo: (ids: ReadonlySet<string>) => boolean,
): Promise<void> {
  const ask = { token: reader.token, path: '/api/feed?mode=chronological&limit=5' }
  const giveUp = performance.now() + 30_000
  for (;;) {
    const [answer] = await load.all(url, [ask], 1)
    const { items } = JSON.parse(answer!.body.toString()) as { items: { id: string }[] }
    if (isSo(new Set(items.map((item) => item.id)))) return
    if (performance.now() > giveUp)
      throw new Error('A change has not come into a follower’s feed within 30 s')
    await sleep(pollMs)
  }
}

/** From the answer to POST until the feed of another process has it; of the same one where Redis is missing. */
export async function measureLag(setting: Setting): Promise<Part> {
  const { context, effort, set } = setting
  context.log('  lag of new posts')
  const { url } = setting.ours
  const rows = [['the same process', await lags(url, url)]] as [string, number[]][]
  if (withoutRedis === false) {
    await using redis = await startRedis()
    const env = { REDIS_URL: redis.url }
    await setting.apart(async (start) => {
      const one = await start({ env })
      try {
        const other = await start({ env: { ...env, ROLES: 'web' } })
        rows.push(['another process, over Redis', await lags(one.url, other.url).finally(other.stop)])
      } finally {
        await one.stop()
      }
    })
  }
  return {
    tables: [
      {
        title: `Set ${set.name}: from the answer to POST until a follower's feed has it, milliseconds`,
        columns: ['feed of', 'p50', 'p99', 'mean'],
        rows: rows.map(([name, waits]) => [
          name,
          quantile(waits, 0.5).toFixed(0),
          quantile(waits, 0.99).toFixed(0),
          mean(waits).toFixed(0),
        ]),
      },
    ],
  }

  async function lags(from: string, to: string): Promise<number[]> {
    const waits: number[] = []
    // The first only warms up.
    for (const uploadId of await set.uploadsOf(set.obscure.id, effort.lags + 1)) {
      const id = await post(setting, from, set.obscure, uploadId)
      const answered = performance.now()
      await untilShown(setting, to, set.readers[0]!, id)
      waits.push(performance.now() - answered)
    }
    return waits.slice(1)
  }
}
