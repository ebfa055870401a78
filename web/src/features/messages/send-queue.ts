import type { Id } from '@heliograph/contract/common'
import type { Message } from '@heliograph/contract/messages'
import { batch, signal } from '@preact/signals'
import { ApiProblem, type Ask, call, isProblem, newIdempotencyKey } from '../../lib/api.ts'
import { createMarks } from '../../lib/marks.ts'
import { online } from '../../lib/online.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { uploadFile } from '../../lib/upload.ts'
import { shrinkForSlowLink } from '../share/shrink-photo.ts'
import { noteSent } from './conversations.ts'
import { noteLocalMedia } from './local-media.ts'
import {
  dropOutgoing,
  findOutgoing,
  keepOutgoing,
  listOutgoing,
  type Outgoing,
  type OutgoingFile,
} from './outgoing.ts'
import { keptThread } from './thread.ts'
import { typingEnded } from './typing.ts'

interface Waiting extends Outgoing {
  /** Whether it lies in IndexedDB too. */
  readonly isKept: Promise<boolean>
  /** What came of it. */
  readonly isUnkept?: boolean
  /** How much of its files is up, from 0 to 1. */
  readonly progress?: number
}

/** What this page has to send, in the order in which it was written. */
export const outgoing = signal<readonly Waiting[]>([])

/** What may not lie in IndexedDB yet. Files cannot be noted with it: what has some is safe only once it lies there. */
const marks = createMarks<Outgoing>('sending')

function hasFiles({ attachments }: Outgoing): boolean {
  return attachments.some(({ type }) => type === 'media')
}

/** Conversations whose messages are being sent. */
const sending = new Set<Id>()
/** Calls off what is going up of a message. */
const stops = new Map<string, AbortController>()

export type NewOutgoing = Pick<Outgoing, 'conversationId' | 'text' | 'attachments' | 'replyTo'>

/** Shown at once; sent now, or when there is a connection again. */
export function send(message: NewOutgoing): void {
  const ownerId = me.peek()?.id
  if (!ownerId) return
  typingEnded()
  add({ ...message, clientId: newIdempotencyKey(), ownerId, madeAt: new Date().toISOString() })
}

function add(message: Outgoing): void {
  noteLocalMedia(message)
  if (!hasFiles(message)) marks.note(message.clientId, message)
  const isKept = keepOutgoing(message)
  outgoing.value = [...outgoing.value, { ...message, isKept }]
  void isKept.then((kept) => noteKept(message, kept))
  void sendAll(message.conversationId)
}

function noteKept({ clientId, ownerId }: Outgoing, isKept: boolean): void {
  patch(clientId, { isUnkept: !isKept })
  if (isKept) marks.drop(clientId, ownerId)
}

/** What the server refused, again: under the same id, as the message may have arrived in another tab meanwhile. */
export function sendAgain({
  isKept: _,
  isUnkept: __,
  problem: ___,
  progress: ____,
  problemCode,
  ...message
}: Waiting): void {
  const again = { ...message, madeAt: new Date().toISOString() }
  if (problemCode === 'message.client_id_used') {
    discard(message.clientId)
    add({ ...again, clientId: newIdempotencyKey() })
    return
  }
  forget(message.clientId)
  // What it answers is gone for its writer: the words can still be said.
  add(problemCode === 'message.not_found' ? { ...again, replyTo: null } : again)
}

export function discard(clientId: string): void {
  stops.get(clientId)?.abort()
  forget(clientId)
  void dropOutgoing(clientId)
}

/** After a restart of the page: what was on its way goes on. */
export async function resumeSending(): Promise<void> {
  const ownerId = me.peek()?.id
  if (!ownerId) return
  const known = new Set(outgoing.peek().map(({ clientId }) => clientId))
  const found = (await listOutgoing(ownerId).catch(() => [])).filter(({ clientId }) => !known.has(clientId))
  if (me.peek()?.id !== ownerId) return
  for (const one of found) {
    known.add(one.clientId)
    marks.drop(one.clientId, ownerId)
  }
  // The page was closed before these were written.
  const marked = [...marks.of(ownerId).values()].filter(({ clientId }) => !known.has(clientId))
  const all = [
    ...found.map((one) => ({ ...one, isKept: Promise.resolve(true), isUnkept: false })),
    ...marked.map((one) => ({ ...one, isKept: keepOutgoing(one) })),
  ].sort((one, other) => one.madeAt.localeCompare(other.madeAt))
  if (all.length === 0) return
  for (const one of all) noteLocalMedia(one)
  outgoing.value = [...all, ...outgoing.value]
  for (const one of all) void one.isKept.then((kept) => noteKept(one, kept))
  for (const id of new Set(all.map(({ conversationId }) => conversationId))) void sendAll(id)
}

/** One after the other, so that they arrive in the order in which they were written. */
async function sendAll(conversationId: Id): Promise<void> {
  if (sending.has(conversationId)) return
  sending.add(conversationId)
  try {
    for (;;) {
      const next = outgoing.peek().find((one) => one.conversationId === conversationId && isToSend(one))
      if (!next) return
      await sendPatiently(next)
    }
  } finally {
    sending.delete(conversationId)
  }
}

const passing = [
  'client.offline',
  'client.timeout',
  'server.unavailable',
  'server.overloaded',
  'server.error',
  'rate.limited',
] as const

