import type { AdminAccount } from '@heliograph/contract/admin'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { countCases } from '../moderation/cases-waiting.ts'
import { a } from './admin-words.ts'
import { ReasonForm } from './reason-form.tsx'

interface VerificationActsProps {
  account: AdminAccount
  onDone: (now: AdminAccount) => void
}

/** The mark beside a name: given to somebody whom one knows without a request, or taken away. */
export function VerificationActs({ account, onDone }: VerificationActsProps) {
  const [taking, setTaking] = useState(false)
  const { username, fullName, isVerified } = account
  const params = { username }

  async function change(
    body: { isVerified: true; fullName: string } | { isVerified: false; reason: string },
  ) {
    await call('PUT /api/admin/accounts/:username/verified', { params, body })
    // A request that waited is answered with it.
    void countCases()
    onDone(await call('GET /api/admin/accounts/:username', { params }))
    toast(a(body.isVerified ? 'verify.done' : 'unverify.done', { name: username }))
  }

  async function give(): Promise<void> {
    const sure = await confirmAction({
      title: a('verify.title', { name: username }),
      text: fullName ? a('verify.text', { name: fullName }) : a('verify.text.unnamed'),
      action: a('verify'),
    })
    if (sure) await withProof(() => change({ isVerified: true, fullName })).catch(toastProblem)
  }

  return (
    <>
      {isVerified ? (
        <Button onClick={() => setTaking(true)}>{a('unverify')}</Button>
      ) : (
        <Button onClick={() => void give()}>{a('verify')}</Button>
      )}
      {taking ? (
        <Sheet title={a('unverify.title', { name: username })} onClose={() => setTaking(false)}>
          <ReasonForm
            text={a('unverify.text', { name: username })}
            label={a('unverify.reason')}
            button={a('unverify')}
            danger
            act={async (reason) => {
              await change({ isVerified: false, reason })
              setTaking(false)
            }}
          />
        </Sheet>
      ) : null}
    </>
  )
}
