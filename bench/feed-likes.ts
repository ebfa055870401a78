// Likes of one hot post: over the API, beside the plainest durable form, a row and a counter per like.
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import { bucketOf, type Id, idAt } from '../server/src/platform/ids/ids.ts'
import type { SignedIn } from './feed-data.ts'
import type { Part, Setting } from './feed-setting.ts'
import { median } from './figures.ts'

const inFlight = 64
const rounds = 3
/** More connections wait for the same row; fewer leave the disk idle. The better of the two is the reference. */
const connections = [16, 64]

export async function measureLikes(setting: Setting): Promise<Part> {
  const { context, effort, set, ours, load } = setting
  const likers = await set.signIn(effort.likes)
  const posts = await hotPosts(setting, rounds * (1 + connections.length))
  const own: number[] = []
  const plain = connections.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    context.log(`  likes, round ${round + 1} of ${rounds}`)
    const hot = posts.pop()!
    const asks = likers.map(({ token }) => ({
      token,
      path: `/api/posts/${hot}/like`,
      method: 'PUT' as const,
    }))
    own.push(await perSecond(likers.length, () => load.all(ours.url, asks, inFlight)))
    for (const [at, count] of connections.entries())
      plain[at]!.push(await perSecond(likers.length, () => likePlainly(setting, posts.pop()!, likers, count)))
  }
  const best = Math.max(...plain.map(median))
  const ratio = median(own) / best
  return {
    tables: [
      {
        title: `Set ${set.name}: likes per second of one post, ${inFlight} in flight`,
        columns: ['form', 'likes/s', 'of the better reference'],
        rows: [
          ['Heliograph, over HTTP with session and event', median(own), ratio],
          ...connections.map((count, at) => [
            `a statement of its own for each, ${count} connections, no HTTP`,
            median(plain[at]!),
            median(plain[at]!) / best,
          ]),
        ].map(([form, rate, of]) => [
          form as string,
          Math.round(rate as number),
          `${(of as number).toFixed(2)}×`,
        ]),
      },
    ],
    targets: [
      {
        text: `likes of one hot post: ${ratio.toFixed(1)}× of one-row updates, at least 3×`,
        isMet: ratio >= 3,
      },
    ],
  }
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (count / (performance.now() - started)) * 1000
}

/** New ones that everybody may see. */
async function hotPosts({ set }: Setting, count: number): Promise<Id[]> {
  const client = new pg.Client({ connectionString: set.postgres.url })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: Id }>(
      `select o.post_id::text as id from outboxes o join users u on u.bucket = o.bucket and u.id = o.author_id
       where not u.is_private order by o.feed_id desc limit $1`,
      [count],
    )
    return rows.map(({ id }) => id)
  } finally {
    await client.end()
  }
}

/** Row and counter in one statement, committed by itself: one round trip, one flush. */
async function likePlainly(
  { set }: Setting,
  post: Id,
  likers: readonly SignedIn[],
  size: number,
): Promise<void> {
  const pool = new pg.Pool({ connectionString: set.postgres.url, max: size })
  const bucket = bucketOf(post)
  const now = Date.now()
  let next = 0
  const work = async () => {
    while (next < likers.length) {
      const n = next++
      await pool.query({
        name: 'plain_like',
        text: `with liked as (
                 insert into likes (bucket, post_id, user_id, id, created_at) values ($1, $2, $3, $4, $5)
                 on conflict (bucket, post_id, user_id) do nothing returning 1)
               update post_counts set like_count = like_count + (select count(*) from liked)
               where bucket = $1 and post_id = $2`,
        values: [bucket, post, likers[n]!.id, idAt(now - 60_000 + n, bucket, 123, n % 32), new Date(now)],
      })
    }
  }
  try {
    await Promise.all(Array.from({ length: inFlight }, work))
  } finally {
    await pool.end()
  }
}
