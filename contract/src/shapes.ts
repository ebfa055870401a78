import type { z } from 'zod'
import {
  Avatar,
  Me,
  Relationship,
  Session,
  SignedIn,
  UserListItem,
  UserProfile,
  UserSummary,
} from './accounts.ts'
import { Capabilities } from './capabilities.ts'
import { Problem } from './common.ts'
import { LiveMessage } from './live.ts'
import { Conversation, ConversationMember, Message } from './messages.ts'
import { Audience, Comment, Crop, NewPost, Place, Post, PostMedia, PostStatus, TextEntity } from './posts.ts'
import { Highlight, Story, StoryRing, StoryViewer } from './stories.ts'

/** Shapes that have a name of their own in the API document; all others stand where they are used. */
export const shapes: Readonly<Record<string, z.ZodType>> = {
  Audience,
  Avatar,
  Capabilities,
  Comment,
  Conversation,
  ConversationMember,
  Crop,
  Highlight,
  LiveMessage,
  Me,
  Message,
  NewPost,
  Place,
  Post,
  PostMedia,
  PostStatus,
  Problem,
  Relationship,
  Session,
  SignedIn,
  Story,
  StoryRing,
  StoryViewer,
  TextEntity,
  UserListItem,
  UserProfile,
  UserSummary,
}
