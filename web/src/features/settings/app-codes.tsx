import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from './act.ts'
import { w } from './factors-words.ts'

interface AppCodesProps {
  isOn: boolean
  /** Of all second factors. */
  isLast: boolean
  onChanged: (recoveryCodes?: readonly string[] | null) => Promise<void>
}

export function AppCodes({ isOn, isLast, onChanged }: AppCodesProps) {
  const [begun, setBegun] = useState<{ secret: string; uri: string } | undefined>(undefined)

  const begin = () => act(() => call('POST /api/me/totp'), setBegun)

  async function end(): Promise<void> {
    const sure = await confirmAction({
      title: w('totp.end.title'),
      text: isLast ? `${w('totp.end.text')} ${w('passkey.remove.last')}` : w('totp.end.text'),
      action: w('totp.end'),
      danger: true,
    })
    if (!sure) return
    await act(
      () => call('DELETE /api/me/totp'),
      () => {
        toast(w('totp.ended'))
        return onChanged()
      },
    )
  }

  async function confirmed(recoveryCodes: readonly string[] | null): Promise<void> {
    setBegun(undefined)
    toast(w('totp.started'))
    await onChanged(recoveryCodes)
  }

  return (
    <>
      <div class="settings-row">
        <span>{w(isOn ? 'totp.on' : 'totp.off')}</span>
        <Button onClick={() => void (isOn ? end() : begin())}>{w(isOn ? 'totp.end' : 'totp.begin')}</Button>
      </div>
      {begun ? (
        <Lazy
          load={() => import('./app-codes-sheet.tsx').then((sheet) => sheet.AppCodesSheet)}
          props={{ ...begun, onClose: () => setBegun(undefined), onConfirmed: confirmed }}
          onFailed={() => setBegun(undefined)}
        />
      ) : null}
    </>
  )
}
