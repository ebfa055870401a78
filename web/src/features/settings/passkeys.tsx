import { deviceName } from '@heliograph/contract/device-name'
import type { Passkey } from '@heliograph/contract/second-factors'
import { Pencil, Plus, Trash2 } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { passkeysWork } from '../../lib/passkeys-work.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from './act.ts'
import { w } from './factors-words.ts'

interface PasskeysProps {
  passkeys: readonly Passkey[]
  /** Of all second factors. */
  isLast: boolean
  onChanged: (recoveryCodes?: readonly string[] | null) => Promise<void>
}

export function Passkeys({ passkeys, isLast, onChanged }: PasskeysProps) {
  const [renaming, setRenaming] = useState<Passkey | undefined>(undefined)

  const add = () =>
    act(
      async () => {
        const [{ createPasskey }, options] = await Promise.all([
          import('../../lib/passkeys.ts'),
          call('POST /api/me/passkey-challenges'),
        ])
        const passkey = await createPasskey(options)
        const name = deviceName(navigator.userAgent) ?? w('passkey.default')
        return call('POST /api/me/passkeys', { body: { passkey, name } })
      },
      ({ recoveryCodes }) => {
        toast(w('passkey.added'))
        return onChanged(recoveryCodes)
      },
    )

  async function remove({ id, name }: Passkey): Promise<void> {
    const sure = await confirmAction({
      title: w('passkey.remove.title', { name }),
      text: isLast ? `${w('passkey.remove.text')} ${w('passkey.remove.last')}` : w('passkey.remove.text'),
      action: w('passkey.remove.go'),
      danger: true,
    })
    if (!sure) return
    await act(
      () => call('DELETE /api/me/passkeys/:id', { params: { id } }),
      () => {
        toast(w('passkey.removed'))
        return onChanged()
      },
    )
  }

  return (
    <>
      <p class="settings-lead">{w('passkeys.hint')}</p>
      <ul>
        {passkeys.map((passkey) => (
          <li key={passkey.id} class="settings-row">
            <span>
              {passkey.name}
              <span class="settings-note">
                {w('passkey.since')} <TimeAgo iso={passkey.createdAt} />
                {' · '}
                {passkey.lastUsedAt ? (
                  <>
                    {w('passkey.used')} <TimeAgo iso={passkey.lastUsedAt} />
                  </>
                ) : (
                  w('passkey.unused')
                )}
              </span>
            </span>
            <IconButton
              icon={Pencil}
              size={20}
              label={w('passkey.rename', { name: passkey.name })}
              onClick={() => setRenaming(passkey)}
            />
            <IconButton
              icon={Trash2}
              size={20}
              label={w('passkey.remove', { name: passkey.name })}
              onClick={() => void remove(passkey)}
            />
          </li>
        ))}
      </ul>
      {passkeysWork() ? (
        <button type="button" class="settings-row" onClick={() => void add()}>
          {w('passkeys.add')}
          <Icon of={Plus} size={20} />
        </button>
      ) : (
        <p class="settings-lead">{w('passkeys.unsupported')}</p>
      )}
      {renaming ? (
        <Lazy
          load={() => import('./passkey-name-sheet.tsx').then((sheet) => sheet.PasskeyNameSheet)}
          props={{
            passkey: renaming,
            onClose: () => setRenaming(undefined),
            onRenamed: () => onChanged(),
          }}
          onFailed={() => setRenaming(undefined)}
        />
      ) : null}
    </>
  )
}
