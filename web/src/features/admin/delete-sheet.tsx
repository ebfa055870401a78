import type { AdminAccount } from '@heliograph/contract/admin'
import { call } from '../../lib/api.ts'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { a } from './admin-words.ts'
import { ReasonForm } from './reason-form.tsx'

interface DeleteSheetProps {
  account: AdminAccount
  onClose: () => void
  onDone: (now: AdminAccount) => void
}

/** In 30 days, for somebody who asks for it and cannot sign in. */
export function DeleteSheet({ account: { username }, onClose, onDone }: DeleteSheetProps) {
  const name = username

  async function begin(reason: string): Promise<void> {
    const body = { state: 'deactivated' as const, reason }
    onDone(await call('PUT /api/admin/accounts/:username/state', { params: { username }, body }))
    toast(a('delete.done', { name }))
    onClose()
  }

  return (
    <Sheet title={a('delete.title', { name })} onClose={onClose}>
      <ReasonForm
        text={a('delete.text', { name })}
        label={a('delete.why')}
        button={a('delete')}
        danger
        act={begin}
      />
    </Sheet>
  )
}
