import type { Me } from '@heliograph/contract/accounts'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { type Ask, call, isProblem, onSessionEnded } from './api.ts'
import { locale, preferredLanguage, setLanguage } from './i18n.ts'
import { onLive, onReconcile, startLive, stopLive } from './live.ts'
import { forgetPaginators } from './paging.ts'
import { clearStore, putUser } from './store.ts'

/** Renamed when pages come to need what was not remembered before: an old page's memory is no use to them. */
const rememberedMe = 'heliograph.me.2'

/** The person at this screen; `null` is nobody, `undefined` is not known yet. */
export const me = signal<Me | null | undefined>(recallMe())
export const signedIn: ReadonlySignal<boolean> = computed(() => Boolean(me.value))

/** The server wants a second factor before it shows anything. */
export const needsFactor: ReadonlySignal<boolean> = computed(() => Boolean(me.value?.needsFactor))

/** `left`: the person signed out here. `ended`: the server ended the session, which the person may not even know. */
export type Leaving = 'left' | 'ended'

/** Has a role that looks after what others report. */
export const moderates: ReadonlySignal<boolean> = computed(() => (me.value?.roles.length ?? 0) > 0)
/** More than a moderator. */
export const administers: ReadonlySignal<boolean> = computed(
  () => me.value?.roles.some((role) => role !== 'moderator') ?? false,
)

const signOutTasks = new Set<(how: Leaving) => unknown>()

/** Whatever keeps data of a person outside the store empties it here. */
export function onSignOut(task: (how: Leaving) => unknown): () => void {
  signOutTasks.add(task)
  return () => signOutTasks.delete(task)
}

/** Shows the person remembered at once, then asks the server; without an answer what is remembered stays. */
export async function loadSession(): Promise<void> {
  let isAsking = false
  onSessionEnded(() => {
    if (!me.value || isAsking) return
    // What was on its way while the session got another token is refused, and one is still signed in.
    isAsking = true
    void refreshMe().finally(() => {
      isAsking = false
    })
  })
  onLive('me.changed', () => void refreshMe())
  onLive('graph.changed', () => void refreshMe())
  onLive('session.ended', () => void forget('ended'))
  onReconcile(() => void refreshMe())
  if (me.value) welcome(me.value)
  await refreshMe()
}

export async function refreshMe(): Promise<void> {
  try {
    welcome(await askWhoIsHere())
  } catch (error) {
    if (isProblem(error, 'auth.required', 'auth.invalid')) {
      if (me.value) await forget('ended')
      else me.value = null
    } else if (me.value === undefined) {
      me.value = null
    }
  }
}

/** Long enough for an answer that brings the session its new token, and was overtaken by a question with the old one. */
const newTokenMs = 1000

async function askWhoIsHere(): Promise<Me> {
  try {
    return await call('GET /api/me')
  } catch (error) {
    if (!me.value || !isProblem(error, 'auth.required', 'auth.invalid')) throw error
    await new Promise((resolve) => setTimeout(resolve, newTokenMs))
    return await call('GET /api/me')
  }
}

export async function signUp(
  body: Omit<Ask<'POST /api/accounts'>['body'], 'cookie'>,
  key: string,
): Promise<'in' | 'waits'> {
  const answer = await call('POST /api/accounts', { body: { ...body, cookie: true }, idempotencyKey: key })
  if (!('user' in answer)) return 'waits'
  const { user } = answer
  const language = locale()
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  start({ ...user, language })
  // A new account speaks the language it was made in; when this fails, settings still can.
  await call('PATCH /api/me', { body: { language, timeZone } }).then(welcome, () => undefined)
  return 'in'
}

export async function signIn(login: string, password: string): Promise<void> {
  await enter(call('POST /api/sessions', { body: { login, password, cookie: true } }))
}

/** By whatever was shown: a password, the second step behind it, a passkey alone. */
export async function enter(answer: Promise<{ user: Me }>): Promise<void> {
  start((await answer).user)
}

export async function signOut(): Promise<void> {
  await call('DELETE /api/sessions/current')
  await forget('left')
}

/** Takes over the answer of PATCH /api/me and its kin. */
export function welcome(user: Me): void {
  me.value = user
  putUser(user)
  remember(rememberedMe, JSON.stringify(user))
  applyTheme(user.theme)
  void setLanguage(preferredLanguage(user.language))
  startLive()
}

function start(user: Me): void {
  clearStore()
  forgetPaginators()
  welcome(user)
}

export function applyTheme(theme: Me['theme']): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme
    localStorage.removeItem('heliograph.theme')
  } else {
    document.documentElement.dataset.theme = theme
    remember('heliograph.theme', theme)
  }
}

/** Beginnings of what lies on this device: what is the device's own, and what a person wrote, under their id. */
const ofDevice = ['theme', 'language']
const written = ['message', 'sending', 'sharing', 'sharing-story', 'comment']

/** Signed out: nothing of the person stays on this device. A session that ended by itself takes nothing that they wrote. */
async function forget(how: Leaving): Promise<void> {
  stopLive()
  me.value = null
  clearStore()
  forgetPaginators()
  const stays = how === 'left' ? ofDevice : [...ofDevice, ...written]
  for (const storage of [localStorage, sessionStorage])
    for (const key of Object.keys(storage)) {
      const [app, name = ''] = key.split('.')
      if (app === 'heliograph' && !stays.includes(name)) storage.removeItem(key)
    }
  await Promise.allSettled([...signOutTasks].map((task) => task(how)))
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {}
}

function recallMe(): Me | undefined {
  try {
    const text = localStorage.getItem(rememberedMe)
    return text ? (JSON.parse(text) as Me) : undefined
  } catch {
    return undefined
  }
}
