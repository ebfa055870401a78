import { z } from 'zod'
import { UserListItem, UserSummary } from './accounts.ts'
import { Id, IdParams, listOf, PageQuery, Timestamp, textOf, UsernameParams } from './common.ts'
import { Emoji } from './emoji.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { AttachedMedia, FrameFit } from './media.ts'
import { Post, PostStatus } from './posts.ts'
import { isBlank, normalizeHashtag } from './text.ts'
import { isWellFormedUsername, normalizeUsername } from './usernames.ts'

/** Whom a Story is for: those who follow its author, or of these the author's close friends; minus whom it is hidden from. */
export const StoryAudience = z.enum(['followers', 'close_friends'])
export type StoryAudience = z.output<typeof StoryAudience>

const inFrame = z.number().min(0, 'must lie inside the frame').max(1, 'must lie inside the frame')

/** Of the middle of an overlay; x and y are parts of the frame's width and height. */
const where = {
  x: inFrame,
  y: inFrame,
  /** 1 is its usual size. */
  scale: z.number().min(0.25).max(4).optional(),
  /** Degrees, clockwise. */
  rotation: z.number().min(-180).max(180).optional(),
}
const whereShown = { x: z.number(), y: z.number(), scale: z.number(), rotation: z.number() }

export const OverlayStyle = z.enum(['plain', 'boxed', 'outlined', 'handwritten'])
export type OverlayStyle = z.output<typeof OverlayStyle>
const Color = z.string().regex(/^#[0-9a-f]{6}$/, 'must be a colour like #ffcc00')

const words = (max: number) => textOf(max).refine((text) => !isBlank(text), 'must not be empty')

/** Laid over a Story as data, so that it can be read aloud and made larger. */
export const NewOverlay = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    ...where,
    text: words(limits.overlayTextLength),
    style: OverlayStyle.optional(),
    color: Color.optional(),
  }),
  z.strictObject({
    kind: z.literal('mention'),
    ...where,
    username: z
      .string()
      .refine((name) => isWellFormedUsername(normalizeUsername(name)), 'must be a username, without its @'),
  }),
  z.strictObject({
    kind: z.literal('hashtag'),
    ...where,
    tag: z.string().refine((tag) => normalizeHashtag(tag) !== undefined, 'must be a hashtag, without its #'),
  }),
  z.strictObject({ kind: z.literal('place'), ...where, name: words(limits.placeLength) }),
  z.strictObject({ kind: z.literal('post'), ...where, postId: Id }),
])
export type NewOverlay = z.output<typeof NewOverlay>

export const Overlay = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    ...whereShown,
    text: z.string(),
    style: OverlayStyle,
    color: z.string(),
  }),
  /** `userId` is absent where it does not link: nobody of that name, or none for this viewer. */
  z.object({ kind: z.literal('mention'), ...whereShown, username: z.string(), userId: Id.optional() }),
  z.object({ kind: z.literal('hashtag'), ...whereShown, tag: z.string() }),
  z.object({ kind: z.literal('place'), ...whereShown, name: z.string() }),
  /** `post` is null where this viewer may not see it, or it is gone. */
  z.object({ kind: z.literal('post'), ...whereShown, postId: Id, post: Post.nullable() }),
])
export type Overlay = z.output<typeof Overlay>

export const Story = z.object({
  id: Id,
  author: UserSummary,
  /** Others see it once it is `ready`. */
  status: PostStatus,
  /** For the author alone: why it failed or was removed. */
  failure: z.object({ code: z.string(), message: z.string(), detail: z.string().optional() }).optional(),
  audience: StoryAudience,
  /** How a picture that is not 9:16 stands in the frame. */
  fit: FrameFit,
  altText: z.string(),
  createdAt: Timestamp,
  /** From then on it is nowhere, but for the author's archive and highlights; its addresses end at that moment. */
  expiresAt: Timestamp,
  overlays: z.array(Overlay),
  media: AttachedMedia,
  /** The viewer has seen it; one's own always is. */
  seen: z.boolean(),
  /** The viewer's own. */
  reaction: z.string().nullable(),
  /** The viewer may write to its author without asking first; false on one's own. */
  mayReply: z.boolean(),
  /** For the author alone. */
  viewCount: z.number().int().optional(),
  /** For the author alone. */
  reactionCount: z.number().int().optional(),
  /** For the author alone: it stays in their archive when it has expired. */
  archived: z.boolean().optional(),
})
export type Story = z.output<typeof Story>

export const NewStory = z.strictObject({
  /** Of the purpose `story`. */
  uploadId: Id,
  overlays: z.array(NewOverlay).max(limits.overlaysPerStory).optional(),
  /** `followers` unless said. */
  audience: StoryAudience.optional(),
  altText: textOf(limits.altTextLength).optional(),
  /** `fit` unless said. */
  fit: FrameFit.optional(),
  /** What lies behind a picture that stands whole, as its author was shown it; unless said, the colour that it has most of. */
  color: Color.optional(),
})
export type NewStory = z.output<typeof NewStory>

/** A person in the tray. */
export const StoryRing = z.object({
  user: UserSummary,
  /** Something is there that the viewer has not seen. */
  unseen: z.boolean(),
  latestAt: Timestamp,
  /** When the first of them ends: from then on this person has fewer. */
  endsAt: Timestamp,
  count: z.number().int(),
  /** Among the unseen ones, or of all when everything is seen, is one for close friends. */
  closeFriends: z.boolean(),
})
export type StoryRing = z.output<typeof StoryRing>

