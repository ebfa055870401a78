import type { UserListItem } from '@heliograph/contract/accounts'
import type { Page as ListPage } from '@heliograph/contract/common'
import { Lock, Users } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { findUserId, putUser, userSignal } from '../../lib/store.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/page-props.ts'
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
      empty={<NobodyShown username={username} count="followerCount" words="profile.followers.empty" />}
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
      empty={<NobodyShown username={username} count="followingCount" words="profile.following.empty" />}
      endOf={undefined}
    />
  )
}

interface NobodyShownProps {
  username: string
  count: 'followerCount' | 'followingCount'
  words: 'profile.followers.empty' | 'profile.following.empty'
}

/** An empty list of somebody who has people in it is closed, and says so. */
function NobodyShown({ username, count, words }: NobodyShownProps) {
  const [id, setId] = useState(() => findUserId(username))
  const known = id === undefined ? undefined : userSignal(id).value?.[count]
  useEffect(() => {
    // Without it the list is merely empty.
    if (known === undefined)
      call('GET /api/users/:username', { params: { username } }).then(
        (user) => setId(putUser(user)),
        () => undefined,
      )
  }, [username, known === undefined])
  const isClosed = username !== me.value?.username && (known ?? 0) > 0
  return <Notice icon={isClosed ? Lock : Users} title={t(isClosed ? 'profile.lists.closed' : words)} />
}

interface PeoplePageProps {
  username: string
  title: string
  list: ReturnType<typeof peoplePaginator>
  empty: ComponentChildren
  endOf: ((id: string) => ComponentChildren) | undefined
}

function PeoplePage({ username, title, list, empty, endOf }: PeoplePageProps) {
  return (
    <Page title={title} back backTo={`/${username}`}>
      <PeopleList list={list} label={title} empty={empty} {...(endOf ? { endOf } : {})} />
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
