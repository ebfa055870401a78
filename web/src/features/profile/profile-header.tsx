import { parseText } from '@heliograph/contract/text'
import { Lock, Star } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { locale, t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import type { UserRecord } from '../../lib/store.ts'
import { compactCount } from '../../lib/time.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { RichText } from '../../ui/rich-text.tsx'
import { SkeletonDisc, SkeletonLine } from '../../ui/skeleton.tsx'
import { MessageButton } from '../messages/message-button.tsx'
import { FollowButton } from '../people/follow-button.tsx'
import { answerRequest, setFavourite } from '../people/people-actions.ts'
import { Verified } from '../people/verified.tsx'
import { StoryAvatar } from '../stories/story-avatar.tsx'

const loadEdit = () => import('./edit-profile-sheet.tsx').then((part) => part.EditProfileSheet)

export function ProfileHeader({ user, own }: { user: UserRecord; own: boolean }) {
  return (
    <section class="profile" aria-label={user.username}>
      <div class="profile-top">
        <StoryAvatar user={user} size={88} src={user.avatar?.large ?? user.avatarUrl} />
        <Counts user={user} own={own} />
      </div>
      <div class="profile-words">
        <p class="profile-name">
          <bdi>{user.fullName || user.username}</bdi>
          <Verified user={user} />
          {user.isPrivate ? (
            <span
              class="profile-lock"
              role="img"
              aria-label={t('profile.private')}
              title={t('profile.private')}
            >
              <Lock size={14} strokeWidth={2} aria-hidden="true" />
            </span>
          ) : null}
        </p>
        {user.relationship?.followedBy && !own ? <p class="quiet">{t('profile.followsYou')}</p> : null}
        {user.bio ? (
          <p class="prose" dir="auto">
            <RichText text={user.bio} entities={parseText(user.bio)} alone />
          </p>
        ) : null}
      </div>
      <div class="profile-actions">
        {own ? <EditButton /> : <FollowButton user={user} wide />}
        {own || !me.value || user.relationship?.blocking ? null : <MessageButton user={user} />}
        {user.relationship?.following === 'yes' ? <FavouriteButton user={user} /> : null}
      </div>
      {user.relationship?.requestedBy ? <AsksYou user={user} /> : null}
    </section>
  )
}

function FavouriteButton({ user }: { user: UserRecord }) {
  const favourite = user.relationship?.favourite === true
  return (
    <IconButton
      icon={Star}
      class="favourite"
      pressed={favourite}
      label={t('profile.favourite', { name: user.username })}
      onClick={() => void setFavourite(user, !favourite)}
    />
  )
}

function Counts({ user, own }: { user: UserRecord; own: boolean }) {
  const { username, postCount = 0, followerCount = 0, followingCount = 0 } = user
  const open = own || !user.isPrivate || user.relationship?.following === 'yes'
  return (
    <ul class="counts">
      <Count count={postCount} words={t('profile.posts', { count: postCount })} />
      <Count
        count={followerCount}
        words={t('profile.followers', { count: followerCount })}
        href={open ? `/${username}/followers` : undefined}
      />
      <Count
        count={followingCount}
        words={t('profile.following', { count: followingCount })}
        href={open ? `/${username}/following` : undefined}
      />
    </ul>
  )
}

function Count({ count, words, href }: { count: number; words: string; href?: string | undefined }) {
  const inside = (
    <>
      <b>{compactCount(count, locale())}</b> <span>{words}</span>
    </>
  )
  return <li>{href ? <a href={href}>{inside}</a> : <span class="count">{inside}</span>}</li>
}

function EditButton() {
  const [open, setOpen] = useState(false)
  const user = me.value
  if (!user) return null
  return (
    <>
      <Button wide onClick={() => setOpen(true)}>
        {t('profile.edit')}
      </Button>
      {open ? (
        <Lazy
          load={loadEdit}
          props={{ user, onClose: () => setOpen(false) }}
          onFailed={() => setOpen(false)}
        />
      ) : null}
    </>
  )
}

function AsksYou({ user }: { user: UserRecord }) {
  return (
    <div class="profile-asks">
      <p>{t('profile.asksYou', { name: user.username })}</p>
      <Button kind="primary" onClick={() => void answerRequest(user, true)}>
        {t('requests.accept')}
      </Button>
      <Button onClick={() => void answerRequest(user, false)}>{t('requests.refuse')}</Button>
    </div>
  )
}

export function ProfileSkeleton() {
  return (
    <div class="profile" role="status" aria-label={t('ui.loading')}>
      <div class="profile-top">
        <SkeletonDisc size={88} />
        <div class="counts">
          <SkeletonLine width="3rem" />
          <SkeletonLine width="4rem" />
          <SkeletonLine width="4rem" />
        </div>
      </div>
      <div class="profile-words">
        <SkeletonLine width="9rem" />
        <SkeletonLine width="14rem" />
      </div>
      <div class="profile-actions">
        <span class="skeleton profile-skeleton-button" />
      </div>
    </div>
  )
}
