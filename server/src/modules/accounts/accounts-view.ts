import type {
  Me,
  Relationship,
  Session,
  UserListItem,
  UserProfile,
  UserSummary,
} from '@heliograph/contract/accounts'
import type { z } from 'zod'
import { toAccount, type UserRow } from './accounts-repository.ts'
import type { AccountRow, AvatarUrls, Interactions, SignAvatar } from './accounts-types.ts'
import type { CountsRow } from './counts-repository.ts'
import type { Choices } from './preferences-repository.ts'
import type { SessionRow } from './sessions-repository.ts'

export interface AccountsView {
  summary(account: AccountRow): UserSummary
  listItem(account: AccountRow, relationship: Relationship | null): UserListItem
  profile(account: AccountRow, counts: CountsRow, relationship: Relationship | null): UserProfile
  me(
    user: UserRow,
    facts: {
      counts: CountsRow
      followRequestCount: number
      choices: Choices
      interactions: Interactions
      mayInvite: boolean
      rolesRest: boolean
      needsFactor: boolean
    },
  ): Me
}

export function createAccountsView(signAvatar: SignAvatar): AccountsView {
  const avatarOf = (account: AccountRow): AvatarUrls | null =>
    account.avatarKey === null ? null : signAvatar(account, account.avatarKey)

  const summary = (account: AccountRow, avatar = avatarOf(account)): UserSummary => ({
    id: account.id,
    username: account.username,
    fullName: account.fullName,
    avatarUrl: avatar?.medium ?? null,
    isVerified: account.isVerified,
  })

  const profile: AccountsView['profile'] = (account, counts, relationship) => {
    const avatar = avatarOf(account)
    return {
      ...summary(account, avatar),
      bio: account.bio,
      avatar,
      isPrivate: account.isPrivate,
      followerCount: counts.follower_count,
      followingCount: counts.following_count,
      postCount: counts.post_count,
      relationship,
      createdAt: account.createdAt.toISOString(),
    }
  }

  return {
    summary: (account) => summary(account),
    listItem: (account, relationship) => ({
      ...summary(account),
      isPrivate: account.isPrivate,
      relationship,
    }),
    profile,
    me: (user, { counts, followRequestCount, choices, interactions, mayInvite, rolesRest, needsFactor }) => ({
      mayInvite,
      rolesRest,
      needsFactor,
      ...profile(toAccount(user), counts, selfRelationship),
      email: user.email,
      emailVerified: user.email_verified_at !== null,
      pendingEmail: user.pending_email,
      timeZone: user.time_zone,
      language: user.language,
      theme: user.theme,
      dataSaver: user.data_saver,
      feedMode: user.feed_mode,
      personalisation: user.personalisation,
      hideLikeCounts: user.hide_like_counts,
      listsVisibleTo: user.lists_visible_to,
      showActivity: user.show_activity,
      showReadMarks: user.show_read_marks,
      roles: user.roles,
      followRequestCount,
      avatarStatus: user.avatar_status,
      ...choices,
      allowComments: interactions.comments,
      allowMentions: interactions.mentions,
      allowMessages: interactions.messages,
    }),
  }
}

const selfRelationship: Relationship = {
  self: true,
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

export function presentSession(session: SessionRow, currentId: string): z.output<typeof Session> {
  return {
    id: session.id,
    createdAt: session.created_at.toISOString(),
    lastUsedAt: session.last_used_at.toISOString(),
    userAgent: session.user_agent,
    current: session.id === currentId,
  }
}
