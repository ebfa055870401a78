import type { ListsVisibleTo, Me } from '@heliograph/contract/accounts'
import { t } from '../../lib/i18n.ts'
import { Switch } from '../../ui/field.tsx'
import { audiences } from '../audience/audience-choice.tsx'
import { Choice } from './choice.tsx'
import { choosePreference } from './choose-preference.ts'
import { Row } from './settings-shell.tsx'
import { w } from './settings-words.ts'

const groups: readonly ListsVisibleTo[] = ['everyone', 'followers', 'nobody']

/** For whom new posts are, and what of them others are told. */
export function PostsSeenBy({ user }: { user: Me }) {
  return (
    <>
      <Choice
        label={w('seen.audience')}
        hint={w('seen.audience.hint')}
        value={user.defaultAudience}
        options={audiences.map((value) => ({ value, label: t(`audience.${value}`) }))}
        onChange={(defaultAudience) => void choosePreference({ defaultAudience })}
      />
      <Row href="/settings/close-friends">{w('close.title')}</Row>
      <Switch
        label={w('seen.likes')}
        hint={w('seen.likes.hint')}
        checked={user.hideLikeCounts}
        onChange={(hideLikeCounts) => void choosePreference({ hideLikeCounts })}
      />
    </>
  )
}

/** What others learn of oneself beside posts. */
export function SelfSeenBy({ user }: { user: Me }) {
  return (
    <>
      <Choice
        label={w('seen.lists')}
        hint={w('seen.lists.hint')}
        value={user.listsVisibleTo}
        options={groups.map((value) => ({ value, label: w(`seen.lists.${value}`) }))}
        onChange={(listsVisibleTo) => void choosePreference({ listsVisibleTo })}
      />
      <Switch
        label={w('seen.activity')}
        hint={w('seen.activity.hint')}
        checked={user.showActivity}
        onChange={(showActivity) => void choosePreference({ showActivity })}
      />
      <Switch
        label={w('seen.marks')}
        hint={w('seen.marks.hint')}
        checked={user.showReadMarks}
        onChange={(showReadMarks) => void choosePreference({ showReadMarks })}
      />
    </>
  )
}
