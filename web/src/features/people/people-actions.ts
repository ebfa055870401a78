import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { optimistic } from '../../lib/optimistic.ts'
import { forgetPaginators, refreshPaginators } from '../../lib/paging.ts'
import { refreshMe } from '../../lib/session.ts'
import { dropAuthor, patchUser, putRelationship, type UserRecord } from '../../lib/store.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { requireSignIn } from '../posts/posts-actions.ts'

type Relationship = NonNullable<UserRecord['relationship']>

const stranger: Relationship = {
  self: false,
  following: 'no',
  followedBy: false,
  requestedBy: false,
  blocking: false,
  muting: [],
  favourite: false,
  restricting: false,
  closeFriend: false,
  storyHidden: false,
}

function relationshipOf(user: UserRecord): Relationship {
  return user.relationship ?? stranger
}

/** Shows a relationship before the server has agreed to it, and the server's word afterwards. */
async function change(
  user: UserRecord,
  wished: Partial<Relationship>,
  send: (params: { username: string }) => Promise<{ relationship: Relationship }>,
): Promise<boolean> {
  const before = user.relationship ?? null
  return await optimistic({
    apply: () => putRelationship(user.id, { ...relationshipOf(user), ...wished }),
    call: () => send({ username: user.username }),
    settle: (answer) => putRelationship(user.id, answer.relationship),
    revert: () => patchUser(user.id, { relationship: before }),
    failed: toastProblem,
  })
}

export async function follow(user: UserRecord): Promise<void> {
  if (!requireSignIn()) return
  const asks = user.isPrivate === true
  const done = await change(user, { following: asks ? 'requested' : 'yes' }, (params) =>
    call('PUT /api/users/:username/follow', { params }),
  )
  if (!done) return
  if (asks) toast(t('profile.requested.toast', { name: user.username }))
  else {
    countFollower(user, 1)
    // What is for followers stands on their profile from now on.
    refreshPaginators(`user:${user.username}:posts`)
  }
  refreshPaginators('feed:')
}

export async function unfollow(user: UserRecord): Promise<void> {
  const requested = relationshipOf(user).following === 'requested'
  const sure = await confirmAction({
    title: t(requested ? 'profile.withdraw.title' : 'profile.unfollow.title', { name: user.username }),
    ...(user.isPrivate && !requested ? { text: t('profile.unfollow.private') } : {}),
    action: t(requested ? 'profile.withdraw' : 'profile.unfollow'),
  })
  if (!sure) return
  const done = await change(user, { following: 'no', favourite: false }, (params) =>
    call('DELETE /api/users/:username/follow', { params }),
  )
  if (!done) return
  if (!requested) countFollower(user, -1)
  refreshPaginators('feed:')
}

function countFollower(user: UserRecord, by: 1 | -1): void {
  if (user.followerCount !== undefined)
    patchUser(user.id, { followerCount: Math.max(0, user.followerCount + by) })
  void refreshMe()
}

export async function removeFollower(user: UserRecord): Promise<boolean> {
  const sure = await confirmAction({
    title: t('profile.removeFollower.title', { name: user.username }),
    text: t('profile.removeFollower.text'),
    action: t('profile.removeFollower'),
    danger: true,
  })
  if (!sure) return false
  const done = await change(user, { followedBy: false, closeFriend: false }, (params) =>
    call('DELETE /api/users/:username/follower', { params }),
  )
  if (done) toast(t('profile.removed', { name: user.username }))
  return done
}

export async function block(user: UserRecord): Promise<boolean> {
  const sure = await confirmAction({
    title: t('profile.block.title', { name: user.username }),
    text: t('profile.block.text', { name: user.username }),
    action: t('profile.block'),
    danger: true,
  })
  if (!sure) return false
  const done = await change(
    user,
    {
      blocking: true,
      following: 'no',
      favourite: false,
      closeFriend: false,
      followedBy: false,
      requestedBy: false,
    },
    (params) => call('PUT /api/users/:username/block', { params }),
  )
  if (!done) return false
  dropAuthor(user.id)
  toast(t('profile.blocked', { name: user.username }))
  return true
}

