import type { Id } from '@heliograph/contract/common'
import { Ban, Camera, Lock, Settings, UserX } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import type { Paginator } from '../../lib/paging.ts'
import { me } from '../../lib/session.ts'
import { tell } from '../../lib/signals.ts'
import { findUserId, putUser, type UserRecord, userSignal } from '../../lib/store.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/page-props.ts'
import { onTabAgain } from '../../shell/tabs.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { PostGrid } from '../posts/grid.tsx'
import { postsPaginator } from '../posts/posts-lists.ts'
import { HighlightsSlot } from '../stories/highlights-slot.tsx'
import { ProfileHeader, ProfileSkeleton } from './profile-header.tsx'
import { ProfileMore } from './profile-more.tsx'
import './profile.css'

export function ProfilePage({ params }: PageProps) {
  const username = (params.username ?? '').toLowerCase()
  const { user, problem, reload } = useProfile(username)
  const own = user !== undefined && user.id === me.value?.id
  useEffect(() => {
    // The photographs are asked for beside the profile, not after it.
    const list = postsOf(username)
    if (!list.started.value) void list.refresh()
  }, [username])

  if (!user && isProblem(problem, 'user.not_found', 'request.invalid', 'request.not_found')) {
    return (
      <Page title={t('profile.notFound.title')} back>
        <Notice icon={UserX} title={t('profile.notFound.title')}>
          {t('profile.notFound.text')}
        </Notice>
      </Page>
    )
  }
  return (
    <Page
      title={username}
      back={!own}
      wide
      actions={
        <>
          {own ? (
            <IconButton icon={Settings} label={t('nav.settings')} href="/settings" class="narrow-only" />
          ) : null}
          {user && me.value ? <ProfileMore user={user} own={own} /> : null}
        </>
      }
    >
      {user?.postCount !== undefined ? <ProfileHeader user={user} own={own} /> : null}
      {user?.postCount !== undefined && me.value ? (
        <HighlightsSlot key={user.id} username={user.username} own={own} />
      ) : null}
      {user?.postCount === undefined && !problem ? <ProfileSkeleton /> : null}
      {problem && user?.postCount === undefined ? <ProblemNotice error={problem} onRetry={reload} /> : null}
      {user?.postCount !== undefined ? <ProfilePosts user={user} own={own} /> : null}
    </Page>
  )
}

/** Shows what is known at once and reads it anew; a name that has changed leads to the new one. */
function useProfile(username: string): {
  user: UserRecord | undefined
  problem: unknown
  reload: () => void
} {
  const id = findUserId(username)
  const user = (id ? userSignal(id).value : undefined) ?? undefined
  const [problem, setProblem] = useState<unknown>()
  const [asked, setAsked] = useState(0)
  const viewer = me.value?.id

  useEffect(() => {
    const stop = new AbortController()
    setProblem(undefined)
    call('GET /api/users/:username', { params: { username }, signal: stop.signal }).then(
      (profile) => {
        putUser(profile)
        if (asked === 0 && profile.id !== me.peek()?.id) tell({ kind: 'profile_visit', userId: profile.id })
        if (profile.username !== username) navigate(`/${profile.username}`, { replace: true })
      },
      (error) => {
        if (!isProblem(error, 'client.aborted')) setProblem(error)
      },
    )
    return () => stop.abort()
  }, [username, asked, viewer])

  const gone = isProblem(problem, 'user.not_found')
  return { user: gone ? undefined : user, problem, reload: () => setAsked(asked + 1) }
}

function postsOf(username: string): Paginator<Id> {
  return postsPaginator(`user:${username}:posts`, (cursor, signal) =>
    call('GET /api/users/:username/posts', { params: { username }, query: { cursor }, signal }),
  )
}

function ProfilePosts({ user, own }: { user: UserRecord; own: boolean }) {
  const relation = user.relationship
  if (relation?.blocking) {
    return (
      <Notice icon={Ban} title={t('profile.blocked.title', { name: user.username })}>
        {t('profile.blocked.text')}
      </Notice>
    )
  }
  if (user.isPrivate && !own && relation?.following !== 'yes') {
    return (
      <Notice icon={Lock} title={t('profile.private.title')}>
        {relation?.following === 'requested'
          ? t('profile.private.requested', { name: user.username })
          : t('profile.private.text')}
      </Notice>
    )
  }
  return <Posts user={user} own={own} />
}

function Posts({ user, own }: { user: UserRecord; own: boolean }) {
  const { username } = user
  const list = postsOf(username)
  useEffect(() => onTabAgain(`/${username}`, () => void list.refresh()), [username, list])
  return (
    <PostGrid
      list={list}
      label={t('profile.grid', { name: username })}
      empty={
        <Notice
          icon={Camera}
          title={t('profile.empty.title')}
          action={
            own ? (
              <Button kind="primary" href="/share">
                {t('feed.empty.share')}
              </Button>
            ) : null
          }
        >
          {own ? t('profile.empty.own') : t('profile.empty.other', { name: username })}
        </Notice>
      }
    />
  )
}
