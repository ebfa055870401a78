import type { SecondFactors } from '@heliograph/contract/second-factors'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { me, refreshMe } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { act } from './act.ts'
import { AppCodes } from './app-codes.tsx'
import { w } from './factors-words.ts'
import { Passkeys } from './passkeys.tsx'
import { Section } from './settings-shell.tsx'

type Codes = typeof import('./recovery-codes-sheet.tsx')

/** What is asked for beside the password, or in its place. */
export function Factors() {
  const [factors, setFactors] = useState<SecondFactors | undefined>(undefined)
  const [codes, setCodes] = useState<Codes | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const [fresh, setFresh] = useState<readonly string[] | null>(null)

  /** With what shows codes: they are told once, and must not come to a page that cannot load it any more. */
  async function read(): Promise<void> {
    setProblem(undefined)
    await Promise.all([
      call('GET /api/me/second-factors').then(setFactors),
      import('./recovery-codes-sheet.tsx').then(setCodes),
    ]).catch(setProblem)
  }
  useEffect(() => void read(), [])

  /** Codes that came with a change are shown before anything else: there is no second time. */
  async function changed(recoveryCodes: readonly string[] | null = null): Promise<void> {
    setFresh(recoveryCodes)
    await read()
    // A role, or a whole account, that rested for want of one of these counts from now on, or rests again.
    await refreshMe()
  }

  async function renew(): Promise<void> {
    const sure = await confirmAction({
      title: w('recovery.renew.title'),
      text: w('recovery.renew.text'),
      action: w('recovery.renew'),
    })
    if (!sure) return
    await act(
      () => call('POST /api/me/recovery-codes'),
      ({ recoveryCodes }) => changed(recoveryCodes),
    )
  }

  const count = factors ? factors.passkeys.length + (factors.totpSince ? 1 : 0) : 0
  return (
    <>
      {fresh && codes ? <codes.RecoveryCodesSheet codes={fresh} onClose={() => setFresh(null)} /> : null}
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {factors && codes && !problem ? (
        <>
          {me.value?.needsFactor || me.value?.rolesRest ? (
            <p class="settings-rests" role="note">
              {w(me.value.needsFactor ? 'needed' : 'rests')}
            </p>
          ) : null}
          <Section title={w('passkeys')}>
            <Passkeys passkeys={factors.passkeys} isLast={count === 1} onChanged={changed} />
          </Section>
          <Section title={w('totp')}>
            <AppCodes isOn={factors.totpSince !== null} isLast={count === 1} onChanged={changed} />
          </Section>
          {count > 0 ? (
            <Section title={w('recovery')}>
              <div class="settings-row">
                <span>{w('recovery.left', { count: factors.recoveryCodesLeft })}</span>
                <Button onClick={() => void renew()}>{w('recovery.renew')}</Button>
              </div>
            </Section>
          ) : null}
        </>
      ) : null}
      {problem || (factors && codes) ? null : <SkeletonPeople />}
    </>
  )
}