export async function unblock(user: UserRecord): Promise<void> {
  const done = await change(user, { blocking: false }, (params) =>
    call('DELETE /api/users/:username/block', { params }),
  )
  if (!done) return
  forgetPaginators(`user:${user.username}`)
  toast(t('profile.unblocked', { name: user.username }))
}

export async function setMuted(user: UserRecord, muting: Relationship['muting']): Promise<void> {
  const had = relationshipOf(user).muting
  const body = { posts: muting.includes('posts'), stories: muting.includes('stories') }
  const done = await change(user, { muting }, (params) =>
    muting.length > 0
      ? call('PUT /api/users/:username/mute', { params, body })
      : call('DELETE /api/users/:username/mute', { params }),
  )
  if (!done) return
  if (muting.length === 0) toast(t('profile.unmuted', { name: user.username }))
  else if (body.posts && !had.includes('posts')) toast(t('profile.muted', { name: user.username }))
  if (body.posts !== had.includes('posts')) refreshPaginators('feed:')
}

/** What they write under one's posts waits from now on; they do not learn of it. */
export async function setRestricted(user: UserRecord, restricting: boolean): Promise<void> {
  const sure =
    !restricting ||
    (await confirmAction({
      title: t('profile.restrict.title', { name: user.username }),
      text: t('profile.restrict.text'),
      action: t('profile.restrict'),
    }))
  if (!sure) return
  const done = await change(user, { restricting }, (params) =>
    restricting
      ? call('PUT /api/users/:username/restrict', { params })
      : call('DELETE /api/users/:username/restrict', { params }),
  )
  if (done) toast(t(restricting ? 'profile.restricted' : 'profile.unrestricted', { name: user.username }))
}

/** Between those whom one follows; nobody learns of it. */
export async function setFavourite(user: UserRecord, favourite: boolean): Promise<boolean> {
  const done = await change(user, { favourite }, (params) =>
    favourite
      ? call('PUT /api/users/:username/favourite', { params })
      : call('DELETE /api/users/:username/favourite', { params }),
  )
  if (!done) return false
  toast(t(favourite ? 'profile.favourite.added' : 'profile.favourite.removed', { name: user.username }))
  refreshPaginators('feed:favourites')
  return true
}

/** They are not told, of either. */
export async function setCloseFriend(user: UserRecord, closeFriend: boolean): Promise<boolean> {
  const done = await change(user, { closeFriend }, (params) =>
    closeFriend
      ? call('PUT /api/users/:username/close-friend', { params })
      : call('DELETE /api/users/:username/close-friend', { params }),
  )
  if (!done) return false
  const name = user.username
  toast(t(closeFriend ? 'profile.closeFriend.added' : 'profile.closeFriend.removed', { name }))
  return true
}

/** Of very many the last become followers a moment later. */
export async function acceptAllRequests(): Promise<boolean> {
  try {
    const { accepted } = await call('POST /api/follow-requests/accept-all')
    toast(t('requests.accepted.all', { count: accepted }))
  } catch (error) {
    toastProblem(error)
    return false
  }
  void refreshMe()
  return true
}

/** A request that was taken back meanwhile counts as answered: either way it leaves the list. */
export async function answerRequest(user: UserRecord, accept: boolean): Promise<boolean> {
  const params = { username: user.username }
  try {
    const { relationship } = accept
      ? await call('PUT /api/follow-requests/:username', { params })
      : await call('DELETE /api/follow-requests/:username', { params })
    putRelationship(user.id, relationship)
    toast(accept ? t('requests.accepted', { name: user.username }) : t('requests.refused'))
  } catch (error) {
    toastProblem(error)
    if (!isProblem(error, 'follow_request.not_found')) return false
  }
  void refreshMe()
  return true
}
