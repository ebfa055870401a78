import type { Id } from '@heliograph/contract/common'
import type { Message } from '@heliograph/contract/messages'
import type { Outgoing } from './outgoing.ts'

/** How much of its files is up, from 0 to 1. */
export type OnItsWay = Outgoing & { readonly progress?: number; readonly isUnkept?: boolean }

/** A line of a conversation: what the server has, or what is on its way to it. */
export type Said =
  | {
      readonly key: string
      readonly senderId: Id
      readonly at: string
      readonly message: Message
      readonly waiting?: undefined
    }
  | {
      readonly key: string
      readonly senderId: Id
      readonly at: string
      readonly message?: undefined
      readonly waiting: OnItsWay
    }

/** What is on its way stands last, and not twice where its answer was faster than its leaving. */
export function saidIn(messages: readonly Message[], waiting: readonly OnItsWay[]): Said[] {
  const known = new Set(messages.map(({ clientId }) => clientId).filter(Boolean))
  return [
    ...messages.map((message) => ({
      // The id its sender's page made stays with it: the line is the same before and after it was sent.
      key: message.clientId ?? message.id,
      senderId: message.senderId,
      at: message.createdAt,
      message,
    })),
    ...waiting
      .filter(({ clientId }) => !known.has(clientId))
      .map((one) => ({ key: one.clientId, senderId: one.ownerId, at: one.madeAt, waiting: one })),
  ]
}