export const StoryViewer = UserListItem.extend({ seenAt: Timestamp, reaction: z.string().nullable() })
export type StoryViewer = z.output<typeof StoryViewer>

export const Highlight = z.object({
  id: Id,
  title: z.string(),
  createdAt: Timestamp,
  /** Of those that this viewer may see. */
  storyCount: z.number().int(),
  /** The Story whose picture stands for it. */
  coverStoryId: Id,
  coverUrl: z.string().nullable(),
})
export type Highlight = z.output<typeof Highlight>

const title = words(limits.highlightTitleLength)
/** In their order; each once. */
const storyIds = z
  .array(Id)
  .min(1)
  .max(limits.storiesPerHighlight)
  .refine((ids) => new Set(ids).size === ids.length, 'must name each Story once')

const tag = 'Stories'
const notFound = ['story.not_found'] as const
const act = { tag, auth: 'required', budget: 'write', params: IdParams, errors: notFound } as const
const read = { tag, auth: 'required', budget: 'read' } as const

export const storiesEndpoints = {
  'POST /api/stories': endpoint({
    summary:
      'Share an upload for 24 hours. It is `processing` until its renditions stand; the 24 hours run already.',
    tag,
    auth: 'required',
    budget: 'write',
    body: NewStory,
    answers: { 201: Story },
    errors: [
      'story.too_many',
      'post.not_found',
      'upload.not_found',
      'upload.used',
      'upload.incomplete',
      'upload.expired',
      'upload.purpose',
      'media.blocked',
    ],
    idempotent: true,
  }),
  'GET /api/stories': endpoint({
    ...read,
    summary:
      'The tray: whose Stories there are to see. Oneself first, then whose are unseen, those one is closest to first, at most 500.',
    answers: { 200: listOf(StoryRing) },
  }),
  'GET /api/users/:username/stories': endpoint({
    ...read,
    summary:
      'A person’s Stories that have not expired, oldest first. One’s own with those that are not ready.',
    params: UsernameParams,
    answers: { 200: z.object({ user: UserSummary, items: z.array(Story) }) },
    errors: ['user.not_found'],
  }),
  'GET /api/stories/:id': endpoint({
    ...read,
    summary:
      'One Story; when it has expired, for those alone who see it in its author’s archive or a highlight.',
    params: IdParams,
    answers: { 200: Story },
    errors: notFound,
  }),
  'DELETE /api/stories/:id': endpoint({
    ...act,
    summary: 'Delete, from everywhere; there is no undo.',
    answers: { 204: null },
  }),
  'PUT /api/stories/:id/seen': endpoint({
    ...act,
    summary: 'Note that the viewer has seen it; counted once per person, and told to its author.',
    answers: { 204: null },
  }),
  'GET /api/stories/:id/viewers': endpoint({
    ...read,
    summary: 'Who has seen it, last first; for its author, until a day after it has expired.',
    params: IdParams,
    query: PageQuery,
    answers: { 200: listOf(StoryViewer).extend({ viewCount: z.number().int() }) },
    errors: notFound,
  }),
  'POST /api/stories/:id/reactions': endpoint({
    ...act,
    summary: 'React with one emoji; another one takes its place.',
    body: z.strictObject({ emoji: Emoji }),
    answers: { 201: z.object({ reaction: z.string() }) },
    errors: ['story.not_found', 'story.own'],
  }),
  'DELETE /api/stories/:id/reactions': endpoint({
    ...act,
    summary: 'Take one’s reaction back.',
    answers: { 204: null },
  }),
  'GET /api/me/story-archive': endpoint({
    ...read,
    summary: 'One’s own Stories that are kept, newest first.',
    query: PageQuery,
    answers: { 200: listOf(Story) },
  }),
  'GET /api/users/:username/highlights': endpoint({
    ...read,
    summary: 'A person’s highlights, newest first; those with nothing for this viewer are left out.',
    params: UsernameParams,
    answers: { 200: z.object({ items: z.array(Highlight) }) },
    errors: ['user.not_found'],
  }),
  'POST /api/highlights': endpoint({
    summary: 'Keep some of one’s own Stories on the profile, for the audience that each has.',
    tag,
    auth: 'required',
    budget: 'write',
    body: z.strictObject({ title, storyIds, coverStoryId: Id.optional() }),
    answers: { 201: Highlight },
    errors: ['highlight.too_many', 'highlight.title', 'highlight.cover', 'story.not_found'],
    idempotent: true,
  }),
  'GET /api/highlights/:id': endpoint({
    ...read,
    summary: 'A highlight with those of its Stories that this viewer may see.',
    params: IdParams,
    answers: { 200: Highlight.extend({ user: UserSummary, items: z.array(Story) }) },
    errors: ['highlight.not_found'],
  }),
  'PATCH /api/highlights/:id': endpoint({
    ...act,
    summary: 'Change title, Stories (all of them, in the new order) or cover.',
    body: z.strictObject({ title, storyIds, coverStoryId: Id }).partial(),
    answers: { 200: Highlight },
    errors: ['highlight.not_found', 'highlight.title', 'highlight.cover', 'story.not_found'],
  }),
  'DELETE /api/highlights/:id': endpoint({
    ...act,
    summary: 'Take it off the profile. Stories that are in no archive and no other highlight go for good.',
    answers: { 204: null },
    errors: ['highlight.not_found'],
  }),
}
