// The tray beside a bare server that returns the same bytes, and everybody looking at one Story at once.
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { readToken } from '../server/src/modules/accounts/session-tokens.ts'
import { bucketOf, type Id, idAt } from '../server/src/platform/ids/ids.ts'
import { cpuTable, measureCpu, ratioOf } from './feed-cpu.ts'
import type { SignedIn } from './feed-data.ts'
import type { Ask } from './feed-load.ts'
import type { Part } from './feed-setting.ts'
import type { LiveSetting } from './live-setting.ts'
import { startMeasured } from './measured-process.ts'

/** Times the CPU of a bare server that returns the same bytes. */
const trayMax = 5
const looksAtOnce = 256
/** Of one commit of views, from `begin` to `commit`, with the looks at the Stories and at how the viewers stand. */
const statementsOfCommit = 9

export async function measureTray(setting: LiveSetting): Promise<Part> {
  const { context, effort, set, load, one, databaseCpu } = setting
  const readers = set.readers.map(({ token }) => ({ token, id: readToken(token)!.userId }))
  const { authors, toSee } = await inDatabase(set.postgres.url, async (client) => ({
    authors: await shareStories(
      client,
      readers.map(({ id }) => id),
    ),
    toSee: await Promise.all(readers.map(({ id }) => storiesFor(client, id))),
  }))
  const reference = await startMeasured('./feed-reference.ts', {})
  try {
    const asks = readers.map(({ token }) => ({ token, path: '/api/stories' }))
    const follows = Math.max(...set.readers.map((reader) => reader.follows))
    const rounds = { rounds: effort.rounds, turns: 4 }
    const [again, seen, anew] = await measureCpu(
      { context, effort: rounds, load, ours: one, reference, databaseCpu },
      [
        { name: `the tray, ${follows} follows`, asks, target: trayMax },
        {
          name: 'one of its Stories was seen since',
          asks,
          target: trayMax,
          async before() {
            await load.all(
              one.url,
              readers.map(({ token }, at) => ({
                token,
                path: `/api/stories/${toSee[at]!.pop()}/seen`,
                method: 'PUT' as const,
              })),
              readers.length,
            )
            await delay(afterLooksMs)
          },
        },
        {
          name: 'its owner has muted or unmuted somebody since',
          asks,
          target: Number.POSITIVE_INFINITY,
          before: () => muteInTurn(setting, asks),
        },
      ],
    )
    const costs = [again!, seen!, anew!]
    return {
      tables: [cpuTable('CPU per tray, milliseconds', costs)],
      targets: [again!, seen!].map((cost) => {
        const ratio = ratioOf(cost)
        return {
          text: `the tray for ${follows} follows${cost === seen ? ', one of whose Stories was seen since,' : ''} costs ${ratio.toFixed(1)}× of the same bytes from a bare server, at most ${trayMax}×`,
          isMet: ratio <= trayMax,
        }
      }),
      facts: { 'in the tray': `${authors} people have a Story out` },
    }
  } finally {
    await reference.stop()
  }
}

/** What hangs on a look (signals, word to its author) is not what the tray costs. */
const afterLooksMs = 1500

let isMuting = false

/** Each of the last one in their tray: their posts alone, so that the tray is as long as before. */
async function muteInTurn({ load, one }: LiveSetting, asks: readonly Ask[]): Promise<void> {
  isMuting = !isMuting
  const trays = await load.all(one.url, asks, 1)
  const mutes = trays.map(({ body }, at): Ask => {
    const { items } = JSON.parse(body.toString()) as { items: { user: { username: string } }[] }
    const path = `/api/users/${items.map(({ user }) => user.username).sort()[0]}/mute`
    return { token: asks[at]!.token, path, method: 'PUT', body: { posts: isMuting, stories: false } }
  })
  await load.all(one.url, mutes, asks.length)
  await delay(afterLooksMs)
}

