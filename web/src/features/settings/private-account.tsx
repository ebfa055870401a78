import type { Me } from '@heliograph/contract/accounts'
import { call } from '../../lib/api.ts'
import { optimistic } from '../../lib/optimistic.ts'
import { me, welcome } from '../../lib/session.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { Switch } from '../../ui/field.tsx'
import { toastProblem } from '../../ui/toast.tsx'
import { w } from './settings-words.ts'

export function PrivateAccount({ user }: { user: Me }) {
  return (
    <Switch
      label={w('private')}
      hint={w('private.hint')}
      checked={user.isPrivate}
      onChange={(wanted) => void choose(user, wanted)}
    />
  )
}

async function choose(user: Me, isPrivate: boolean): Promise<void> {
  const sure =
    isPrivate ||
    (await confirmAction({
      title: w('private.public.title'),
      text: w('private.public.text'),
      action: w('private.public'),
    }))
  if (!sure) {
    // The switch has moved already under the finger.
    me.value = { ...user }
    return
  }
  await optimistic({
    apply: () => {
      me.value = { ...user, isPrivate }
    },
    call: () => call('PATCH /api/me', { body: { isPrivate } }),
    settle: welcome,
    revert: () => {
      me.value = user
    },
    failed: toastProblem,
  })
}
