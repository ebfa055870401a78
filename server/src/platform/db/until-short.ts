/**
 * One batch after the other until one is short: all of what is over goes at once, and never more than a batch is held. `take`
 * gives how many it found, and does not find them again.
 */
export async function untilShort(size: number, take: (size: number) => Promise<number>): Promise<number> {
  for (let taken = 0; ; ) {
    const found = await take(size)
    taken += found
    if (found < size) return taken
  }
}
