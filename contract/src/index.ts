import { accountsEndpoints, Me, Relationship, UserListItem, UserProfile, UserSummary } from './accounts.ts'
import { adminEndpoints, Instance } from './admin.ts'
import { Capabilities, capabilitiesEndpoints } from './capabilities.ts'
import { Problem } from './common.ts'
import { exportsEndpoints } from './exports.ts'
import { feedEndpoints } from './feed.ts'
import { graphEndpoints } from './graph.ts'
import { HiddenWords, interactionsEndpoints } from './interactions.ts'
import { invitationsEndpoints } from './invitations.ts'
import { LiveMessage } from './live.ts'
import { mediaEndpoints } from './media.ts'
import { Conversation, Message, messagesEndpoints } from './messages.ts'
import { ModerationCase, moderationEndpoints } from './moderation.ts'
import { Notification, notificationsEndpoints } from './notifications.ts'
import { placesEndpoints } from './places.ts'
import { Comment, Post, PostMedia, postsEndpoints } from './posts.ts'
import { SecondFactorNeeded, secondFactorsEndpoints } from './second-factors.ts'
import { signInEndpoints } from './sign-in.ts'
import { signalsEndpoints } from './signals.ts'
import { Highlight, Story, StoryRing, storiesEndpoints } from './stories.ts'
import { Suggestion, suggestionsEndpoints } from './suggestions.ts'
import { verificationEndpoints } from './verification.ts'

/** The whole HTTP API as data: routes, the API document and the web client are typed by it. */
export const endpoints = {
  ...accountsEndpoints,
  ...secondFactorsEndpoints,
  ...signInEndpoints,
  ...invitationsEndpoints,
  ...graphEndpoints,
  ...interactionsEndpoints,
  ...suggestionsEndpoints,
  ...capabilitiesEndpoints,
  ...mediaEndpoints,
  ...placesEndpoints,
  ...postsEndpoints,
  ...feedEndpoints,
  ...storiesEndpoints,
  ...signalsEndpoints,
  ...messagesEndpoints,
  ...moderationEndpoints,
  ...adminEndpoints,
  ...verificationEndpoints,
  ...notificationsEndpoints,
  ...exportsEndpoints,
}
export type AllEndpoints = typeof endpoints

/** Shapes that the API document names. */
export const shapes = {
  Problem,
  SecondFactorNeeded,
  UserSummary,
  UserListItem,
  UserProfile,
  Relationship,
  Me,
  Post,
  PostMedia,
  Comment,
  Story,
  StoryRing,
  Highlight,
  Conversation,
  Message,
  ModerationCase,
  Instance,
  HiddenWords,
  Suggestion,
  Capabilities,
  LiveMessage,
  Notification,
}
