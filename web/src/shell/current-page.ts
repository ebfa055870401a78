import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { navigate, type Place, place } from '../lib/navigation.ts'
import { matchRoute, type RouteParams } from '../lib/routes.ts'
import { me } from '../lib/session.ts'
import { type PageProps, type Route, routes } from './routes.ts'

export interface Shown {
  readonly place: Place
  readonly params: RouteParams
  readonly bare: boolean
  /** `undefined`: no route fits. */
  readonly page: ComponentType<PageProps> | undefined
  /** The page's code could not be loaded. */
  readonly problem?: unknown
}

/** What is on the screen; it follows `place` as soon as the page's code is there. */
export const shown = signal<Shown | undefined>(undefined)
/** The next page's code is on its way for longer than a blink. */
export const turning = signal(false)

const loaded = new Map<Route, ComponentType<PageProps>>()
const blinkMs = 150

export async function follow(next: Place): Promise<void> {
  const match = matchRoute(routes, next.path)
  if (!match) {
    shown.value = { place: next, params: {}, bare: false, page: undefined }
    return
  }
  const { route, params } = match
  if (redirected(route, next)) return
  const timer = setTimeout(() => {
    turning.value = true
  }, blinkMs)
  try {
    const page = loaded.get(route) ?? (await route.load())
    loaded.set(route, page)
    if (place.peek() === next) turn({ place: next, params, bare: route.bare ?? false, page })
  } catch (problem) {
    if (place.peek() === next) shown.value = { place: next, params, bare: false, page: undefined, problem }
  } finally {
    clearTimeout(timer)
    turning.value = false
  }
}

/** Cross-fades where the browser can; the photograph that was tapped grows into its post. */
function turn(next: Shown): void {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const samePage = shown.peek()?.page === next.page
  if (still || samePage || !shown.peek() || !document.startViewTransition || next.place.how === 'pop') {
    shown.value = next
    return
  }
  document.startViewTransition(async () => {
    shown.value = next
    await new Promise((resolve) => setTimeout(resolve))
  })
}

function redirected(route: Route, next: Place): boolean {
  if (route.for === 'signedIn' && me.peek() === null) {
    navigate(`/signin?next=${encodeURIComponent(next.path + next.query)}`, { replace: true })
    return true
  }
  if (route.for === 'signedOut' && me.peek()) {
    navigate('/', { replace: true })
    return true
  }
  return false
}
