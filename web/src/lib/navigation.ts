import { signal } from '@preact/signals'

export interface Place {
  readonly path: string
  readonly query: string
  readonly hash: string
  /** Names the entry in the browser's history: scroll and focus are kept by it. */
  readonly key: string
  readonly how: 'load' | 'push' | 'replace' | 'pop'
}

/** Where the person is. Pages follow it; links and `navigate` change it. */
export const place = signal<Place>(placeFrom('load'))

interface EntryState {
  key: string
  depth: number
}

const scrolls = new Map<string, number>(readScrolls())
const focused = new Map<string, string>()

export function startNavigation(): void {
  history.scrollRestoration = 'manual'
  if (!entryState()) history.replaceState({ key: newKey(), depth: 0 } satisfies EntryState, '')
  place.value = placeFrom('load')
  addEventListener('popstate', () => {
    rememberLeaving()
    place.value = placeFrom('pop')
  })
  addEventListener('click', followLink)
  addEventListener('pagehide', () => {
    rememberLeaving()
    try {
      sessionStorage.setItem('heliograph.scroll', JSON.stringify([...scrolls].slice(-50)))
    } catch {}
  })
}

export function navigate(to: string, { replace = false } = {}): void {
  const target = new URL(to, location.href)
  if (target.origin !== location.origin) {
    location.assign(target)
    return
  }
  rememberLeaving()
  const depth = entryState()?.depth ?? 0
  const state: EntryState = { key: newKey(), depth: replace ? depth : depth + 1 }
  if (replace) history.replaceState(state, '', target)
  else history.pushState(state, '', target)
  place.value = placeFrom(replace ? 'replace' : 'push')
}

/** Back to where one came from; to `fallback` when this page was the first. */
export function goBack(fallback = '/'): void {
  if ((entryState()?.depth ?? 0) > 0) history.back()
  else navigate(fallback, { replace: true })
}

export function savedScroll(key: string): number {
  return scrolls.get(key) ?? 0
}

/** Address of the link that had the focus when this entry was left. */
export function savedFocus(key: string): string | undefined {
  return focused.get(key)
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element | null)?.closest?.('a')
  if (!link?.href || link.target || link.hasAttribute('download')) return
  const target = new URL(link.href)
  if (target.origin !== location.origin || isServersOwn(target.pathname)) return
  const sameDocument = target.pathname === location.pathname && target.search === location.search
  if (sameDocument && target.hash) return
  event.preventDefault()
  navigate(link.href, { replace: sameDocument })
}

/** Addresses that the server answers itself and the app has no page for. */
function isServersOwn(path: string): boolean {
  return path.startsWith('/api/') || path.startsWith('/m/')
}

function rememberLeaving(): void {
  const { key } = place.value
  scrolls.set(key, scrollY)
  const link = document.activeElement?.closest('a')?.getAttribute('href')
  if (link) focused.set(key, link)
  else focused.delete(key)
}

function placeFrom(how: Place['how']): Place {
  if (typeof location === 'undefined') return { path: '/', query: '', hash: '', key: '', how }
  const { pathname, search, hash } = location
  return { path: pathname, query: search, hash, key: entryState()?.key ?? '', how }
}

function entryState(): EntryState | undefined {
  const state = history.state as Partial<EntryState> | null
  return state?.key ? { key: state.key, depth: state.depth ?? 0 } : undefined
}

function newKey(): string {
  return Math.random().toString(36).slice(2, 10)
}

function readScrolls(): [string, number][] {
  try {
    return JSON.parse(sessionStorage.getItem('heliograph.scroll') ?? '[]') as [string, number][]
  } catch {
    return []
  }
}
