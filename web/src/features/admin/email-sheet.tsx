import type { AdminAccount } from '@heliograph/contract/admin'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { Sheet } from '../../ui/sheet.tsx'
import { a } from './admin-words.ts'
import { ReasonForm } from './reason-form.tsx'

interface EmailSheetProps {
  account: AdminAccount
  onClose: () => void
  onSeen: () => void
}

/** The address stays in this sheet: nothing keeps it once it is closed. */
export function EmailSheet({ account: { username }, onClose, onSeen }: EmailSheetProps) {
  const [seen, setSeen] = useState<{ email: string; emailVerified: boolean }>()

  async function look(reason: string): Promise<void> {
    setSeen(
      await call('POST /api/admin/accounts/:username/email-look', {
        params: { username },
        body: { reason },
      }),
    )
    onSeen()
  }

  return (
    <Sheet title={a('email.title', { name: username })} onClose={onClose}>
      {seen ? (
        <div class="admin-form" role="status">
          <p class="admin-address">{seen.email}</p>
          <p class="quiet">{a(seen.emailVerified ? 'email.proven' : 'email.unproven')}</p>
        </div>
      ) : (
        <ReasonForm text={a('email.text')} label={a('email.reason')} button={a('email.show')} act={look} />
      )}
    </Sheet>
  )
}
