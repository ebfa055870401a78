import type { Me } from '@heliograph/contract/accounts'
import { useEffect, useState } from 'preact/hooks'
import { Switch } from '../../ui/field.tsx'
import { toastProblem } from '../../ui/toast.tsx'
import { lookAtPush, pushState, switchPushOff, switchPushOn } from '../notifications/push-device.ts'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

/** Whether this browser shows what is new while the app is closed, and how much of it. */
export function PushChoices({ user }: { user: Me }) {
  const [busy, setBusy] = useState(false)
  useEffect(() => void lookAtPush(), [])
  const state = pushState.value
  const change = async (on: boolean) => {
    setBusy(true)
    await (on ? switchPushOn() : switchPushOff()).catch(toastProblem)
    setBusy(false)
  }
  return (
    <>
      <Switch
        label={w('push.device')}
        hint={w(`push.device.${state ?? 'off'}`)}
        checked={state === 'on'}
        disabled={busy || state === undefined || state === 'unsupported' || state === 'refused'}
        onChange={(on) => void change(on)}
      />
      <Switch
        label={w('push.text')}
        hint={w('push.text.hint')}
        checked={user.pushText}
        onChange={(pushText) => void choosePreference({ pushText })}
      />
    </>
  )
}
