import type { AdminAccount } from '@heliograph/contract/admin'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { navigate } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { loadSession } from '../../lib/session.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'
import { a } from './admin-words.ts'
import { DeleteSheet } from './delete-sheet.tsx'
import { EmailSheet } from './email-sheet.tsx'
import { RecoverySheet } from './recovery-sheet.tsx'
import { RoleSheet } from './role-sheet.tsx'
import { SuspendSheet } from './suspend-sheet.tsx'
import { VerificationActs } from './verification-acts.tsx'

interface ActsProps {
  account: AdminAccount
  /** With the account as it is now, where the act changed it. */
  onChange: (now?: AdminAccount) => void
}

/** Buttons for what the server says that one may do; each says in a sheet what follows before it is done. */
export function AccountActs({ account, onChange }: ActsProps) {
  const [open, setOpen] = useState<'suspend' | 'delete' | 'role' | 'email' | 'password' | 'second_factor'>()
  const { powers, username: name, suspension } = account
  const close = () => setOpen(undefined)
  const may = (power: AdminAccount['powers'][number]) => powers.includes(power)

  async function attempt(act: () => Promise<AdminAccount>, done: string): Promise<void> {
    try {
      onChange(await withProof(act))
      toast(done)
    } catch (error) {
      toast(problemText(error))
    }
  }

  async function unsuspend(): Promise<void> {
    const sure = await confirmAction({
      title: a('unsuspend.title', { name }),
      text: a('unsuspend.text'),
      action: a('unsuspend'),
    })
    if (!sure) return
    await attempt(
      () =>
        call('PUT /api/admin/accounts/:username/state', {
          params: { username: name },
          body: { state: 'active' },
        }),
      a('unsuspend.done', { name }),
    )
  }

  async function keep(): Promise<void> {
    const sure = await confirmAction({
      title: a('keep.title', { name }),
      text: a('keep.text', { name }),
      action: a('keep'),
    })
    if (!sure) return
    await attempt(
      () =>
        call('PUT /api/admin/accounts/:username/state', {
          params: { username: name },
          body: { state: 'active' },
        }),
      a('keep.done', { name }),
    )
  }

  async function decide(decision: 'approve' | 'refuse'): Promise<void> {
    const sure = await confirmAction({
      title: a(`${decision}.title`, { name }),
      text: a(`${decision}.text`, { name }),
      action: a(decision),
      danger: decision === 'refuse',
    })
    if (!sure) return
    try {
      await withProof(() =>
        call('POST /api/admin/accounts/:username/sign-up-decision', {
          params: { username: name },
          body: { decision },
        }),
      )
      toast(a(`${decision}.done`, { name }))
      navigate('/admin/accounts?state=waiting')
    } catch (error) {
      toast(problemText(error))
    }
  }

  async function stepDown(): Promise<void> {
    const sure = await confirmAction({
      title: a('stepDown.title'),
      text: a('stepDown.text'),
      action: a('stepDown'),
      danger: true,
    })
    if (!sure) return
    try {
      await withProof(() =>
        call('PUT /api/admin/accounts/:username/roles', { params: { username: name }, body: { roles: [] } }),
      )
      toast(a('stepDown.done'))
      await loadSession()
      navigate('/settings')
    } catch (error) {
      toast(problemText(error))
    }
  }

  if (powers.length === 0) return <p class="admin-note quiet">{a('account.acts.none')}</p>
  return (
    <div class="admin-acts">
      {may('let_in') ? (
        <>
          <Button kind="strong" onClick={() => void decide('approve')}>
            {a('approve')}
          </Button>
          <Button kind="danger" onClick={() => void decide('refuse')}>
            {a('refuse')}
          </Button>
        </>
      ) : null}
      {suspension && may('suspend') ? (
        <Button kind="strong" onClick={() => void unsuspend()}>
          {a('unsuspend')}
        </Button>
      ) : null}
      {may('keep') ? (
        <Button kind="strong" onClick={() => void keep()}>
          {a('keep')}
        </Button>
      ) : null}
      {may('roles') ? <Button onClick={() => setOpen('role')}>{a('roles')}</Button> : null}
      {may('email') ? <Button onClick={() => setOpen('email')}>{a('email')}</Button> : null}
      {may('password') ? <Button onClick={() => setOpen('password')}>{a('password')}</Button> : null}
      {may('second_factor') ? (
        <Button onClick={() => setOpen('second_factor')}>{a('second_factor')}</Button>
      ) : null}
      {may('verification') ? <VerificationActs account={account} onDone={onChange} /> : null}
      {may('suspend') ? (
        <Button kind="danger" onClick={() => setOpen('suspend')}>
          {a(suspension ? 'suspend.change' : 'suspend')}
        </Button>
      ) : null}
      {may('delete') ? (
        <Button kind="danger" onClick={() => setOpen('delete')}>
          {a('delete')}
        </Button>
      ) : null}
      {may('step_down') ? (
        <Button kind="danger" onClick={() => void stepDown()}>
          {a('stepDown')}
        </Button>
      ) : null}
      {open === 'suspend' ? <SuspendSheet account={account} onClose={close} onDone={onChange} /> : null}
      {open === 'delete' ? <DeleteSheet account={account} onClose={close} onDone={onChange} /> : null}
      {open === 'role' ? <RoleSheet account={account} onClose={close} onDone={onChange} /> : null}
      {open === 'email' ? <EmailSheet account={account} onClose={close} onSeen={() => onChange()} /> : null}
      {open === 'password' || open === 'second_factor' ? (
        <RecoverySheet account={account} what={open} onClose={close} onDone={() => onChange()} />
      ) : null}
    </div>
  )
}
