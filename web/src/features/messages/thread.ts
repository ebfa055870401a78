import type { Id } from '@heliograph/contract/common'
import type { Message, MessagesPage } from '@heliograph/contract/messages'
import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { type Ask, call } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { online } from '../../lib/online.ts'
import { onSignOut } from '../../lib/session.ts'
import { forgetSaid } from './forget-saved.ts'
import { mergeMessages, withoutDeleted } from './merge-messages.ts'
import { noteTold, storiesIn } from './story-end.ts'

/** The messages of a conversation that are here: an unbroken stretch up to the newest. */
export interface Thread {
  /** Oldest first. */
  readonly messages: ReadonlySignal<readonly Message[]>
  readonly status: ReadonlySignal<'loading' | 'ready' | 'error'>
  readonly problem: ReadonlySignal<unknown>
  readonly hasOlder: ReadonlySignal<boolean>
  readonly isLoadingOlder: ReadonlySignal<boolean>
  /** Asks for exactly what is lacking; several calls at once are one or two requests. */
  catchUp(): Promise<void>
  /** All of it anew, in place of what is here: something may have left the reader's sight. */
  restart(): Promise<void>
  older(): Promise<void>
  /** What was out of sight may be in it again: none of that is new, so it is asked for by its place. */
  lookAgain(): Promise<void>
  put(message: Message): void
  /** One message again: the addresses of its files end after a while. */
  reread(sequence: number): Promise<void>
}

const threads = new Map<Id, Thread>()
const threadsMax = 12

export function threadOf(id: Id): Thread {
  watch()
  const thread = threads.get(id) ?? createThread(id)
  threads.delete(id)
  threads.set(id, thread)
  for (const oldest of threads.keys()) {
    if (threads.size <= threadsMax) break
    threads.delete(oldest)
  }
  return thread
}

/** What was there is read anew when it is next looked at: deleted for oneself, or no longer one's own. */
export function forgetThread(id: Id): void {
  threads.delete(id)
}

/** Where it is open or was lately; a conversation nobody has looked at is read when it is. */
export function keptThread(id: Id): Thread | undefined {
  return threads.get(id)
}

export function keptThreads(): Id[] {
  return [...threads.keys()]
}

let watching = false

function watch(): void {
  if (watching) return
  watching = true
  const catchUp = ({ conversationId }: { conversationId: Id }) => void threads.get(conversationId)?.catchUp()
  onLive('message.new', catchUp)
  onLive('message.changed', catchUp)
  onLive('conversation.changed', (event) => {
    catchUp(event)
    void threads.get(event.conversationId)?.lookAgain()
  })
  onLive('author.gone', ({ authorId }) => rereadThreadsOf(authorId))
  onReconcile(() => {
    for (const thread of threads.values()) void thread.catchUp()
  })
  // What could not be asked for is asked for once the server answers again.
  online.subscribe((isOnline) => {
    if (!isOnline) return
    for (const thread of threads.values()) if (thread.problem.peek() !== undefined) void thread.catchUp()
  })
  onSignOut(() => threads.clear())
}

/** A block parts one from them: neither sees the words of the other any more. */
export function rereadThreadsOf(authorId: Id): void {
  for (const thread of threads.values())
    if (thread.messages.peek().some(({ senderId }) => senderId === authorId)) void thread.restart()
}

type Query = Ask<'GET /api/conversations/:id/messages'>['query']

