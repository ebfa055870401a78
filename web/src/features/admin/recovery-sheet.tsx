import type { AdminAccount } from '@heliograph/contract/admin'
import { call } from '../../lib/api.ts'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { a } from './admin-words.ts'
import { ReasonForm } from './reason-form.tsx'

interface RecoverySheetProps {
  account: AdminAccount
  what: 'password' | 'second_factor'
  onClose: () => void
  onDone: () => void
}

const routes = {
  password: 'POST /api/admin/accounts/:username/password-reset',
  second_factor: 'POST /api/admin/accounts/:username/second-factor-reset',
} as const

/** Helps somebody in again who lost what they sign in with. */
export function RecoverySheet({ account: { username }, what, onClose, onDone }: RecoverySheetProps) {
  async function help(reason: string): Promise<void> {
    await call(routes[what], { params: { username }, body: { reason } })
    toast(a(`${what}.done`, { name: username }))
    onDone()
    onClose()
  }

  return (
    <Sheet title={a(`${what}.title`, { name: username })} onClose={onClose}>
      <ReasonForm
        text={a(`${what}.text`, { name: username })}
        label={a('suspend.reason')}
        button={a(what)}
        danger={what === 'second_factor'}
        act={help}
      />
    </Sheet>
  )
}
