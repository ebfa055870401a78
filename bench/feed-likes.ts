// Likes of one hot post, beside those that are written by themselves, each a row and one more on the counter: over HTTP, asked
// by the same people, and without it. All are on the disk when they are answered.
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import type { Id } from '../server/src/platform/ids/ids.ts'
import type { SignedIn } from './feed-data.ts'
import type { PlainForm } from './feed-like-forms.ts'
import type { LikesWanted } from './feed-likes-process.ts'
import type { Part, Setting } from './feed-setting.ts'
import { median } from './figures.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'
import type { Table } from './scenario.ts'

const inFlight = 64
const rounds = 5
/** More connections wait for the same row; fewer leave the disk idle. The best of them counts. */
const connections = [8, 16]

interface Form {
  /** `bare`: answered, and nothing is written: what HTTP and the look-up of who asks leave to any form. */
  kind: 'ours' | 'bare' | PlainForm
  name: string
  /** Asked each time: it may have been started anew. */
  server(): MeasuredProcess
  /** Everybody likes this post. */
  like(post: Id): Promise<unknown>
  perSecond: number[]
  /** Milliseconds of the process's CPU and of PostgreSQL's for a like. */
  serverCpu: number[]
  databaseCpu: number[]
}

export async function measureLikes(setting: Setting): Promise<Part> {
  const likers = await setting.set.signIn(setting.effort.likes)
  const posts = await newestPosts(setting)
  const overHttp = await measureOverHttp(setting, likers, posts)
  const inside = await measureInside(setting, likers, posts)
  const name = `Set ${setting.set.name}`
  const [http, alone] = [timesOf(overHttp), timesOf(inside)]
  return {
    tables: [
      tableOf(`${name}: likes per second of one post over HTTP, ${inFlight} in flight`, overHttp),
      tableOf(`${name}: the same without HTTP, ${inFlight} at once`, inside),
    ],
    targets: [
      {
        text:
          `likes of one hot post: ${alone.ours.toFixed(1)}× of one-row updates, at least 3× (over HTTP ` +
          `${http.ours.toFixed(1)}×, where a server that writes nothing at all comes to ${http.bare.toFixed(1)}×)`,
        isMet: alone.ours >= 3,
      },
    ],
  }
}

async function measureOverHttp(
  setting: Setting,
  likers: readonly SignedIn[],
  posts: Iterator<Id>,
): Promise<Form[]> {
  const { load } = setting
  const tokens = likers.map(({ token }) => token)
  const formOf = (kind: Form['kind'], name: string, server: () => MeasuredProcess) =>
    newForm(kind, name, server, (post) => {
      const asks = tokens.map((token) => ({ token, path: `/api/posts/${post}/like`, method: 'PUT' as const }))
      return load.all(server().url, asks, inFlight)
    })
  const plain: Form[] = []
  const ours = () => setting.ours
  const together = formOf('ours', 'Heliograph, an event for each and what follows from it', ours)
  const alone = formOf('ours', 'Heliograph, events followed by another process at another time', ours)
  try {
    for (const kind of ['transaction', 'statement'] as const)
      for (const count of connections) {
        const server = await startPlain(setting, tokens, { LIKE_FORM: kind, LIKE_CONNECTIONS: String(count) })
        plain.push(formOf(kind, `bare server, ${words[kind]}, ${count} connections`, () => server))
      }
    const server = await startPlain(setting, tokens, {})
    plain.push(formOf('bare', 'bare server that writes nothing', () => server))
    await takeTurns(setting, [together, ...plain], posts)
  } finally {
    for (const { server } of plain) await server().stop()
  }
  await setting.restart({ env: { ROLES: 'web' } })
  await takeTurns(setting, [alone], posts)
  await setting.restart()
  return [together, ...plain, alone]
}

