// Messages a second, each on the disk before it is answered, beside a bare server that inserts one row for each.
import { performance } from 'node:perf_hooks'
import type { SignedIn } from './feed-data.ts'
import type { Ask } from './feed-load.ts'
import type { Part } from './feed-setting.ts'
import { median } from './figures.ts'
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
}

export async function measureDurable(setting: LiveSetting): Promise<Part> {
  const { context, effort, one, bare } = setting
  const writers = await setting.set.signIn(2 * pairs)
  const conversations = await begin(setting, writers)
  await admitToBare(setting, writers)
  const forms: Form[] = [
    { name: `Heliograph, ${pairs} conversations`, url: one.url, path: spread(conversations), perSecond: [] },
    { name: 'Heliograph, one conversation', url: one.url, path: () => conversations[0]!, perSecond: [] },
    {
      name: 'bare server, one row for each by one statement',
      url: bare.url,
      path: (pair) => `/messages/${pair}`,
      perSecond: [],
    },
  ]
  for (let round = 0; round <= effort.rounds; round++) {
    context.log(round === 0 ? 'messages: warming up' : `messages: round ${round} of ${effort.rounds}`)
    for (const form of forms) {
      const figure = await write(setting, form, writers)
      if (round > 0) form.perSecond.push(figure)
    }
  }
  const best = median(forms.at(-1)!.perSecond)
  return {
    tables: [
      {
        title: `Messages a second over HTTP, each on the disk before it is answered, ${inFlight} in flight`,
        columns: ['form', 'messages/s', 'of the bare server'],
        rows: forms.map(({ name, perSecond }) => [
          name,
          Math.round(median(perSecond)),
          `${(median(perSecond) / best).toFixed(2)}×`,
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

async function admitToBare({ bare }: LiveSetting, writers: readonly SignedIn[]): Promise<void> {
  const taken = bare.next('taken')
  bare.send({ type: 'sessions', tokens: writers.map(({ token }) => token) })
  await taken
}

/** In one conversation both of its people write; in many, both of each. */
async function write(
  { load, effort }: LiveSetting,
  { url, path, perSecond: _ }: Form,
  writers: readonly SignedIn[],
): Promise<number> {
  const isOne = path(0) === path(1)
  const asks = Array.from({ length: effort.burst }, (_, n): Ask => {
    const pair = isOne ? 0 : n % pairs
    const writer = writers[2 * pair + (Math.floor(n / pairs) % 2)]!
    return { token: writer.token, path: path(pair), method: 'POST', body: message(`A word, number ${n}`) }
  })
  const began = performance.now()
  await load.all(url, asks, inFlight)
  return (asks.length / (performance.now() - began)) * 1000
}