export async function measureViews(setting: LiveSetting): Promise<Part> {
  const { context, set, load, one, other } = setting
  const viewers = await set.signIn(context.isQuick ? 100 : 10_000)
  const author = readToken(set.celebrity.token)!.userId
  const [storyId] = await inDatabase(set.postgres.url, async (client) => {
    const ids = viewers.map(({ token }) => readToken(token)!.userId).filter((id) => id !== author)
    await follow(client, ids, author)
    return await insertStories(client, [author])
  })
  const path = `/api/stories/${storyId}/seen`
  const asks = viewers.map(({ token }): Ask => ({ token, path, method: 'PUT' }))
  context.log(`${asks.length} people look at one Story`)
  const began = performance.now()
  const half = Math.ceil(asks.length / 2)
  // At both processes, and everybody twice: as when an answer was lost.
  for (const turn of [0, 1])
    await Promise.all([
      load.all([one, other][turn]!.url, asks.slice(0, half), looksAtOnce / 2),
      load.all([other, one][turn]!.url, asks.slice(half), looksAtOnce / 2),
    ])
  const seconds = (performance.now() - began) / 1000
  const found = await inDatabase(set.postgres.url, (client) => countViews(client, storyId!))
  const told = await viewCount(setting, set.celebrity, storyId!)
  const lost = asks.length - found.rows
  const statements = (found.commits * statementsOfCommit) / asks.length
  return {
    tables: [
      {
        title: `${asks.length} people look at one Story in a burst, each twice, at two processes`,
        columns: [
          'views acknowledged',
          'rows',
          'told to its author',
          'lost',
          'double',
          'commits',
          'statements a view',
          'looks/s',
        ],
        rows: [
          [
            asks.length,
            found.rows,
            told,
            lost,
            found.told - found.rows,
            found.commits,
            statements.toFixed(2),
            Math.round((2 * asks.length) / seconds),
          ],
        ],
      },
    ],
    targets: [
      {
        text: `of ${asks.length} views ${lost} are lost and ${told - asks.length} are counted twice`,
        isMet: lost === 0 && told === asks.length && found.told === found.rows,
      },
    ],
  }
}

async function inDatabase<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Everybody whom they follow has one out. */
async function shareStories(client: pg.Client, readers: readonly Id[]): Promise<number> {
  const { rows } = await client.query<{ id: Id }>(
    'select distinct followed_id as id from following where follower_id = any($1::bigint[])',
    [readers],
  )
  await insertStories(
    client,
    rows.map(({ id }) => id),
  )
  return rows.length
}

/** That somebody follows has out. */
async function storiesFor(client: pg.Client, reader: Id): Promise<Id[]> {
  const { rows } = await client.query<{ id: Id }>(
    `select s.id from following f join stories s on s.author_id = f.followed_id
     where f.bucket = $1 and f.follower_id = $2`,
    [bucketOf(reader), reader],
  )
  return rows.map(({ id }) => id)
}

let made = 0

async function insertStories(client: pg.Client, authors: readonly Id[]): Promise<Id[]> {
  const start = Date.now() - 3_600_000
  const ids = authors.map((author) => {
    made++
    return idAt(start + Math.floor(made / 32), bucketOf(author), 122, made % 32)
  })
  await client.query(
    `insert into stories (bucket, id, author_id, media_id, audience, status, fit, alt_text, overlays, archived,
       created_at, published_at, expires_at)
     select bucket, id, author, id, 'followers', 'ready', 'fit', '', '[]', false, $4, $4, $5
     from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as s(bucket, id, author)`,
    [authors.map(bucketOf), ids, authors, new Date(start), new Date(start + 86_400_000)],
  )
  return ids
}

async function follow(client: pg.Client, followers: readonly Id[], author: Id): Promise<void> {
  const ids = followers.map((follower, n) => [
    idAt(Date.now() - 7_200_000 + Math.floor(n / 32), bucketOf(follower), 122, n % 32),
    idAt(Date.now() - 7_200_000 + Math.floor(n / 32), bucketOf(author), 122, n % 32),
  ])
  const buckets = followers.map(bucketOf)
  await client.query(
    `insert into following (bucket, follower_id, followed_id, id, created_at)
     select bucket, follower, $4, id, now() from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as f(bucket, follower, id)
     on conflict do nothing`,
    [buckets, followers, ids.map(([own]) => own), author],
  )
  await client.query(
    `insert into followers (bucket, followed_id, follower_id, id, created_at)
     select $3, $4, follower, id, now() from unnest($1::bigint[], $2::bigint[]) as f(follower, id)
     on conflict do nothing`,
    [followers, ids.map(([, theirs]) => theirs), bucketOf(author), author],
  )
}

async function countViews(client: pg.Client, storyId: Id) {
  const { rows } = await client.query<{ rows: number; commits: number; told: number }>(
    `select (select count(*)::integer from story_views where bucket = $2 and story_id = $1) as rows,
       count(*)::integer as commits, coalesce(sum(jsonb_array_length(data -> 'viewerIds')), 0)::integer as told
     from events where bucket = $2 and kind = 'stories.seen' and subject_id = $1`,
    [storyId, bucketOf(storyId)],
  )
  return rows[0]!
}

async function viewCount({ load, one }: LiveSetting, { token }: SignedIn, storyId: Id): Promise<number> {
  const answer = await load.ask(one.url, { token, path: `/api/stories/${storyId}/viewers` })
  return (JSON.parse(answer.body.toString()) as { viewCount: number }).viewCount
}
