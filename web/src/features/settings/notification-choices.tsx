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
]

/** Whom one follows may write without asking, so that nothing is left of requests to write but all or none. */
function choicesOf(kind: Kind): readonly NotifyAbout[] {
  return kind === 'messages' ? ['everyone', 'off'] : ['everyone', 'following', 'off']
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
          options={choicesOf(kind).map((value) => ({ value, label: w(`notify.from.${value}`) }))}
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
