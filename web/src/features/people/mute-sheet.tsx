import { t } from '../../lib/i18n.ts'
import { type UserRecord, userSignal } from '../../lib/store.ts'
import { Button } from '../../ui/button.tsx'
import { Switch } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { setMuted } from './people-actions.ts'
import { p } from './people-words.ts'

/** What of somebody one does not want to see, each for itself. */
export function MuteSheet({ user: { id, username }, onClose }: { user: UserRecord; onClose: () => void }) {
  const user = userSignal(id).value
  if (!user) return null
  const muting = user.relationship?.muting ?? []
  const kinds = ['posts', 'stories'] as const
  return (
    <Sheet
      title={p('mute.title', { name: username })}
      onClose={onClose}
      action={
        <Button kind="quiet" onClick={onClose}>
          {t('ui.done')}
        </Button>
      }
    >
      <div class="sheet-form">
        <p class="quiet">{p('mute.text')}</p>
        {kinds.map((kind) => (
          <Switch
            key={kind}
            label={p(`mute.${kind}`)}
            hint={p(`mute.${kind}.hint`)}
            checked={muting.includes(kind)}
            onChange={(on) =>
              void setMuted(
                user,
                kinds.filter((one) => (one === kind ? on : muting.includes(one))),
              )
            }
          />
        ))}
      </div>
    </Sheet>
  )
}
