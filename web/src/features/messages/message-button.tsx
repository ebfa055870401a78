import { useState } from 'preact/hooks'
import { call, newIdempotencyKey } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import type { UserRecord } from '../../lib/store.ts'
import { Button } from '../../ui/button.tsx'
import { toastProblem } from '../../ui/toast.tsx'

/** On a profile: the conversation with that person. Small, as most who see it only look. */
export function MessageButton({ user }: { user: UserRecord }) {
  const [busy, setBusy] = useState(false)

  async function open(): Promise<void> {
    setBusy(true)
    try {
      const { id } = await call('POST /api/conversations', {
        body: { members: [user.username] },
        idempotencyKey: newIdempotencyKey(),
      })
      navigate(`/messages/${id}`)
    } catch (error) {
      toastProblem(error)
      setBusy(false)
    }
  }

  return (
    <Button
      wide
      busy={busy}
      label={t('profile.message.to', { name: user.username })}
      onClick={() => void open()}
    >
      {t('profile.message')}
    </Button>
  )
}
