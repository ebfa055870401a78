import net from 'node:net'

/** The line between a phone and the server, which can be cut in the middle of anything. */
export interface Line {
  url: string
  /** Ends what is under way and lets nothing through; `afterBytes`: as soon as the phone has sent that many more. */
  cut(afterBytes?: number): Promise<void>
  mend(): void
  /** Changes one byte on its way to the server, so many from now. */
  spoil(afterBytes: number): void
  [Symbol.asyncDispose](): Promise<void>
}

export async function openLine(serverUrl: string): Promise<Line> {
  const target = new URL(serverUrl)
  const sockets = new Set<net.Socket>()
  let isCut = false
  let left = Number.POSITIVE_INFINITY
  let spoiledAt = Number.POSITIVE_INFINITY
  let onCut: () => void = () => undefined

  function cutNow(): void {
    isCut = true
    left = Number.POSITIVE_INFINITY
    for (const socket of sockets) socket.destroy()
    onCut()
  }

  const server = net.createServer((phone) => {
    if (isCut) {
      phone.destroy()
      return
    }
    const far = net.connect(Number(target.port), 'localhost')
    for (const socket of [phone, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        phone.destroy()
        far.destroy()
      })
    }
    phone.on('data', (piece) => {
      // Before it is piped on, which is the same memory.
      if (spoiledAt < piece.length) piece[spoiledAt]! ^= 1
      spoiledAt = spoiledAt < piece.length ? Number.POSITIVE_INFINITY : spoiledAt - piece.length
      left -= piece.length
      if (left <= 0) cutNow()
    })
    phone.pipe(far)
    far.pipe(phone)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as net.AddressInfo

  return {
    url: `http://localhost:${port}`,
    async cut(afterBytes) {
      if (afterBytes === undefined) return cutNow()
      left = afterBytes
      await new Promise<void>((resolve) => {
        onCut = resolve
      })
    },
    mend() {
      isCut = false
    },
    spoil(afterBytes) {
      spoiledAt = afterBytes
    },
    async [Symbol.asyncDispose]() {
      cutNow()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
