import { once } from 'node:events'
import { ApiError, createClient } from '@heliograph/client'
import { type LiveEvent, LiveMessage } from '@heliograph/contract/live'
import type { Message } from '@heliograph/contract/messages'
import { WebSocket } from 'ws'
import type { Id } from '#platform/ids/ids.ts'

// What the app of one person knows of a conversation, as it comes to know it: by live words, and by reading what lies behind
// the version it has. It is at one process, goes away, comes back to another, and never reads everything again.

export interface Device {
  /** By id, as read last. */
  readonly known: ReadonlyMap<Id, Message>
  readonly isConnected: boolean
  /** At this process; hands back the last id that it heard. */
  connect(url: string): Promise<void>
  disconnect(): void
  /** Nothing is being read, and nothing waits to be. */
  idle(): boolean
  /** Asks of its own accord, as when somebody opens the page. */
  read(): void
  close(): void
}

const isAboutMessages = (event: LiveEvent, id: Id): boolean =>
  'conversationId' in event && event.conversationId === id && event.type !== 'typing'

export function createDevice(token: string, conversationId: Id, urls: readonly string[]): Device {
  const known = new Map<Id, Message>()
  let [version, lastId, wasOpen, closed] = [0, undefined as string | undefined, false, false]
  let socket: WebSocket | undefined
  let [isReading, isDirty, url] = [false, false, urls[0]!]

  async function readOn(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      const page = await createClient(url, token).call('GET /api/conversations/:id/messages', {
        params: { id: conversationId },
        query: { after: version },
      })
      for (const message of page.items) known.set(message.id, message)
      const cleared = new Set(page.cleared)
      for (const { id, sequence } of known.values())
        if (sequence <= page.emptyUpTo || cleared.has(sequence)) known.delete(id)
      version = page.version
      hasMore = page.hasMore
    }
  }

  function read(): void {
    isDirty = true
    if (isReading || closed) return
    isReading = true
    void (async () => {
      while (isDirty && !closed) {
        isDirty = false
        await readOn().catch((error: unknown) => {
          // Not in it any more: what comes later is another time in it.
          if (error instanceof ApiError && error.code === 'conversation.not_found') {
            known.clear()
            version = 0
          } else {
            isDirty = true
            // That process is gone: the next one it is.
            url = urls.find((other) => other !== url) ?? url
          }
        })
      }
      isReading = false
    })()
  }

  function hear(text: string): void {
    const { id, ...event } = LiveMessage.parse(JSON.parse(text))
    lastId = id ?? lastId
    const isFirst = event.type === 'hello' && !wasOpen
    if (event.type === 'hello') wasOpen = true
    if (isFirst || event.type === 'resync' || isAboutMessages(event, conversationId)) read()
  }

  async function connect(to: string): Promise<void> {
    url = to
    const query = lastId === undefined ? '' : `?after=${lastId}`
    const mine = new WebSocket(`${to.replace('http', 'ws')}/api/live${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    socket = mine
    mine.on('message', (data) => {
      if (socket === mine) hear(String(data))
    })
    mine.on('error', () => undefined)
    mine.on('close', () => {
      if (socket !== mine) return
      socket = undefined
      // Nobody sent it away: it looks for another one.
      if (!closed) void connect(urls.find((other) => other !== to) ?? to)
    })
    // A process that is killed in between closes it without a word, and without an error.
    await Promise.race([once(mine, 'message'), once(mine, 'close')]).catch(() => undefined)
  }

  function disconnect(): void {
    const mine = socket
    socket = undefined
    mine?.terminate()
  }

  return {
    known,
    get isConnected() {
      return socket !== undefined
    },
    connect,
    disconnect,
    idle: () => !isReading && !isDirty,
    read,
    close() {
      closed = true
      disconnect()
    },
  }
}
