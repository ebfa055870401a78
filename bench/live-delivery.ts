// From the moment somebody sends until the other person has it, through two processes, beside a bare echo over the same Redis.
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { WebSocket } from 'ws'
import type { SignedIn } from './feed-data.ts'
import type { Part } from './feed-setting.ts'
import { quantile } from './figures.ts'
import type { LiveSetting } from './live-setting.ts'

interface Waits {
  /** The sender is answered: it is durable. */
  accepted: number[]
  /** The other one's socket, at another process, has the word. */
  told: number[]
  /** And has read the message over REST there. */
  read: number[]
  /** A frame to one bare process until the other's client has it. */
  bare: number[]
  /** The same with a row on the disk before it is passed on. */
  kept: number[]
}

export async function measureDelivery(setting: LiveSetting): Promise<Part> {
  const { context, effort } = setting
  const [ana, ben] = (await setting.set.signIn(2)) as [SignedIn, SignedIn]
  const talk = await converse(setting, ana, ben)
  const echo = await openEcho(setting)
  const empty = (): Waits => ({ accepted: [], told: [], read: [], bare: [], kept: [] })
  const waits = empty()
  try {
    for (let round = 0; round <= effort.rounds; round++) {
      context.log(round === 0 ? 'delivery: warming up' : `delivery: round ${round} of ${effort.rounds}`)
      const into = round === 0 ? empty() : waits
      for (let n = 0; n < effort.messages; n++) into.bare.push(await echo.once(`${round}.${n}`))
      for (let n = 0; n < effort.messages; n++) into.kept.push(await echo.once(`keep ${round}.${n}`))
      for (let n = 0; n < effort.messages; n++) await talk.once(into)
    }
  } finally {
    echo.close()
    talk.close()
  }
  const ratio = (of: keyof Waits, beside: keyof Waits, share: number) =>
    `${(quantile(waits[of], share) / quantile(waits[beside], share)).toFixed(1)}×`
  const row = (name: string, of: keyof Waits) => [
    name,
    ...[0.5, 0.99].map((share) => quantile(waits[of], share).toFixed(2)),
    ...[0.5, 0.99].map((share) => ratio(of, 'bare', share)),
    ...[0.5, 0.99].map((share) => ratio(of, 'kept', share)),
  ]
  return {
    tables: [
      {
        title: 'From sending to receiving through two processes, one after the other, milliseconds',
        columns: ['until', 'p50', 'p99', 'of bare, p50', 'p99', 'of bare that keeps, p50', 'p99'],
        rows: [
          row('the sender is answered: it is on the disk', 'accepted'),
          row('the other one is told', 'told'),
          row('the other one has read it', 'read'),
          row('bare ws over the same Redis, nothing kept', 'bare'),
          row('the same, one row on the disk before it is passed on', 'kept'),
        ],
      },
    ],
  }
}

/** Ana writes at one process; Ben listens and reads at the other. */
async function converse({ one, other, load }: LiveSetting, ana: SignedIn, ben: SignedIn) {
  const ask = async <T>(url: string, what: Parameters<typeof load.ask>[1]): Promise<T> => {
    const [answer] = await load.all(url, [what], 1)
    return JSON.parse(answer!.body.toString()) as T
  }
  const { username } = await ask<{ username: string }>(one.url, { token: ben.token, path: '/api/me' })
  const begun = await ask<{ id: string; version: number }>(one.url, {
    token: ana.token,
    path: '/api/conversations',
    method: 'POST',
    body: { members: [username] },
  })
  const path = `/api/conversations/${begun.id}`
  await ask(one.url, { token: ana.token, path: `${path}/messages`, method: 'POST', body: message('first') })
  // Requests show no marks and no media: between people who know each other there are none.
  await ask(one.url, { token: ben.token, path: `${path}/accept`, method: 'PUT' })
  const socket = await listen(other.url, ben.token)
  let [n, version] = [0, 0]
  return {
    async once(into: Waits) {
      const told = word(socket, (text) => text.includes('"message.new"') && text.includes(begun.id))
      const sent = performance.now()
      const body = message(`A word for you, number ${n++}`)
      const accepted = ask(one.url, {
        token: ana.token,
        path: `${path}/messages`,
        method: 'POST',
        body,
      }).then(() => into.accepted.push(performance.now() - sent))
      await told
      into.told.push(performance.now() - sent)
      const page = await ask<{ version: number }>(other.url, {
        token: ben.token,
        path: `${path}/messages?after=${version}`,
      })
      into.read.push(performance.now() - sent)
      version = page.version
      await accepted
    },
    close: () => socket.terminate(),
  }
}

async function openEcho({ bare, bareOther }: LiveSetting) {
  const [from, to] = await Promise.all([listen(bare.url), listen(bareOther.url)])
  return {
    async once(text: string): Promise<number> {
      const heard = word(to, (other) => other === text)
      const sent = performance.now()
      from.send(text)
      await heard
      return performance.now() - sent
    },
    close() {
      from.terminate()
      to.terminate()
    },
  }
}

let made = 0
export const message = (text: string) => ({ clientId: `bench-${process.pid}-${++made}`, text })

async function listen(url: string, token?: string): Promise<WebSocket> {
  const path = token === undefined ? '/' : '/api/live'
  const socket = new WebSocket(url.replace('http', 'ws') + path, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  await once(socket, 'open')
  return socket
}

function word(socket: WebSocket, isIt: (text: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const hear = (data: unknown) => {
      if (!isIt(String(data))) return
      socket.off('message', hear)
      resolve()
    }
    socket.on('message', hear)
  })
}
