import { buildPushPayload } from '@block65/webcrypto-web-push'
import { type Outbound, RefusedAddressError } from '#platform/http/outbound.ts'
import type { SubscriptionRow } from './push-subscriptions.ts'
import type { VapidKeys } from './vapid-keys.ts'

/** What the service worker shows; encrypted for the browser alone (RFC 8291). */
export interface PushMessage {
  title: string
  body: string
  /** A path of the web app. */
  path: string
  /** On the icon of the app: of notifications and of conversations. */
  unreadCount: number
  /** Of what it tells: the same again, as after a crash between sending and noting it, is shown and not heard. */
  id: string
  /** A newer one with the same takes its place; left out: that of notifications. */
  tag?: string
}

export interface PushOptions {
  urgency: 'normal' | 'high'
  /** A newer one with the same takes the place of one that still waits for the device. */
  topic: string
}

/** `gone`: this subscription will never be reached again. `refused`: not now, and perhaps never (RFC 8030 has no more to say). */
export type PushOutcome = 'delivered' | 'gone' | 'refused' | 'later'

export type SendPush = (
  to: SubscriptionRow,
  message: PushMessage,
  options: PushOptions,
) => Promise<PushOutcome>

/** A device that was off for a day learns the rest from the list. */
const keptForSeconds = 24 * 60 * 60
/** Push services answer at once; whoever does not is asked again later. */
const timeoutMs = 10_000

export function createPushSender(deps: {
  outbound: Pick<Outbound, 'post'>
  keys: readonly VapidKeys[]
}): SendPush {
  const sendAs = async (keys: VapidKeys, ...[to, message, { urgency, topic }]: Parameters<SendPush>) => {
    const { endpoint, p256dh, auth } = to
    const { headers, body } = await buildPushPayload(
      {
        data: { ...message },
        options: { ttl: keptForSeconds, urgency, topic },
      },
      // What is signed names an https origin, as the RFC has it, also where the operator trusts one without TLS.
      { endpoint: endpoint.replace(/^http:/, 'https:'), expirationTime: null, keys: { p256dh, auth } },
      keys,
    )
    try {
      return outcomeOf((await deps.outbound.post(endpoint, { headers, body, timeoutMs })).status)
    } catch (error) {
      // What leads into a private network now was no push service before.
      return error instanceof RefusedAddressError ? 'gone' : 'later'
    }
  }

  return async (...push) => {
    let outcome: PushOutcome = 'refused'
    // A browser that has not been here since the keys were changed takes only what the one of before has signed.
    for (const keys of deps.keys) {
      outcome = await sendAs(keys, ...push)
      if (outcome !== 'refused') break
    }
    return outcome
  }
}

function outcomeOf(status: number): PushOutcome {
  if (status >= 200 && status < 300) return 'delivered'
  if (status === 404 || status === 410) return 'gone'
  return status === 429 || status >= 500 ? 'later' : 'refused'
}
