// Messages a second, each on the disk before it is answered, beside a bare server that inserts one row for each.
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import type { SignedIn } from './feed-data.ts'
import type { Ask } from './feed-load.ts'
import type { Part } from './feed-setting.ts'
import { mean, median } from './figures.ts'
import { message } from './live-delivery.ts'
import type { LiveSetting } from './live-setting.ts'

const inFlight = 64
/** People who write to each other, two by two. */
const pairs = 32

interface Form {
  name: string
  url: string
  path(pair: number): string
  perSecond: number[]
  /** Milliseconds of CPU each, over all rounds. */
  server: number[]
  database: number[]
}

export async function measureDurable(setting: LiveSetting): Promise<Part> {
  const { context, effort, bare } = setting
  const writers = await setting.set.signIn(2 * pairs)
  const conversations = await begin(setting, writers)
  await admitToBare(setting, writers)
  const form = (name: string, url: string, path: Form['path']): Form => ({
    ...{ name, url, path },
    ...{ perSecond: [], server: [], database: [] },
  })
  const forms = [
    form(`Heliograph, ${pairs} conversations`, setting.one.url, spread(conversations)),
    form('Heliograph, one conversation', setting.one.url, () => conversations[0]!),
    form('bare server, one row for each by one statement', bare.url, (pair) => `/messages/${pair}`),
  ]
  for (let round = 0; round <= effort.rounds; round++) {
    if (round === 1) await analyze(setting)
    context.log(round === 0 ? 'messages: warming up' : `messages: round ${round} of ${effort.rounds}`)
    for (const one of forms) {
      const written = await write(setting, one, writers)
      if (round === 0) continue
      one.perSecond.push(written.perSecond)
      one.server.push(written.server)
      one.database.push(written.database)
    }
  }
  const best = median(forms.at(-1)!.perSecond)
  return {
    tables: [
      {
        title: `Messages a second over HTTP, each on the disk before it is answered, ${inFlight} in flight`,
        columns: [
          ...['form', 'messages/s', 'of the bare server'],
          ...['CPU of the servers each, ms', 'CPU of PostgreSQL each, ms'],
        ],
        rows: forms.map(({ name, perSecond, server, database }) => [
          name,
          Math.round(median(perSecond)),
          `${(median(perSecond) / best).toFixed(2)}×`,
          median(server).toFixed(3),
          // Its clock may be coarse: what counts is the sum over all rounds.
          Number.isNaN(mean(database)) ? '–' : mean(database).toFixed(3),
        ]),
      },
    ],
  }
}

const spread = (conversations: readonly string[]) => (pair: number) => conversations[pair]!

async function begin({ load, one }: LiveSetting, writers: readonly SignedIn[]): Promise<string[]> {
  const ask = async <T>(what: Ask) => {
    const [answer] = await load.all(one.url, [what], 1)
    return JSON.parse(answer!.body.toString()) as T
  }
  const paths: string[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const [from, to] = [writers[2 * pair]!, writers[2 * pair + 1]!]
    const { username } = await ask<{ username: string }>({ token: to.token, path: '/api/me' })
    const body = { members: [username] }
    const { id } = await ask<{ id: string }>({
      token: from.token,
      path: '/api/conversations',
      method: 'POST',
      body,
    })
    const path = `/api/conversations/${id}/messages`
    await ask({ token: from.token, path, method: 'POST', body: message('first') })
    await ask({ token: to.token, path: `/api/conversations/${id}/accept`, method: 'PUT' })
    paths.push(path)
  }
  return paths
}

/**
 * As PostgreSQL does by itself in the first minute. Until then it takes the tables that were empty a moment ago for empty, reads them
 * whole for a single message, and what is measured is how many the round before has left in them.
 */
async function analyze({ set }: LiveSetting): Promise<void> {
  const client = new pg.Client({ connectionString: set.postgres.url })
  await client.connect()
  await client.query('analyze messages, conversations, conversation_members, inbox, events, bench_messages')
  await client.end()
}

async function admitToBare({ bare }: LiveSetting, writers: readonly SignedIn[]): Promise<void> {
  const taken = bare.next('taken')
  bare.send({ type: 'sessions', tokens: writers.map(({ token }) => token) })
  await taken
}

interface Written {
  perSecond: number
  server: number
  database: number
}

/** In one conversation both of its people write; in many, both of each. */
async function write(
  { load, effort, one, other, bare, databaseCpu }: LiveSetting,
  { url, path }: Form,
  writers: readonly SignedIn[],
): Promise<Written> {
  const isOne = path(0) === path(1)
  const asks = Array.from({ length: effort.burst }, (_, n): Ask => {
    const pair = isOne ? 0 : n % pairs
    const writer = writers[2 * pair + (Math.floor(n / pairs) % 2)]!
    return { token: writer.token, path: path(pair), method: 'POST', body: message(`A word, number ${n}`) }
  })
  const servers = url === bare.url ? [bare] : [one, other]
  const used = async () => ({
    server: (await Promise.all(servers.map((server) => server.cpu()))).reduce((sum, cpu) => sum + cpu, 0),
    database: databaseCpu() ?? Number.NaN,
  })
  const [before, began] = [await used(), performance.now()]
  await load.all(url, asks, inFlight)
  const [took, after] = [performance.now() - began, await used()]
  return {
    perSecond: (asks.length / took) * 1000,
    server: (after.server - before.server) / asks.length,
    database: (after.database - before.database) / asks.length,
  }
}
