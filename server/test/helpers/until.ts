import { setTimeout as sleep } from 'node:timers/promises'

/** A condition that throws does not hold yet. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (await holds(condition)) return
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await sleep(20)
  }
}

async function holds(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await condition()
  } catch {
    return false
  }
}
