import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { navigate, type Place, place } from '../lib/navigation.ts'
import { matchRoute, type RouteParams } from '../lib/routes.ts'
import { me, needsFactor } from '../lib/session.ts'
import type { PageProps } from './page-props.ts'
import { type Route, routes } from './routes.ts'

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

/** Turns the page; a photograph that is on both grows or shrinks from one place to the other. */
function turn(next: Shown): void {
  const before = shown.peek()
  const id = postIn(next) ?? postIn(before)
  const from = id && before?.page !== next.page ? photoOf(id) : undefined
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  if (!from || still || document.hidden || !mayTurn()) {
    shown.value = next
    return
  }
  from.style.viewTransitionName = sharedName
  let to: HTMLElement | undefined
  const transition = document.startViewTransition(async () => {
    shown.value = next
    await new Promise((resolve) => setTimeout(resolve))
    from.style.viewTransitionName = ''
    to = photoOf(id ?? '')
    if (to) to.style.viewTransitionName = sharedName
  })
  void transition.finished.finally(() => {
    if (to) to.style.viewTransitionName = ''
  })
}

const sharedName = 'photograph'

/** In WebKitGTK (GNOME Web; 2.50, without a graphics card) the page dies of a transition. */
function mayTurn(): boolean {
  return 'startViewTransition' in document && !/X11.*AppleWebKit\/605/.test(navigator.userAgent)
}

function postIn(page: Shown | undefined): string | undefined {
  return page?.place.path.startsWith('/p/') ? page.params.id : undefined
}

/** The photograph of a post, if it is in sight. */
function photoOf(id: string): HTMLElement | undefined {
  const found = document.querySelector<HTMLElement>(`main [data-photo="${CSS.escape(id)}"]`)
  const box = found?.getBoundingClientRect()
  return found && box && box.bottom > 0 && box.top < innerHeight ? found : undefined
}

function redirected(route: Route, next: Place): boolean {
  if (route.for === 'signedIn' && me.peek() === null) {
    navigate(`/signin?next=${encodeURIComponent(next.path + next.query)}`, { replace: true })
    return true
  }
  const isInside = route.for === 'signedIn' ? !next.path.startsWith('/settings') : next.path === '/'
  if (isInside && needsFactor.peek()) {
    navigate('/settings/security', { replace: true })
    return true
  }
  if (route.for === 'signedOut' && me.peek()) {
    navigate('/', { replace: true })
    return true
  }
  return false
}
