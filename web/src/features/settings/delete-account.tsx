import { call, isProblem } from '../../lib/api.ts'
import { dateLocale } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, refreshMe } from '../../lib/session.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'
import { w } from './settings-words.ts'

/** Says what goes, when, and how one has it back, before it asks. */
export function DeleteAccount() {
  async function leave(): Promise<void> {
    const sure = await confirmAction({
      title: w('leave.title'),
      text: w('leave.text'),
      action: w('leave'),
      danger: true,
    })
    if (!sure) return
    try {
      const { deleteAt } = await withProof(() => call('POST /api/me/deletion'))
      const date = new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'long' }).format(Date.parse(deleteAt))
      // The session has ended: this page is nobody's any more, and "sign in to go on" would take the deletion back.
      navigate('/', { replace: true })
      await refreshMe()
      toast(w('leave.done', { date }))
    } catch (error) {
      if (!isProblem(error, 'client.aborted')) toast(problemText(error))
    }
  }

  const { roles = [], username } = me.value ?? {}
  if (roles.length > 0)
    return (
      <div class="settings-form">
        <p class="quiet">{w('leave.role')}</p>
        <Button href={`/admin/accounts/${username}`}>{w('leave.role.go')}</Button>
      </div>
    )
  return (
    <div class="settings-form">
      <p class="quiet">{w('leave.hint')}</p>
      <Button kind="danger" onClick={() => void leave()}>
        {w('leave')}
      </Button>
    </div>
  )
}
