import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Between a process and what it connects to: can be cut, as cables and firewalls do it. */
export interface Wire extends AsyncDisposable {
  readonly port: number
  /** Connections break at once, new ones too. */
  cut(): void
  /** Nothing goes through any more, and nobody is told. */
  hush(): void
  /** As before; what was hushed up meanwhile is lost with its connections. */
  mend(): void
}

export async function createWire(target: number): Promise<Wire> {
  const pairs = new Set<[Socket, Socket]>()
  let state: 'whole' | 'cut' | 'hushed' = 'whole'

  const server = createServer((near) => {
    if (state === 'cut') return void near.resetAndDestroy()
    const far = connect(target, '127.0.0.1')
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => {
        if (state === 'whole') to.write(chunk)
      })
      from.on('error', end)
      from.on('close', end)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const breakAll = () => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy()
      far.destroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut'
      breakAll()
    },
    hush() {
      state = 'hushed'
    },
    mend() {
      if (state === 'hushed') breakAll()
      state = 'whole'
    },
    async [Symbol.asyncDispose]() {
      breakAll()
      server.close()
      await once(server, 'close')
    },
  }
}