function createThread(id: Id): Thread {
  const messages = signal<readonly Message[]>([])
  const status = signal<'loading' | 'ready' | 'error'>('loading')
  const problem = signal<unknown>(undefined)
  const hasOlder = signal(false)
  const isLoadingOlder = signal(false)
  /** Everything up to here is known; undefined before the first answer. */
  let version: number | undefined
  /** Deleted for oneself: an answer that comes late must not bring it back. */
  const cleared = new Set<number>()
  let emptyUpTo = 0
  let running: Promise<void> | undefined
  let again = false
  /** How often all was put in place of what was here: what was asked for before that does not join on to it. */
  let stretch = 0
  let isLooking = false

  async function ask(query: Query): Promise<MessagesPage> {
    const page = await call('GET /api/conversations/:id/messages', { params: { id }, query })
    noteTold(storiesIn(page.items))
    for (const sequence of page.cleared ?? []) cleared.add(sequence)
    emptyUpTo = Math.max(emptyUpTo, page.emptyUpTo)
    return page
  }

  function show(next: readonly Message[]): void {
    messages.value = withoutDeleted(next, { emptyUpTo, cleared })
  }

  async function readNewest(): Promise<void> {
    const page = await ask({})
    stretch++
    batch(() => {
      show(page.items)
      version = page.version
      hasOlder.value = page.hasMore
    })
  }

  async function readMissing(): Promise<void> {
    for (let more = true; more; ) {
      const page = await ask({ after: version ?? 0, limit: pageMax })
      // All is to be read anew meanwhile.
      if (version === undefined) return
      // Of what lies before the stretch that is here nothing is kept: it would leave a gap.
      const from = hasOlder.value ? (messages.value[0]?.sequence ?? 0) : 0
      show(
        mergeMessages(
          messages.value,
          page.items.filter(({ sequence }) => sequence >= from),
        ),
      )
      const gone = page.items.filter(({ unsent, unavailable }) => unsent || unavailable)
      const unsaid = [...gone.map(({ sequence }) => sequence), ...(page.cleared ?? [])]
      if (unsaid.length > 0) forgetSaid(id, unsaid)
      more = page.hasMore && page.version > version
      version = page.version
    }
  }

  /** From the newest on up, as long as that shows something of theirs: who is still hidden is asked about once. */
  async function seekOf(senderId: Id): Promise<void> {
    for (let from = Number.POSITIVE_INFINITY; ; ) {
      const isHidden = (one: Message) => one.unavailable && one.senderId === senderId
      const hidden = messages.value.findLast((one) => isHidden(one) && one.sequence < from)
      if (!hidden) return
      const asked = stretch
      const page = await ask({ before: hidden.sequence + 1, limit: pageMax })
      if (asked !== stretch) return
      show(mergeMessages(messages.value, page.items))
      if (page.items.some(isHidden)) return
      from = page.items[0]?.sequence ?? 0
    }
  }

  async function run(): Promise<void> {
    do {
      again = false
      await (version === undefined ? readNewest() : readMissing())
    } while (again)
  }

  return {
    messages,
    status,
    problem,
    hasOlder,
    isLoadingOlder,
    async catchUp() {
      if (running) {
        again = true
        // How it ends is told by whoever began it.
        return await running.catch(() => undefined)
      }
      if (version === undefined && messages.value.length === 0) status.value = 'loading'
      running = run()
      try {
        await running
        batch(() => {
          status.value = 'ready'
          problem.value = undefined
        })
      } catch (error) {
        batch(() => {
          problem.value = error
          // What is here is true enough; the connection coming back asks again.
          status.value = messages.value.length === 0 ? 'error' : 'ready'
        })
      } finally {
        running = undefined
      }
    },
    async restart() {
      version = undefined
      await this.catchUp()
    },
    async older() {
      const first = messages.value[0]
      if (!first || !hasOlder.value || isLoadingOlder.value) return
      isLoadingOlder.value = true
      const asked = stretch
      try {
        const page = await ask({ before: first.sequence })
        // Between it and what is here now may be a gap.
        if (asked !== stretch) return
        batch(() => {
          show(mergeMessages(messages.value, page.items))
          hasOlder.value = page.hasMore
        })
      } catch {
        // Scrolling up again asks again.
      } finally {
        isLoadingOlder.value = false
      }
    },
    async lookAgain() {
      if (isLooking) return
      isLooking = true
      try {
        const hidden = messages.value.filter(({ unavailable }) => unavailable)
        for (const senderId of new Set(hidden.map((one) => one.senderId))) await seekOf(senderId)
      } catch {
        // The next change asks again.
      } finally {
        isLooking = false
      }
    },
    put(message) {
      noteTold(storiesIn([message]))
      show(mergeMessages(messages.value, [message]))
    },
    async reread(sequence) {
      const asked = stretch
      const page = await ask({ before: sequence + 1, limit: 1 })
      if (asked === stretch) show(mergeMessages(messages.value, page.items))
    },
  }
}

const pageMax = 50