/** What commits likes in the server, and the plain form beside it, in one process. */
async function measureInside(
  setting: Setting,
  likers: readonly SignedIn[],
  posts: Iterator<Id>,
): Promise<Form[]> {
  const people = likers.map(({ id }) => id)
  const forms: Form[] = []
  await setting.apart(async (start) => {
    const process = await start({ file: './feed-likes-process.ts', env: { ROLES: 'web' } })
    const formOf = (kind: 'ours' | PlainForm, name: string, count: number) =>
      newForm(
        kind,
        name,
        () => process,
        async (post) => {
          const liked = process.next('liked')
          const wanted: LikesWanted = { form: kind, connections: count, post, people, inFlight }
          process.send({ type: 'like', ...wanted })
          await liked
        },
      )
    forms.push(formOf('ours', 'as Heliograph commits them, an event for each', 0))
    for (const kind of ['transaction', 'statement'] as const)
      for (const count of connections) forms.push(formOf(kind, `${words[kind]}, ${count} connections`, count))
    try {
      await takeTurns(setting, forms, posts)
    } finally {
      await process.stop()
    }
  })
  return forms
}

const words: Record<PlainForm, string> = {
  transaction: 'a transaction of row and counter for each',
  statement: 'a statement of row and counter for each',
}

function newForm(kind: Form['kind'], name: string, server: Form['server'], like: Form['like']): Form {
  return { kind, name, server, like, perSecond: [], serverCpu: [], databaseCpu: [] }
}

/** The first round only warms up. */
async function takeTurns(setting: Setting, forms: readonly Form[], posts: Iterator<Id>): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    setting.context.log(round === 0 ? '  likes, warming up' : `  likes, round ${round} of ${rounds}`)
    for (const form of forms) await likeOne(setting, form, posts.next().value, round > 0)
  }
}

/** Who follows by events is not waited for: it takes its share meanwhile, and of what is measured next. */
async function likeOne(
  { effort, databaseCpu }: Setting,
  form: Form,
  post: Id,
  counts: boolean,
): Promise<void> {
  const [serverBefore, databaseBefore] = [await form.server().cpu(), databaseCpu() ?? Number.NaN]
  const started = performance.now()
  await form.like(post)
  const seconds = (performance.now() - started) / 1000
  if (!counts) return
  form.perSecond.push(effort.likes / seconds)
  form.serverCpu.push(((await form.server().cpu()) - serverBefore) / effort.likes)
  form.databaseCpu.push(((databaseCpu() ?? Number.NaN) - databaseBefore) / effort.likes)
}

async function startPlain({ set }: Setting, tokens: readonly string[], env: Record<string, string>) {
  const server = await startMeasured('./feed-reference.ts', { DATABASE_URL: set.postgres.url, ...env })
  const taken = server.next('taken')
  server.send({ type: 'sessions', tokens })
  await taken
  return server
}

const perSecondOf = (forms: readonly Form[], kind: Form['kind']) =>
  Math.max(0, ...forms.filter((form) => form.kind === kind).map(({ perSecond }) => median(perSecond)))

/** How many times the best of the plain forms ours are, and those of which nothing is written. */
function timesOf(forms: readonly Form[]): { ours: number; bare: number } {
  const plain = Math.max(perSecondOf(forms, 'transaction'), perSecondOf(forms, 'statement'))
  return { ours: median(forms[0]!.perSecond) / plain, bare: perSecondOf(forms, 'bare') / plain }
}

function tableOf(title: string, forms: readonly Form[]): Table {
  const [transaction, statement] = [perSecondOf(forms, 'transaction'), perSecondOf(forms, 'statement')]
  return {
    title,
    columns: [
      'form',
      'likes/s',
      'of the better transactions',
      'of the better statements',
      'process, ms CPU each',
      'PostgreSQL, ms CPU each',
    ],
    rows: forms.map(({ name, perSecond, serverCpu, databaseCpu }) => [
      name,
      Math.round(median(perSecond)),
      `${(median(perSecond) / transaction).toFixed(2)}×`,
      `${(median(perSecond) / statement).toFixed(2)}×`,
      median(serverCpu).toFixed(3),
      median(databaseCpu).toFixed(3),
    ]),
  }
}

/** Those that everybody may see: each is the hot one once. */
async function newestPosts({ set }: Setting): Promise<Iterator<Id>> {
  const client = new pg.Client({ connectionString: set.postgres.url })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: Id }>(
      `select o.post_id::text as id from outboxes o join users u on u.bucket = o.bucket and u.id = o.author_id
       where not u.is_private order by o.feed_id desc limit 200`,
    )
    return rows.map(({ id }) => id).values()
  } finally {
    await client.end()
  }
}
