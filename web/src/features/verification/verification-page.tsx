import type { OwnVerification } from '@heliograph/contract/verification'
import { BadgeCheck, BadgeX, Hourglass } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { dateLocale } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { SettingsShell } from '../settings/settings-shell.tsx'
import { RequestForm } from './request-form.tsx'
import { v } from './verification-words.ts'

/** Asking for the mark beside one's name, and what became of it. */
export function VerificationPage() {
  const [own, setOwn] = useState<OwnVerification | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/me/verification').then(setOwn, setProblem)
  }
  // A decision changes the account, and so what stands here.
  useEffect(() => void read(), [me.value?.isVerified])

  return (
    <SettingsShell title={v('title')} at="/settings/account" backTo="/settings/account">
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {own ? <Standing own={own} onChanged={() => void read()} /> : null}
      {own || problem ? null : <SkeletonPeople />}
    </SettingsShell>
  )
}

function Standing({ own, onChanged }: { own: OwnVerification; onChanged: () => void }) {
  const { isVerified, request, mayAskAt } = own
  if (isVerified)
    return (
      <Notice icon={BadgeCheck} title={v('is.title')}>
        {v('is.text')}
      </Notice>
    )
  if (request?.state === 'waiting')
    return (
      <Notice
        icon={Hourglass}
        title={v('waiting.title')}
        action={<Button onClick={() => void withdraw(onChanged)}>{v('withdraw')}</Button>}
      >
        {v('waiting.text')}
      </Notice>
    )
  const turnedDown = request?.state === 'refused' || request?.state === 'revoked' ? request.state : undefined
  return (
    <>
      {request && turnedDown ? (
        <Notice icon={BadgeX} title={v(`${turnedDown}.title`)}>
          <p dir="auto">{request.reason}</p>
          {mayAskAt ? <p>{v('again', { date: dateOf(mayAskAt) })}</p> : null}
        </Notice>
      ) : null}
      {request?.state === 'lost' ? (
        <Notice icon={BadgeX} title={v('lost.title')}>
          {v('lost.text')}
        </Notice>
      ) : null}
      {mayAskAt && !turnedDown ? <p>{v('again', { date: dateOf(mayAskAt) })}</p> : null}
      {mayAskAt ? null : <RequestForm onSent={onChanged} />}
    </>
  )
}

function dateOf(iso: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'long' }).format(new Date(iso))
}

async function withdraw(onChanged: () => void): Promise<void> {
  const sure = await confirmAction({
    title: v('withdraw.title'),
    text: v('withdraw.text'),
    action: v('withdraw'),
    danger: true,
  })
  if (!sure) return
  try {
    await call('DELETE /api/me/verification-request')
    toast(v('withdraw.done'))
  } catch (error) {
    toastProblem(error)
  }
  onChanged()
}
