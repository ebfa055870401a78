import type { Page } from '@heliograph/contract/common'
import { batch, type ReadonlySignal, signal } from '@preact/signals'

export type PagingStatus = 'idle' | 'loading' | 'done' | 'error'

export interface Paginator<T> {
  readonly items: ReadonlySignal<readonly T[]>
  readonly status: ReadonlySignal<PagingStatus>
  /** What went wrong last, until something works again. */
  readonly problem: ReadonlySignal<unknown>
  /** Whether the first page has come at least once. */
  readonly started: ReadonlySignal<boolean>
  /** Loads the next page; does nothing while one is loading or when the end is reached. */
  more(): Promise<void>
  /** Reads the first page again; what is shown stays until it is there. */
  refresh(): Promise<void>
  /** Puts in front what the first page has and this list has not; how far one has read stays. */
  freshen(): Promise<void>
  prepend(item: T): void
  append(item: T): void
  change(matches: (item: T) => boolean, change: (item: T) => T): void
  remove(matches: (item: T) => boolean): void
}

type Load<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>

/** A list that may come back with empty pages after filtering is asked this often in one go. */
const emptyPagesMax = 5

/** One list, page by page, each item once, whatever is added or taken away while it is read. */
export function createPaginator<T>(load: Load<T>, keyOf: (item: T) => string): Paginator<T> {
  const items = signal<readonly T[]>([])
  const status = signal<PagingStatus>('idle')
  const problem = signal<unknown>(undefined)
  const started = signal(false)
  let cursor: string | undefined
  let running: AbortController | undefined

  async function run(fromStart: boolean): Promise<void> {
    running?.abort()
    const mine = new AbortController()
    running = mine
    status.value = 'loading'
    try {
      await readPages(fromStart, mine)
    } catch (error) {
      if (running !== mine) return
      // A cursor lives for a day: a list left open longer starts again.
      if (!fromStart && codeOf(error) === 'cursor.expired') return await run(true)
      batch(() => {
        problem.value = error
        status.value = 'error'
      })
    } finally {
      if (running === mine) running = undefined
    }
  }

  async function readPages(fromStart: boolean, mine: AbortController): Promise<void> {
    let next = fromStart ? undefined : cursor
    let replace = fromStart
    for (let asked = 0; asked < emptyPagesMax; asked++) {
      const page = await load(next, mine.signal)
      if (running !== mine) return
      const before = replace ? [] : items.value
      const fresh = withoutKnown(before, page.items, keyOf)
      batch(() => {
        if (replace || fresh.length > 0) items.value = [...before, ...fresh]
        cursor = page.nextCursor ?? undefined
        started.value = true
        problem.value = undefined
        status.value = page.nextCursor === null ? 'done' : 'idle'
      })
      if (fresh.length > 0 || page.nextCursor === null) return
      next = page.nextCursor
      replace = false
      status.value = 'loading'
    }
    status.value = 'idle'
  }

  return {
    items,
    status,
    problem,
    started,
    async more() {
      if (status.value === 'loading' || status.value === 'done') return
      await run(!started.value)
    },
    refresh: () => run(true),
    async freshen() {
      if (!started.value || status.value === 'loading') return await run(true)
      try {
        const page = await load(undefined, new AbortController().signal)
        items.value = [...withoutKnown(items.value, page.items, keyOf), ...items.value]
      } catch {
        // What is shown is true enough; the next change or visit asks again.
      }
    },
    prepend(item) {
      const key = keyOf(item)
      items.value = [item, ...items.value.filter((other) => keyOf(other) !== key)]
    },
    append(item) {
      items.value = [...items.value, ...withoutKnown(items.value, [item], keyOf)]
    },
    change(matches, change) {
      items.value = items.value.map((item) => (matches(item) ? change(item) : item))
    },
    remove(matches) {
      items.value = items.value.filter((item) => !matches(item))
    },
  }
}

function withoutKnown<T>(before: readonly T[], page: readonly T[], keyOf: (item: T) => string): T[] {
  const known = new Set(before.map(keyOf))
  return page.filter((item) => {
    const key = keyOf(item)
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** Lists of the last pages visited, so that going back shows at once what was there. */
const kept = new Map<string, Paginator<never>>()
const keptMax = 16

export function keepPaginator<T>(key: string, make: () => Paginator<T>): Paginator<T> {
  const old = kept.get(key) as Paginator<T> | undefined
  const paginator = old ?? make()
  kept.delete(key)
  kept.set(key, paginator as Paginator<never>)
  for (const oldest of kept.keys()) {
    if (kept.size <= keptMax) break
    kept.delete(oldest)
  }
  return paginator
}

export function keptPaginator<T>(key: string): Paginator<T> | undefined {
  return kept.get(key) as Paginator<T> | undefined
}

/** Reads those lists again whose key begins so: they may be on the screen, and are replaced by no other list. */
export function refreshPaginators(prefix: string): void {
  for (const [key, list] of kept) if (key.startsWith(prefix)) void list.refresh()
}

/** Forgets all lists, or those whose key begins so. */
export function forgetPaginators(prefix = ''): void {
  for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key)
}
