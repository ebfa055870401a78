// Likes of one hot post, beside a bare server that writes each as plainly as can be: a row and a counter in a statement.
// Both are asked by the same people over HTTP, and both answer when it is on the disk.
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import type { Id } from '../server/src/platform/ids/ids.ts'
import type { Part, Setting } from './feed-setting.ts'
import { median } from './figures.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'

const inFlight = 64
const rounds = 5
/** More connections wait for the same row; fewer leave the disk idle. The better of the two is the reference. */
const connections = [8, 32]

interface Form {
  name: string
  /** Asked each time: it may have been started anew. */
  server(): MeasuredProcess
  perSecond: number[]
  /** Milliseconds of the server's CPU and of PostgreSQL's for a like. */
  serverCpu: number[]
  databaseCpu: number[]
}

export async function measureLikes(setting: Setting): Promise<Part> {
  const { context, effort, set } = setting
  const likers = (await set.signIn(effort.likes)).map(({ token }) => token)
  const posts = await hotPosts(setting, rounds * (2 + connections.length))
  const formOf = (name: string, server: () => MeasuredProcess): Form => ({
    name,
    server,
    perSecond: [],
    serverCpu: [],
    databaseCpu: [],
  })
  const plain = await Promise.all(connections.map((count) => startPlain(setting, count, likers)))
  const forms = [
    formOf('Heliograph, an event for each and what follows from it', () => setting.ours),
    ...plain.map((server, at) =>
      formOf(`bare server, a statement for each, ${connections[at]} connections`, () => server),
    ),
  ]
  const alone = formOf('Heliograph, events followed by another process at another time', () => setting.ours)
  try {
    for (let round = 0; round < rounds; round++) {
      context.log(`  likes, round ${round + 1} of ${rounds}`)
      for (const form of forms) await likeOne(setting, form, posts.pop()!, likers)
    }
  } finally {
    for (const server of plain) await server.stop()
  }
  await setting.restart({ env: { ROLES: 'web' } })
  for (let round = 0; round < rounds; round++) await likeOne(setting, alone, posts.pop()!, likers)
  await setting.restart()
  const [own, ...others] = forms.map(({ perSecond }) => median(perSecond)) as [number, ...number[]]
  const best = Math.max(...others)
  return {
    tables: [
      {
        title: `Set ${set.name}: likes per second of one post over HTTP, ${inFlight} in flight`,
        columns: [
          'form',
          'likes/s',
          'of the better reference',
          'server, ms CPU each',
          'PostgreSQL, ms CPU each',
        ],
        rows: [...forms, alone].map(({ name, perSecond, serverCpu, databaseCpu }) => [
          name,
          Math.round(median(perSecond)),
          `${(median(perSecond) / best).toFixed(2)}×`,
          median(serverCpu).toFixed(3),
          median(databaseCpu).toFixed(3),
        ]),
      },
    ],
    targets: [
      {
        text: `likes of one hot post: ${(own / best).toFixed(1)}× of one-row updates, at least 3×`,
        isMet: own / best >= 3,
      },
    ],
  }
}

/** Who follows by events is not waited for: it takes its share meanwhile, and of what is measured next. */
async function likeOne(
  { load, databaseCpu }: Setting,
  form: Form,
  post: Id,
  tokens: readonly string[],
): Promise<void> {
  const asks = tokens.map((token) => ({ token, path: `/api/posts/${post}/like`, method: 'PUT' as const }))
  const [serverBefore, databaseBefore] = [await form.server().cpu(), databaseCpu() ?? Number.NaN]
  form.perSecond.push(await perSecond(tokens.length, () => load.all(form.server().url, asks, inFlight)))
  form.serverCpu.push(((await form.server().cpu()) - serverBefore) / tokens.length)
  form.databaseCpu.push(((databaseCpu() ?? Number.NaN) - databaseBefore) / tokens.length)
}

async function startPlain({ set }: Setting, count: number, tokens: readonly string[]) {
  const env = { DATABASE_URL: set.postgres.url, LIKE_CONNECTIONS: String(count) }
  const server = await startMeasured('./feed-reference.ts', env)
  const taken = server.next('taken')
  server.send({ type: 'sessions', tokens })
  await taken
  return server
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