/** Until the server has it, refuses it, or the person throws it away. The id makes asking again harmless. */
async function sendPatiently(message: Waiting): Promise<void> {
  for (let wait = 1000; isWaiting(message); wait = Math.min(wait * 2, 30_000)) {
    try {
      await alone(message, () => sendOnce(newestOf(message)))
    } catch (error) {
      if (isProblem(error, ...passing)) {
        await pause(error.retryAfter === undefined ? wait : error.retryAfter * 1000)
        continue
      }
      if (!isProblem(error, 'client.aborted')) refuse(message, error)
    }
  }
}

/** With what of its files is up by now. */
function newestOf(message: Waiting): Waiting {
  return outgoing.peek().find(({ clientId }) => clientId === message.clientId) ?? message
}

function isWaiting({ clientId }: Waiting): boolean {
  return outgoing.peek().some((one) => one.clientId === clientId && isToSend(one))
}

/** Of whoever is here now, and not refused. */
function isToSend({ ownerId, problem }: Waiting): boolean {
  return problem === undefined && ownerId === me.peek()?.id
}

/** Two tabs may have it: the server would take it once, but the second must not show it for longer. */
async function alone(message: Waiting, work: () => Promise<void>): Promise<void> {
  const isKept = await message.isKept
  const once = async () => {
    if (isKept && !(await findOutgoing(message.clientId))) return forget(message.clientId)
    await work()
  }
  // Plain http addresses of a home network have no locks.
  await (navigator.locks ? navigator.locks.request(`heliograph-message-${message.clientId}`, once) : once())
}

async function sendOnce({ clientId, conversationId, text, attachments, replyTo }: Waiting): Promise<void> {
  const sent: Sent[] = []
  for (const [at, one] of attachments.entries()) {
    if (one.type === 'media') sent.push({ type: 'media', uploadId: await upload(clientId, at, one.media) })
    else if (one.type === 'post') sent.push({ type: 'post', postId: one.post.id })
    else if (one.type === 'story') sent.push({ type: 'story', storyId: one.story.id })
    else sent.push({ type: 'profile', username: one.user.username })
  }
  const message = await call('POST /api/conversations/:id/messages', {
    params: { id: conversationId },
    body: { clientId, text, attachments: sent, ...(replyTo ? { replyTo: replyTo.id } : {}) },
  })
  settle(clientId, message)
}

type Sent = NonNullable<Ask<'POST /api/conversations/:id/messages'>['body']['attachments']>[number]

/** Goes on where it stood when the page was closed. */
async function upload(clientId: string, at: number, media: OutgoingFile): Promise<string> {
  if (media.uploadId) return media.uploadId
  const stop = new AbortController()
  stops.set(clientId, stop)
  try {
    const file = media.kind === 'photo' && !media.address ? await shrinkForSlowLink(media.file) : media.file
    const uploadId = await uploadFile(file, {
      purpose: media.kind === 'voice' ? 'voice' : 'message',
      address: media.address,
      signal: stop.signal,
      onAddress: (address) => noteFile(clientId, at, { file, address }),
      onProgress: (done, total) => patch(clientId, { progress: done / Math.max(1, total) }),
    })
    noteFile(clientId, at, { uploadId })
    return uploadId
  } catch (error) {
    // The server forgot an upload that waited too long: it is sent anew.
    if (isProblem(error, 'upload.not_found', 'upload.expired')) noteFile(clientId, at, { address: undefined })
    throw error
  } finally {
    stops.delete(clientId)
  }
}

function noteFile(clientId: string, at: number, news: Partial<OutgoingFile>): void {
  const message = outgoing.peek().find((one) => one.clientId === clientId)
  if (!message) return
  const attachments = message.attachments.map((one, index) =>
    index === at && one.type === 'media' ? { ...one, media: { ...one.media, ...news } } : one,
  )
  patch(clientId, { attachments })
  void keepOutgoing(kept({ ...message, attachments }))
}

function patch(clientId: string, news: Partial<Waiting>): void {
  outgoing.value = outgoing.value.map((one) => (one.clientId === clientId ? { ...one, ...news } : one))
}

/** As it lies in IndexedDB. */
function kept({ isKept: _, isUnkept: __, progress: ___, ...message }: Waiting): Outgoing {
  return message
}

/** One for the other in the same moment: nothing jumps. */
function settle(clientId: string, message: Message): void {
  batch(() => {
    forget(clientId)
    keptThread(message.conversationId)?.put(message)
    noteSent(message)
  })
  void dropOutgoing(clientId)
}

function forget(clientId: string): void {
  const gone = outgoing.peek().find((one) => one.clientId === clientId)
  if (gone) marks.drop(clientId, gone.ownerId)
  outgoing.value = outgoing.value.filter((one) => one.clientId !== clientId)
}

function refuse(message: Waiting, error: unknown): void {
  marks.drop(message.clientId, message.ownerId)
  const problemCode = error instanceof ApiProblem ? error.code : ''
  patch(message.clientId, { problem: problemText(error), problemCode })
  const refused = outgoing.peek().find(({ clientId }) => clientId === message.clientId)
  if (refused) void keepOutgoing(kept(refused))
}

/** The time is over, or the connection is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    let wasOnline = online.peek()
    const unwatch = online.subscribe((isOnline) => {
      if (isOnline && !wasOnline) end()
      wasOnline = isOnline
    })
    function end(): void {
      clearTimeout(timer)
      queueMicrotask(() => unwatch())
      resolve()
    }
  })
}

/** The browser then asks, in its own words, whether to leave. */
globalThis.addEventListener?.('beforeunload', (event) => {
  if (outgoing.peek().some((one) => isToSend(one) && one.isUnkept !== false)) event.preventDefault()
})

onSignOut(() => {
  outgoing.value = []
})
