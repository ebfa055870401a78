import type { Id } from '#platform/ids/ids.ts'
import type { PushPlaces } from './push-places.ts'
import type { PushMessage, PushOptions, SendPush } from './push-sender.ts'
import type { PushSubscriptions, SubscriptionRow } from './push-subscriptions.ts'

export interface PushTo extends PushOptions {
  /** These alone, by `nameOf`; left out: all devices of theirs. */
  only?: readonly string[]
}

/** To all devices of somebody; names of those that could not be reached just now. */
export type DeliverPush = (userId: Id, message: PushMessage, to: PushTo) => Promise<string[]>

/**
 * Forgets what is gone for good. A device that has not answered the last one yet is not asked beside that, so that one which
 * is slow holds one of the places in which jobs run, and never all; nor do many that are slow together (push-places.ts).
 */
export function createPushDelivery(deps: {
  subscriptions: Pick<PushSubscriptions, 'listOf' | 'forget' | 'noteRefused' | 'noteTaken'>
  places: PushPlaces
  send: SendPush
}): DeliverPush {
  const { subscriptions, places, send } = deps
  /** In this process. */
  const underWay = new Set<string>()

  async function deliverTo(row: SubscriptionRow, message: PushMessage, options: PushOptions) {
    const name = nameOf(row)
    const leave = underWay.has(name) ? undefined : places.enter(new URL(row.endpoint).host)
    if (!leave) return 'later'
    underWay.add(name)
    try {
      const outcome = await send(row, message, options)
      if (outcome === 'gone') await subscriptions.forget(row)
      if (outcome === 'refused') await subscriptions.noteRefused(row)
      if (outcome === 'delivered') await subscriptions.noteTaken(row)
      return outcome
    } finally {
      underWay.delete(name)
      leave()
    }
  }

  return async (userId, message, { only, ...options }) => {
    const rows = await subscriptions.listOf(userId)
    const wanted = only ? rows.filter((row) => only.includes(nameOf(row))) : rows
    const outcomes = await Promise.all(wanted.map((row) => deliverTo(row, message, options)))
    return wanted.filter((_, index) => outcomes[index] === 'later').map(nameOf)
  }
}

function nameOf({ endpoint_hash }: SubscriptionRow): string {
  return endpoint_hash.toString('base64url')
}
