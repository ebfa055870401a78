// Many websockets that listen and do nothing else, in a process of their own: what they cost is not the server's.
import { once } from 'node:events'
import { WebSocket } from 'ws'

export interface OpenOrder {
  type: 'open'
  url: string
  /** One socket each. */
  tokens: readonly string[]
}

const open: WebSocket[] = []
/** So many connect at once. */
const inFlight = 50

process.on('message', (message: OpenOrder | { type: 'leave' | 'stop' | 'cpu' | 'memory' }) => {
  if (message.type === 'open') void openAll(message)
  if (message.type === 'leave') void leaveAll()
  if (message.type === 'stop') process.disconnect()
})

async function openAll({ url, tokens }: OpenOrder): Promise<void> {
  const waiting = [...tokens]
  const work = async () => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } })
      await once(socket, 'open')
      open.push(socket)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  process.send?.({ type: 'opened' })
}

async function leaveAll(): Promise<void> {
  await Promise.all(
    open.splice(0).map((socket) => {
      const closed = once(socket, 'close')
      socket.terminate()
      return closed
    }),
  )
  process.send?.({ type: 'left' })
}

process.send?.({ type: 'ready', url: '' })
