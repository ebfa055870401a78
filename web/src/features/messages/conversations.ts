import type { Id } from '@heliograph/contract/common'
import type { Conversation, ConversationFolder, Message } from '@heliograph/contract/messages'
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { call, isProblem } from '../../lib/api.ts'
import { onLive, onReconcile } from '../../lib/live.ts'
import { createPaginator, keepPaginator, keptPaginator, type Paginator } from '../../lib/paging.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { noteInboxCount } from './inbox-count.ts'

/** Each conversation once, by id. `null`: gone, or never one's own. */
const slots = new Map<Id, Signal<Conversation | null | undefined>>()
const folders: readonly ConversationFolder[] = ['inbox', 'requests']

function slot(id: Id): Signal<Conversation | null | undefined> {
  const found = slots.get(id) ?? signal<Conversation | null | undefined>(undefined)
  slots.set(id, found)
  return found
}

export function conversationSignal(id: Id): ReadonlySignal<Conversation | null | undefined> {
  return slot(id)
}

export function putConversation(conversation: Conversation): Id {
  slot(conversation.id).value = conversation
  return conversation.id
}

export function patchConversation(id: Id, patch: Partial<Conversation>): void {
  const target = slots.get(id)
  if (target?.value) target.value = { ...target.value, ...patch }
}

export function dropConversation(id: Id): void {
  batch(() => {
    slot(id).value = null
    for (const folder of folders) keptPaginator<Id>(keyOf(folder))?.remove((one) => one === id)
  })
}

const keyOf = (folder: ConversationFolder) => `conversations:${folder}`

/** Ids of a folder's conversations; the order is that of their newest messages, which `sorted` gives. */
export function folderList(folder: ConversationFolder): Paginator<Id> {
  return keepPaginator(keyOf(folder), () =>
    createPaginator(
      async (cursor, signal) => {
        const page = await call('GET /api/conversations', { query: { folder, cursor }, signal })
        noteInboxCount(page.unreadCount, page.requestCount)
        return { ...page, items: page.items.map(putConversation) }
      },
      (id: Id) => id,
    ),
  )
}

export function sorted(ids: readonly Id[], folder: ConversationFolder): Conversation[] {
  return ids
    .map((id) => slot(id).value)
    .filter((one): one is Conversation => one !== null && one !== undefined && one.folder === folder)
    .sort((one, other) => Date.parse(newestOf(other)) - Date.parse(newestOf(one)))
}

function newestOf({ lastMessage, createdAt }: Conversation): string {
  return lastMessage?.createdAt ?? createdAt
}

export async function readConversation(id: Id, signal?: AbortSignal): Promise<Conversation | undefined> {
  try {
    const conversation = await call('GET /api/conversations/:id', {
      params: { id },
      ...(signal ? { signal } : {}),
    })
    putConversation(conversation)
    place(conversation)
    return conversation
  } catch (error) {
    if (!isProblem(error, 'conversation.not_found', 'request.invalid', 'request.not_found')) throw error
    dropConversation(id)
    return undefined
  }
}

/** In the list of its folder, and in no other. An empty one stands nowhere until something is said, or begun, in it. */
function place({ id, folder, lastMessage, draft }: Conversation): void {
  for (const one of folders) {
    const list = keptPaginator<Id>(keyOf(one))
    if (!list?.started.peek()) continue
    const isThere = list.items.peek().includes(id)
    if (one !== folder || (!lastMessage && !draft)) list.remove((other) => other === id)
    else if (!isThere) list.prepend(id)
  }
}

/** What one has said oneself stands in the list at once. */
export function noteSent(message: Message): void {
  const conversation = slots.get(message.conversationId)?.value
  if (!conversation) return
  if ((conversation.lastMessage?.sequence ?? -1) < message.sequence)
    patchConversation(conversation.id, { lastMessage: message, folder: 'inbox', draft: '' })
  const now = slots.get(message.conversationId)?.value
  if (now) place(now)
}

const waiting = new Map<Id, ReturnType<typeof setTimeout>>()
/** Much may happen in a group at once: it is read again when it has had a moment. */
const restMs = 250

function readSoon(id: Id): void {
  const isKnown = slots.has(id) || folders.some((folder) => keptPaginator(keyOf(folder)))
  if (!isKnown || waiting.has(id)) return
  waiting.set(
    id,
    setTimeout(() => {
      waiting.delete(id)
      // Without an answer the next event, or the connection coming back, asks again.
      if (me.peek()) void readConversation(id).catch(() => undefined)
    }, restMs),
  )
}

let watching = false

/** Begun with the first look at messages. */
export function watchConversations(): void {
  if (watching) return
  watching = true
  onLive('message.new', ({ conversationId }) => readSoon(conversationId))
  onLive('message.changed', ({ conversationId }) => readSoon(conversationId))
  onLive('conversation.changed', ({ conversationId }) => readSoon(conversationId))
  onLive('conversation.read', ({ conversationId, userId, sequence }) => {
    if (userId === me.peek()?.id) return readSoon(conversationId)
    const members = slots.get(conversationId)?.value?.members
    if (!members) return
    patchConversation(conversationId, {
      members: members.map((one) =>
        one.userId === userId ? { ...one, readSequence: Math.max(one.readSequence ?? 0, sequence) } : one,
      ),
    })
  })
  onReconcile(() => {
    for (const folder of folders) {
      const list = keptPaginator<Id>(keyOf(folder))
      if (list?.started.peek()) void list.refresh()
    }
  })
  onSignOut(() => {
    for (const timer of waiting.values()) clearTimeout(timer)
    waiting.clear()
    for (const one of slots.values()) one.value = undefined
    slots.clear()
    noteInboxCount(0, 0)
  })
}
