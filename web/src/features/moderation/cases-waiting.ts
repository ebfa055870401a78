import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { administers, me, moderates } from '../../lib/session.ts'

/** As many as are counted; more are "20+". */
const countedMax = 20

/** How much waits for a decision, as far as it was counted; for moderators alone. */
export const casesWaiting = signal({ count: 0, isMore: false })

export async function countCases(): Promise<void> {
  const counted = me.peek()?.id
  if (!moderates.peek() || me.peek()?.rolesRest) {
    casesWaiting.value = { count: 0, isMore: false }
    return
  }
  try {
    const page = await call('GET /api/moderation/queue', { query: { limit: countedMax } })
    if (me.peek()?.id === counted)
      casesWaiting.value = { count: page.items.length, isMore: page.nextCursor !== null }
  } catch {
    // The next look counts again.
  }
}

/** What the way there is called: moderators decide about cases, the others look after all of it. */
export function doorText(): string {
  return t(administers.value ? 'nav.server' : 'nav.moderation')
}

export function doorTextWaiting(): string {
  const { count } = casesWaiting.value
  if (count === 0) return doorText()
  return t(administers.value ? 'nav.server.count' : 'nav.moderation.count', {
    count: countText(casesWaiting.value),
  })
}

export function countText({ count, isMore }: { count: number; isMore: boolean }): string {
  return isMore ? `${count}+` : String(count)
}
