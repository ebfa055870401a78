import type { Id } from '@heliograph/contract/common'
import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { onLive } from '../../lib/live.ts'
import { onSignOut } from '../../lib/session.ts'

/** Said every three seconds while it is so: silent for longer, they have stopped. */
const everyMs = 3000
const believedMs = 5000

const writing = signal<ReadonlyMap<string, ReturnType<typeof setTimeout>>>(new Map())
const keyOf = (conversationId: Id, userId: Id) => `${conversationId}:${userId}`
let watching = false

/** Who is writing in a conversation now. */
export function typingIn(conversationId: Id): Id[] {
  watch()
  const prefix = `${conversationId}:`
  return [...writing.value.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
}

function watch(): void {
  if (watching) return
  watching = true
  onLive('typing', ({ conversationId, userId }) => {
    const key = keyOf(conversationId, userId)
    clearTimeout(writing.value.get(key))
    const timer = setTimeout(() => stop(key), believedMs)
    writing.value = new Map(writing.value).set(key, timer)
  })
  onSignOut(() => {
    for (const timer of writing.value.values()) clearTimeout(timer)
    writing.value = new Map()
  })
}

/** What they were writing is here. */
export function stoppedTyping(conversationId: Id, userId: Id): void {
  const key = keyOf(conversationId, userId)
  if (writing.peek().has(key)) stop(key)
}

function stop(key: string): void {
  clearTimeout(writing.peek().get(key))
  const next = new Map(writing.peek())
  next.delete(key)
  writing.value = next
}

let toldAt = 0
let toldIn: Id | undefined

/** Tells the others, not more often than they need to hear it. */
export function tellTyping(conversationId: Id): void {
  if (toldIn === conversationId && Date.now() - toldAt < everyMs) return
  toldIn = conversationId
  toldAt = Date.now()
  // Nobody misses it when it is lost.
  call('POST /api/conversations/:id/typing', { params: { id: conversationId } }).catch(() => undefined)
}

/** After something was sent, the next letter is told at once. */
export function typingEnded(): void {
  toldIn = undefined
}
