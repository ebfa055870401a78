import { once } from 'node:events'
import { LiveEvent } from '@heliograph/contract/live'
import { WebSocket } from 'ws'

export interface Listener extends AsyncDisposable {
  /** All that came so far, each held against the contract. */
  readonly events: readonly LiveEvent[]
  /** What the server has sent before has arrived. */
  caughtUp(): Promise<void>
}

/** An open `/api/live` of somebody signed in; resolves after the `hello`. */
export async function listen(url: string, token: string): Promise<Listener> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const events: LiveEvent[] = []
  const hello = once(socket, 'message')
  socket.on('message', (data) => events.push(LiveEvent.parse(JSON.parse(String(data)))))
  await hello
  return {
    events,
    async caughtUp() {
      const pong = once(socket, 'pong')
      socket.ping()
      await pong
    },
    async [Symbol.asyncDispose]() {
      if (socket.readyState === socket.CLOSED) return
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
