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
const whose: readonly NotifyAbout[] = ['everyone', 'following', 'off']

export function NotificationChoices({ user }: { user: Me }) {
  const { notifications } = user
  return (
    <>
      {kinds.map((kind) => (
        <Choice
          key={kind}
          label={w(`notify.${kind}`)}
          value={notifications[kind]}
          options={whose.map((value) => ({ value, label: w(`notify.from.${value}`) }))}
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
