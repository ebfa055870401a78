import { z } from 'zod'
import { Audience } from './common.ts'

/** The languages that mails and the web app speak. */
export const Language = z.enum(['en', 'de'])
export type Language = z.output<typeof Language>

/** Whether videos in view begin by themselves. Saving data and a slow line keep them still in any case. */
export const Autoplay = z.enum(['always', 'wifi', 'never'])
export type Autoplay = z.output<typeof Autoplay>

/** Whose doings one is told of. */
export const NotifyAbout = z.enum(['everyone', 'following', 'off'])
export type NotifyAbout = z.output<typeof NotifyAbout>

/** By kind. What concerns the security of the account is always told. */
export const NotificationChoices = z.strictObject({
  likes: NotifyAbout,
  comments: NotifyAbout,
  mentions: NotifyAbout,
  follows: NotifyAbout,
  requests: NotifyAbout,
  messages: NotifyAbout,
  stories: NotifyAbout,
  security: z.literal('everyone', 'what concerns security is always told'),
})
export type NotificationChoices = z.output<typeof NotificationChoices>

/** Kept with the account, the same on every device. */
export const preferenceShapes = {
  autoplay: Autoplay,
  /** For whom new posts are unless something else is said; apps offer it first. */
  defaultAudience: Audience,
  /** Apps offer to show what the camera wrote; true: they begin with that switched on. */
  shareMetadata: z.boolean(),
  /** One's Stories stay in an archive that oneself alone sees when they have expired; for those shared from then on. */
  keepStoryArchive: z.boolean(),
  notifications: NotificationChoices,
}

/** Kinds of notifications that are left out stay as they are. */
export const preferencePatches = {
  ...preferenceShapes,
  notifications: NotificationChoices.partial(),
}
