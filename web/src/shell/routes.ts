import type { ComponentType } from 'preact'
import type { RouteParams } from '../lib/routes.ts'

export interface PageProps {
  params: RouteParams
}

export interface Route {
  readonly pattern: string
  /** Who may open it: everybody, those signed in, or only those who are not. */
  readonly for?: 'all' | 'signedIn' | 'signedOut'
  /** Without bars: a step that wants the whole screen. */
  readonly bare?: boolean
  load(): Promise<ComponentType<PageProps>>
}

/** Literal parts stand before parameters: the first that fits is taken. */
export const routes: readonly Route[] = [
  {
    pattern: '/signin',
    for: 'signedOut',
    bare: true,
    load: () => import('../features/accounts/sign-in-page.tsx').then((page) => page.SignInPage),
  },
  {
    pattern: '/signup',
    for: 'signedOut',
    bare: true,
    load: () => import('../features/accounts/sign-up-page.tsx').then((page) => page.SignUpPage),
  },
  {
    pattern: '/welcome',
    for: 'signedOut',
    bare: true,
    load: () => import('../features/accounts/sign-up-page.tsx').then((page) => page.SignUpPage),
  },
]
