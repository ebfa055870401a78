import type { Me } from '@heliograph/contract/accounts'
import type { NotificationChoices as Choices, NotifyAbout } from '@heliograph/contract/preferences'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { w } from './settings-words.ts'

type Kind = Exclude<keyof Choices, 'security'>
const kinds: readonly Kind[] = [
  'likes',
  'comments',
  'mentions',
  'follows',
  'requests',
  'conversations',
  'messages',
  'stories',
  'own',
]

/** Whom one follows may write without asking, so that nothing is left of requests to write but all or none. */
function choicesOf(kind: Kind): readonly NotifyAbout[] {
  return kind === 'messages' || kind === 'own' ? ['everyone', 'off'] : ['everyone', 'following', 'off']
}

function nameOf(kind: Kind, value: NotifyAbout): string {
  return w(kind === 'own' && value === 'everyone' ? 'notify.on' : `notify.from.${value}`)
}

export function NotificationChoices({ user }: { user: Me }) {
  const { notifications } = user
  return (
    <>
      {kinds.map((kind) => (
        <Choice
          key={kind}
          label={w(`notify.${kind}`)}
          value={choicesOf(kind).includes(notifications[kind]) ? notifications[kind] : 'off'}
          options={choicesOf(kind).map((value) => ({ value, label: nameOf(kind, value) }))}
          onChange={(value) =>
            void choosePreference(
              { notifications: { [kind]: value } },
              { notifications: { ...notifications, [kind]: value } },
            )
          }
        />
      ))}
    </>
  )
}
