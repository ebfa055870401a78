import type { Me } from '@heliograph/contract/accounts'
import { type Ask, call } from '../../lib/api.ts'
import { preferredLanguage, setLanguage } from '../../lib/i18n.ts'
import { optimistic } from '../../lib/optimistic.ts'
import { applyTheme, me, welcome } from '../../lib/session.ts'
import { toastProblem } from '../../ui/toast.tsx'

/**
 * Holds at once; when the server does not take it, it goes back. `shown` is what stands there meanwhile,
 * where that is more than what is sent.
 */
export async function choosePreference(
  patch: Ask<'PATCH /api/me'>['body'],
  shown: Partial<Me> = patch as Partial<Me>,
): Promise<void> {
  const before = me.value
  if (!before) return
  await optimistic({
    apply: () => show({ ...before, ...shown }),
    call: () => call('PATCH /api/me', { body: patch }),
    settle: welcome,
    revert: () => show(before),
    failed: toastProblem,
  })
}

function show(user: Me): void {
  me.value = user
  applyTheme(user.theme)
  void setLanguage(preferredLanguage(user.language))
}
