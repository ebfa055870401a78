import type { AdminAccount } from '@heliograph/contract/admin'
import { type Role, rankOf, roleRanks } from '@heliograph/contract/roles'
import { useId, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me } from '../../lib/session.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { a } from './admin-words.ts'

interface RoleSheetProps {
  account: AdminAccount
  onClose: () => void
  onDone: (now: AdminAccount) => void
}

/** One role or none: a higher one holds what the lower ones may. */
export function RoleSheet({ account, onClose, onDone }: RoleSheetProps) {
  const own = me.value?.roles ?? []
  const mayGive = (role: Role) => own.includes('owner') || roleRanks.indexOf(role) < rankOf(own)
  const [role, setRole] = useState<Role | ''>(roleRanks[rankOf(account.roles)] ?? '')
  const [busy, setBusy] = useState(false)
  const group = useId()

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    try {
      onDone(
        await withProof(() =>
          call('PUT /api/admin/accounts/:username/roles', {
            params: { username: account.username },
            body: { roles: role === '' ? [] : [role] },
          }),
        ),
      )
      toast(a('roles.done'))
      onClose()
    } catch (error) {
      toast(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Sheet title={a('roles.title', { name: account.username })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void save(event)}>
        <p>{a('roles.text')}</p>
        <fieldset class="admin-roles">
          <legend class="unseen">{a('account.roles')}</legend>
          {(['', ...roleRanks.filter(mayGive)] as const).map((one) => (
            <label key={one} class="admin-row">
              <span>
                {one === '' ? a('role.none') : a(`role.${one}`)}
                {one === '' ? null : <span class="admin-hint">{a(`roles.${one}.hint`)}</span>}
              </span>
              <input
                type="radio"
                name={group}
                value={one}
                checked={role === one}
                onChange={() => setRole(one)}
              />
            </label>
          ))}
        </fieldset>
        <Button kind="strong" type="submit" wide busy={busy}>
          {a('roles.save')}
        </Button>
      </form>
    </Sheet>
  )
}
