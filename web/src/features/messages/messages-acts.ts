import type { UserSummary } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import type { Conversation, Message } from '@heliograph/contract/messages'
import { type Ask, call, isProblem, newIdempotencyKey } from '../../lib/api.ts'
import { me } from '../../lib/session.ts'
import { putUser, userSignal } from '../../lib/store.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { block } from '../people/people-actions.ts'
import { dropConversation, putConversation } from './conversations.ts'
import { forgetSaid, forgetSaved } from './forget-saved.ts'
import { w } from './messages-words.ts'
import { forgetThread, keptThread, rereadThreadsOf } from './thread.ts'
import { titleOf } from './who.ts'

/** With this emoji, or without any where it was this one already. Holds at once. */
export async function react(message: Message, emoji: string): Promise<void> {
  const userId = me.peek()?.id
  const thread = keptThread(message.conversationId)
  if (!userId || !thread) return
  const others = message.reactions.filter((one) => one.userId !== userId)
  const isTaken = message.reactions.some((one) => one.userId === userId && one.emoji === emoji)
  const params = { id: message.conversationId, messageId: message.id }
  thread.put({ ...message, reactions: isTaken ? others : [...others, { userId, emoji }] })
  try {
    thread.put(
      await (isTaken
        ? call('DELETE /api/conversations/:id/messages/:messageId/reaction', { params })
        : call('PUT /api/conversations/:id/messages/:messageId/reaction', { params, body: { emoji } })),
    )
  } catch (error) {
    thread.put(message)
    toastProblem(error)
  }
}

export async function edit(message: Message, text: string): Promise<boolean> {
  try {
    const params = { id: message.conversationId, messageId: message.id }
    const changed = await call('PATCH /api/conversations/:id/messages/:messageId', { params, body: { text } })
    keptThread(message.conversationId)?.put(changed)
    return true
  } catch (error) {
    toastProblem(error)
    return false
  }
}

export async function unsend(message: Message): Promise<void> {
  const yes = await confirmAction({
    title: w('unsend.title'),
    text: w('unsend.text'),
    action: w('unsend'),
    danger: true,
  })
  if (!yes) return
  try {
    const params = { id: message.conversationId, messageId: message.id }
    await call('DELETE /api/conversations/:id/messages/:messageId', { params })
    await keptThread(message.conversationId)?.catchUp()
  } catch (error) {
    toastProblem(error)
  }
}

/** From one's own list alone, on all of one's devices. */
export async function deleteForOneself(message: Message): Promise<void> {
  const own = message.senderId === me.peek()?.id
  const yes = await confirmAction({
    title: w('clear.title'),
    text: w(own && !message.unsent ? 'clear.text.own' : 'clear.text'),
    action: w('delete'),
    danger: true,
  })
  if (!yes) return
  try {
    const params = { id: message.conversationId, messageId: message.id }
    await call('DELETE /api/conversations/:id/messages/:messageId/mine', { params })
  } catch (error) {
    if (!isProblem(error, 'message.not_found')) return toastProblem(error)
  }
  await keptThread(message.conversationId)?.catchUp()
  toast(w('cleared'))
}

/** The conversation with these people, made where there was none; undefined after saying why not. */
export async function openConversation(members: readonly string[], name?: string): Promise<Id | undefined> {
  try {
    const conversation = await call('POST /api/conversations', {
      body: { members: [...members], ...(name ? { name } : {}) },
      idempotencyKey: newIdempotencyKey(),
    })
    return putConversation(conversation)
  } catch (error) {
    toastProblem(error)
    return undefined
  }
}

export async function accept({ id }: Conversation): Promise<void> {
  await change(() => call('PUT /api/conversations/:id/accept', { params: { id } }))
}

/** Its words for a request are "refuse": nobody is told either way. */
export async function deleteConversation(conversation: Conversation): Promise<boolean> {
  const { id, folder } = conversation
  const isRequest = folder === 'requests'
  const yes = await confirmAction({
    title: w(isRequest ? 'refuse.title' : 'delete.title', { name: titleOf(conversation) }),
    text: w(isRequest ? 'refuse.text' : 'delete.text'),
    action: w('delete'),
    danger: true,
  })
  return yes && (await goneAfter(id, () => call('DELETE /api/conversations/:id', { params: { id } })))
}

export async function leave(conversation: Conversation): Promise<boolean> {
  const { id } = conversation
  const yes = await confirmAction({
    title: w('leave.title', { name: titleOf(conversation) }),
    text: w('leave.text'),
    action: w('leave'),
    danger: true,
  })
  return yes && (await goneAfter(id, () => call('DELETE /api/conversations/:id/me', { params: { id } })))
}

async function goneAfter(id: Id, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
  } catch (error) {
    if (!isProblem(error, 'conversation.not_found')) {
      toastProblem(error)
      return false
    }
  }
  forgetThread(id)
  dropConversation(id)
  forgetSaid(id)
  return true
}

/** Whom one blocks writes to one no more, and neither reads the other. */
export async function blockPerson(person: UserSummary): Promise<boolean> {
  putUser(person)
  const user = userSignal(person.id).peek()
  if (!user || !(await block(user))) return false
  forgetSaved()
  rereadThreadsOf(person.id)
  return true
}

type Patch = Ask<'PATCH /api/conversations/:id'>['body']

export async function setConversation({ id }: Conversation, patch: Patch): Promise<boolean> {
  return await change(() => call('PATCH /api/conversations/:id', { params: { id }, body: patch }))
}

/** One after the other: each is asked whether they take messages. */
export async function addMembers({ id }: Conversation, usernames: readonly string[]): Promise<void> {
  for (const username of usernames) {
    const params = { id, username }
    if (!(await change(() => call('POST /api/conversations/:id/members/:username', { params })))) return
  }
}

export async function removeMember({ id }: Conversation, username: string): Promise<void> {
  const yes = await confirmAction({
    title: w('member.remove.title', { name: username }),
    text: w('member.remove.text'),
    action: w('member.remove'),
    danger: true,
  })
  const params = { id, username }
  if (yes) await change(() => call('DELETE /api/conversations/:id/members/:username', { params }))
}

export async function makeAdmin({ id }: Conversation, username: string): Promise<void> {
  const params = { id, username }
  if (await change(() => call('PUT /api/conversations/:id/admins/:username', { params })))
    toast(w('admin.made', { name: username }))
}

/** From somebody else, or from oneself. */
export async function unmakeAdmin({ id }: Conversation, username: string): Promise<void> {
  const params = { id, username }
  const own = username === me.peek()?.username
  if (await change(() => call('DELETE /api/conversations/:id/admins/:username', { params })))
    toast(own ? w('admin.unmade.own') : w('admin.unmade', { name: username }))
}

async function change(ask: () => Promise<Conversation>): Promise<boolean> {
  try {
    putConversation(await ask())
    return true
  } catch (error) {
    toastProblem(error)
    return false
  }
}
