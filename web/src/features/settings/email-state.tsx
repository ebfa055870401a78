import type { Me } from '@heliograph/contract/accounts'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { Button } from '../../ui/button.tsx'
import { toast } from '../../ui/toast.tsx'
import { w } from './settings-words.ts'

export function EmailState({ user }: { user: Me }) {
  const [busy, setBusy] = useState(false)

  async function send(): Promise<void> {
    setBusy(true)
    await call('POST /api/me/email-verification').then(
      () => toast(w('safe.email.sent')),
      (error) => toast(problemText(error)),
    )
    setBusy(false)
  }

  return (
    <div class="settings-row">
      <span>
        {user.email}
        <span class="settings-note">{w(user.emailVerified ? 'safe.email.done' : 'safe.email.open')}</span>
      </span>
      {user.emailVerified ? null : (
        <Button busy={busy} onClick={() => void send()}>
          {w('safe.email.send')}
        </Button>
      )}
    </div>
  )
}
