// What a socket costs that listens and hears nothing, beside one of a bare websocket server.
import type { Part } from './feed-setting.ts'
import type { OpenOrder } from './live-clients.ts'
import type { LiveSetting } from './live-setting.ts'
import { type MeasuredProcess, startMeasured } from './measured-process.ts'

const mostOfBare = 1.5

/** Sessions are kept in memory for people who use the app, sockets or not: each was used once before. */
export async function measureMemory(setting: LiveSetting): Promise<Part> {
  const { context, effort, set, load, other, bareOther } = setting
  context.log(`memory of ${effort.sockets} sockets`)
  const people = await set.signIn(effort.sockets)
  const tokens = people.map(({ token }) => token)
  await load.all(
    other.url,
    tokens.map((token) => ({ token, path: '/api/me' })),
    16,
  )
  const clients = await startMeasured('./live-clients.ts', {})
  try {
    const bare = await costOf(clients, bareOther, '/', tokens)
    const ours = await costOf(clients, other, '/api/live', tokens)
    // What a process has of the system's memory goes by what it did before; the heap does not.
    const ratio = ours.used / bare.used
    return {
      tables: [
        {
          title: `Memory of an idle socket, mean of ${effort.sockets}, after collecting garbage, KiB`,
          columns: ['server', 'heap and buffers', 'whole process'],
          rows: [
            ['Heliograph', kib(ours.used), kib(ours.rss)],
            ['bare ws', kib(bare.used), kib(bare.rss)],
            ['ratio', `${ratio.toFixed(2)}×`, `${(ours.rss / bare.rss).toFixed(2)}×`],
          ],
        },
      ],
      targets: [
        {
          text: `heap and buffers of an idle socket: ${ratio.toFixed(2)}× of a bare one, at most ${mostOfBare}×`,
          isMet: ratio <= mostOfBare,
        },
      ],
    }
  } finally {
    await clients.stop()
  }
}

async function costOf(
  clients: MeasuredProcess,
  server: MeasuredProcess,
  path: string,
  tokens: readonly string[],
): Promise<{ rss: number; used: number }> {
  const before = await server.memory()
  const opened = clients.next('opened')
  clients.send({ type: 'open', url: server.url.replace('http', 'ws') + path, tokens } satisfies OpenOrder)
  await opened
  const after = await server.memory()
  const left = clients.next('left')
  clients.send({ type: 'leave' })
  await left
  return {
    rss: (after.rss - before.rss) / tokens.length,
    used: (after.used - before.used) / tokens.length,
  }
}

const kib = (bytes: number) => (bytes / 1024).toFixed(1)
