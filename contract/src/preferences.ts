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
  /** Requests to write. */
  messages: NotifyAbout,
  /** What is written in conversations that one has accepted; pushed to devices, and told in no list but that of messages. */
  conversations: NotifyAbout,
  stories: NotifyAbout,
  /** What became of one's own: a post or Story that could not be prepared. */
  own: NotifyAbout.extract(['everyone', 'off']),
  security: z.literal('everyone', 'what concerns security is always told'),
})
export type NotificationChoices = z.output<typeof NotificationChoices>

const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time of the day, like 22:30')

/** By the person's own clock; may reach over midnight. Nothing makes a sound meanwhile, but for what concerns security. */
export const QuietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, 'must end at another time than they begin')
export type QuietHours = z.output<typeof QuietHours>

/** How often what is new is also mailed. */
export const Digest = z.enum(['off', 'daily', 'weekly'])
export type Digest = z.output<typeof Digest>

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
  quietHours: QuietHours.nullable(),
  /** What is pushed to devices may say what somebody wrote; else it says who did what. */
  pushText: z.boolean(),
  digest: Digest,
}

/** Kinds of notifications that are left out stay as they are. */
export const preferencePatches = {
  ...preferenceShapes,
  notifications: NotificationChoices.partial(),
}
