/** Bounds what one page may cost when a viewer may see almost nothing of a list. */
const roundsMax = 10

export interface FilledPage<Item> {
  items: Item[]
  /** The last row that was looked at; null at the end of the list. */
  last: Item | null
}

/**
 * Cuts a page of things that the viewer may see: what falls out is replaced from further down, so that a
 * page is short only at the end of the list, or after looking at ten pages' worth.
 */
export async function fillPage<Item>(
  limit: number,
  start: Item | null,
  read: (after: Item | null, limit: number) => Promise<Item[]>,
  keep: (items: Item[]) => Promise<Item[]>,
): Promise<FilledPage<Item>> {
  const items: Item[] = []
  let last = start
  for (let round = 0; round < roundsMax; round++) {
    const rows = await read(last, limit + 1)
    const isEnd = rows.length <= limit
    const looked = rows.slice(0, limit)
    const kept = new Set(await keep(looked))
    for (const item of looked) {
      last = item
      if (!kept.has(item)) continue
      items.push(item)
      if (items.length === limit) return { items, last: isEnd && item === looked.at(-1) ? null : last }
    }
    if (isEnd) return { items, last: null }
  }
  return { items, last }
}
