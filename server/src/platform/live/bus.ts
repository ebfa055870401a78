/**
 * Words from one process to all others, now. A word can be lost (nothing is kept for who is away, or while Redis is), so
 * whoever relies on one asks the database as well: the bus makes things quick, never true.
 */
export interface Bus {
  /** To everybody who has subscribed to the channel, in this process and others. Never throws, never waits. */
  publish(channel: string, text: string): void
  /** The handler is called once per word, in the order in which one process published. Returns how to stop it. */
  subscribe(channel: string, handler: BusHandler): () => void
  /** False: words are being lost just now. */
  readonly isUp: boolean
  close(): Promise<void>
}

export type BusHandler = (text: string) => void

/** For a process that is alone: hears itself, as it would with others. */
export function createLocalBus(onError: (error: unknown) => void): Bus {
  const handlers = createHandlers(onError)
  let closed = false
  return {
    publish(channel, text) {
      // Not within the publisher's own call, as it would be over a wire.
      if (!closed) setImmediate(() => handlers.call(channel, text))
    },
    subscribe: (channel, handler) => handlers.add(channel, handler),
    isUp: true,
    async close() {
      closed = true
      handlers.clear()
    },
  }
}

export interface Handlers {
  add(channel: string, handler: BusHandler): () => void
  call(channel: string, text: string): void
  channels(): string[]
  clear(): void
}

/** Who listens to what in this process. A handler that throws keeps nobody else from hearing. */
export function createHandlers(
  onError: (error: unknown) => void,
  listen: { begin?(channel: string): void; end?(channel: string): void } = {},
): Handlers {
  const byChannel = new Map<string, Set<BusHandler>>()
  return {
    add(channel, handler) {
      const own: BusHandler = (text) => handler(text)
      const known = byChannel.get(channel)
      if (known) known.add(own)
      else {
        byChannel.set(channel, new Set([own]))
        listen.begin?.(channel)
      }
      return () => {
        const left = byChannel.get(channel)
        if (!left?.delete(own) || left.size > 0) return
        byChannel.delete(channel)
        listen.end?.(channel)
      }
    },
    call(channel, text) {
      for (const handler of [...(byChannel.get(channel) ?? [])])
        try {
          handler(text)
        } catch (error) {
          onError(error)
        }
    },
    channels: () => [...byChannel.keys()],
    clear: () => byChannel.clear(),
  }
}
