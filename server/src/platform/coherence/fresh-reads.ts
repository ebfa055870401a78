/**
 * Shares one read among everybody who asks while none is under way or one is: those get the next, for the one under way
 * may not show what had happened when they asked.
 */
export function createFreshReads<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined

  const begin = (): Promise<T> => {
    const mine = read().finally(() => {
      if (running === mine) running = undefined
    })
    running = mine
    return mine
  }

  return () => {
    if (!running) return begin()
    next ??= running
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }
}
