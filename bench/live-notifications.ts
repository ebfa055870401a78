// The list of notifications, beside a bare server that returns the same bytes from memory.
import { cpuTable, measureCpu, ratioOf } from './feed-cpu.ts'
import type { SignedIn } from './feed-data.ts'
import type { Part } from './feed-setting.ts'
import type { LiveSetting } from './live-setting.ts'
import { startMeasured } from './measured-process.ts'

/** Of the bare server's CPU, with PostgreSQL's. */
const ratioMax = 5
/** Rows of a page, each of another person. */
const rows = 20

export async function measureNotifications(setting: LiveSetting): Promise<Part> {
  const { context, set, one } = setting
  context.log('notifications: people who ask to follow')
  const readers = await begin(setting)
  const env = { DATABASE_URL: set.postgres.url, LOG_LEVEL: 'warn' }
  const reference = await startMeasured('./feed-reference.ts', env)
  try {
    const ask = (path: string) => readers.map(({ token }) => ({ token, path }))
    const costs = await measureCpu(
      {
        ...setting,
        ours: one,
        reference,
        effort: { rounds: setting.effort.rounds, turns: turnsOf(context.isQuick) },
      },
      [
        { name: `page 1 of ${rows} rows`, asks: ask(`/api/notifications?limit=${rows}`), target: ratioMax },
        {
          name: `read from the database each time, ${rows + 1} rows`,
          asks: ask(`/api/notifications?limit=${rows + 1}`),
          target: Number.POSITIVE_INFINITY,
        },
      ],
    )
    const [first] = costs
    const ratio = ratioOf(first!)
    return {
      tables: [cpuTable('List of notifications: CPU per answer, milliseconds', costs)],
      targets: [
        {
          text: `page 1 of notifications: ${ratio.toFixed(1)}× of a bare server of the same bytes, at most ${ratioMax}×`,
          isMet: ratio <= ratioMax,
        },
      ],
    }
  } finally {
    await reference.stop()
  }
}

const turnsOf = (isQuick: boolean) => (isQuick ? 2 : 20)

/** Each is asked by more than a page has rows. */
async function begin({ set, load, one, context }: LiveSetting): Promise<SignedIn[]> {
  const count = context.isQuick ? 2 : 12
  // Some of them follow a reader already.
  const people = await set.signIn(count + 2 * rows)
  const [readers, askers] = [people.slice(0, count), people.slice(count)]
  const names: string[] = []
  for (const { token } of readers) {
    const body = { isPrivate: true }
    const [answer] = await load.all(one.url, [{ token, path: '/api/me', method: 'PATCH', body }], 1)
    names.push((JSON.parse(answer!.body.toString()) as { username: string }).username)
  }
  await load.all(
    one.url,
    askers.flatMap(({ token }) =>
      names.map((name) => ({ token, path: `/api/users/${name}/follow`, method: 'PUT' as const })),
    ),
    4,
  )
  for (const { token } of readers) await untilThere(load, one.url, token)
  return readers
}

/** The list follows from events, a moment later. */
async function untilThere(load: LiveSetting['load'], url: string, token: string): Promise<void> {
  for (;;) {
    const [answer] = await load.all(url, [{ token, path: `/api/notifications?limit=${rows + 1}` }], 1)
    const { items } = JSON.parse(answer!.body.toString()) as { items: unknown[] }
    if (items.length > rows) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
