import type { Me } from '@heliograph/contract/accounts'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { refreshMe } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from './act.ts'
import { ChangeEmailSheet } from './change-email-sheet.tsx'
import { w } from './settings-words.ts'

/** The address, whether it is proved, and the one that is to come after it. */
export function EmailState({ user }: { user: Me }) {
  const [busy, setBusy] = useState(false)
  const [changing, setChanging] = useState(false)

  async function send(): Promise<void> {
    setBusy(true)
    await act(
      () => call('POST /api/me/email-verification'),
      () => toast(w('safe.email.sent')),
    )
    setBusy(false)
  }

  const callOff = () => act(() => call('PUT /api/me/email', { body: { email: user.email } }), refreshMe)
  const sendAgain = (
    <Button busy={busy} onClick={() => void send()}>
      {w('safe.email.send')}
    </Button>
  )

  return (
    <>
      <div class="settings-row">
        <span class="settings-address">
          {user.email}
          <span class="settings-note">{w(user.emailVerified ? 'safe.email.done' : 'safe.email.open')}</span>
        </span>
        {user.pendingEmail ? null : (
          <div class="settings-acts">
            {user.emailVerified ? null : sendAgain}
            <Button label={w('safe.email.change')} onClick={() => setChanging(true)}>
              {w('safe.email.change.short')}
            </Button>
          </div>
        )}
      </div>
      {user.pendingEmail ? (
        <div class="settings-row">
          <span class="settings-address">
            {user.pendingEmail}
            <span class="settings-note">{w('safe.email.pending')}</span>
          </span>
          <div class="settings-acts">
            {sendAgain}
            <Button label={w('safe.email.callOff.name')} onClick={() => void callOff()}>
              {w('safe.email.callOff')}
            </Button>
          </div>
        </div>
      ) : null}
      {changing ? <ChangeEmailSheet user={user} onClose={() => setChanging(false)} /> : null}
    </>
  )
}
