import type { UserListItem } from '@heliograph/contract/accounts'
import type { Page as ListPage } from '@heliograph/contract/common'
import { Users } from 'lucide-preact'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { userSignal } from '../../lib/store.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/routes.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { FollowButton } from '../people/follow-button.tsx'
import { removeFollower } from '../people/people-actions.ts'
import { PeopleList, peoplePaginator } from '../people/people-list.tsx'

export function FollowersPage({ params }: PageProps) {
  const username = params.username ?? ''
  const own = username === me.value?.username
  const list = peoplePaginator(`user:${username}:followers`, (cursor, signal) =>
    call('GET /api/users/:username/followers', { params: { username }, query: { cursor }, signal }),
  )
  return (
    <PeoplePage
      username={username}
      title={t('profile.followers.title', { name: username })}
      list={list}
      empty={t('profile.followers.empty')}
      endOf={
        own ? (id) => <Remove id={id} onRemoved={() => list.remove((other) => other === id)} /> : undefined
      }
    />
  )
}

export function FollowingPage({ params }: PageProps) {
  const username = params.username ?? ''
  const load = (cursor: string | undefined, signal: AbortSignal): Promise<ListPage<UserListItem>> =>
    call('GET /api/users/:username/following', { params: { username }, query: { cursor }, signal })
  return (
    <PeoplePage
      username={username}
      title={t('profile.following.title', { name: username })}
      list={peoplePaginator(`user:${username}:following`, load)}
      empty={t('profile.following.empty')}
      endOf={undefined}
    />
  )
}

interface PeoplePageProps {
  username: string
  title: string
  list: ReturnType<typeof peoplePaginator>
  empty: string
  endOf: ((id: string) => preact.ComponentChildren) | undefined
}

function PeoplePage({ username, title, list, empty, endOf }: PeoplePageProps) {
  return (
    <Page title={title} back backTo={`/${username}`}>
      <PeopleList
        list={list}
        label={title}
        empty={<Notice icon={Users} title={empty} />}
        {...(endOf ? { endOf } : {})}
      />
    </Page>
  )
}

/** One's own followers can be sent away from their list. */
function Remove({ id, onRemoved }: { id: string; onRemoved: () => void }) {
  const user = userSignal(id).value
  if (!user) return null
  return (
    <>
      {user.relationship?.following === 'no' ? <FollowButton user={user} /> : null}
      <Button
        kind="quiet"
        label={`${t('profile.removeFollower')}: ${user.username}`}
        onClick={() => void removeFollower(user).then((done) => done && onRemoved())}
      >
        {t('profile.removeFollower.short')}
      </Button>
    </>
  )
}
