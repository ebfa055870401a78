export interface Optimistic<T> {
  /** Shows the wished-for state at once. */
  apply(): void
  call(): Promise<T>
  /** Puts the server's word in its place. */
  settle?(answer: T): void
  /** Puts back what was there. */
  revert(): void
  /** Tells the person; without it the error is thrown on. */
  failed?(error: unknown): void
}

/** Apply, call, settle or revert: every change that is shown before it is answered goes through here. */
export async function optimistic<T>(action: Optimistic<T>): Promise<boolean> {
  action.apply()
  try {
    const answer = await action.call()
    action.settle?.(answer)
    return true
  } catch (error) {
    action.revert()
    if (!action.failed) throw error
    action.failed(error)
    return false
  }
}

export interface Toggle<T> {
  show(wanted: boolean): void
  send(wanted: boolean): Promise<T>
  settle(answer: T): void
  failed(error: unknown): void
}

interface Running {
  sent: boolean
  wanted: boolean
}

const running = new Map<string, Running>()

/**
 * A switch that may be tapped faster than the server answers: one request per key at a time, and the last
 * wish wins. On failure it returns to what the server last confirmed.
 */
export async function toggle<T>(key: string, wanted: boolean, act: Toggle<T>): Promise<void> {
  act.show(wanted)
  const busy = running.get(key)
  if (busy) {
    busy.wanted = wanted
    return
  }
  const mine: Running = { sent: wanted, wanted }
  running.set(key, mine)
  let confirmed = !wanted
  try {
    for (;;) {
      mine.sent = mine.wanted
      const answer = await act.send(mine.sent)
      confirmed = mine.sent
      if (mine.wanted === mine.sent) {
        act.settle(answer)
        return
      }
    }
  } catch (error) {
    if (mine.wanted !== confirmed) act.show(confirmed)
    act.failed(error)
  } finally {
    running.delete(key)
  }
}
