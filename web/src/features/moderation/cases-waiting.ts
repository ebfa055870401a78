import { computed, signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { administers, me, moderates } from '../../lib/session.ts'

const none = { reports: 0, verifications: 0, signUps: 0 }

/** What waits for a decision, each with its number; for those with a role alone. */
export const waiting = signal(none)

/** All of it together. */
export const casesWaiting = computed(() => Object.values(waiting.value).reduce((sum, one) => sum + one, 0))

export async function countCases(): Promise<void> {
  const counted = me.peek()?.id
  if (!moderates.peek() || me.peek()?.rolesRest) {
    waiting.value = none
    return
  }
  try {
    const { reports, verifications, signUps } = await call('GET /api/admin/waiting')
    if (me.peek()?.id === counted)
      waiting.value = { reports, verifications: verifications ?? 0, signUps: signUps ?? 0 }
  } catch {
    // The next look counts again.
  }
}

/** What the way there is called: moderators decide about cases, the others look after all of it. */
export function doorText(): string {
  return t(administers.value ? 'nav.server' : 'nav.moderation')
}

export function doorTextWaiting(): string {
  const count = casesWaiting.value
  if (count === 0) return doorText()
  return t(administers.value ? 'nav.server.count' : 'nav.moderation.count', { count })
}
