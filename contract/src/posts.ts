import { z } from 'zod'
import { UserListItem, UserSummary } from './accounts.ts'
import { Audience, Id, IdParams, listOf, PageQuery, Timestamp, textOf, UsernameParams } from './common.ts'
import { Edits, FilterName } from './edits-schema.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { isBlank } from './text.ts'

/** A linked part of a text; offsets are UTF-16 units. A mention keeps who was meant when names change. */
export const TextEntity = z.object({
  kind: z.enum(['hashtag', 'mention']),
  start: z.number().int(),
  end: z.number().int(),
  /** Normalized hashtag, or the username as it is now. */
  value: z.string(),
  userId: Id.optional(),
})
export type TextEntity = z.output<typeof TextEntity>

export const Place = z.strictObject({
  name: textOf(limits.placeLength).refine((name) => !isBlank(name), 'must not be empty'),
  lat: z.number().min(-90).max(90).optional(),
  lng: z.number().min(-180).max(180).optional(),
})
export type Place = z.output<typeof Place>

/** Part of the upright picture to show; all from 0 to 1. */
export const Crop = z
  .strictObject({
    x: z.number().min(0).max(1),
    y: z.number().min(0).max(1),
    width: z.number().min(limits.cropMin).max(1),
    height: z.number().min(limits.cropMin).max(1),
  })
  .refine((c) => c.x + c.width <= 1.0001 && c.y + c.height <= 1.0001, 'must lie inside the picture')
export type Crop = z.output<typeof Crop>

export { Audience } from './common.ts'

/** What its camera tells of a picture: never where it was, nor whose camera it is. */
export const MediaMetadata = z.object({
  /** Maker and model as people say it. */
  camera: z.string().optional(),
  lens: z.string().optional(),
  exposureSeconds: z.number().optional(),
  /** The f-number. */
  aperture: z.number().optional(),
  iso: z.number().optional(),
  focalLengthMm: z.number().optional(),
  /**
   * By the clock on the wall: `2026-05-17T18:30:05`. For the owner with its offset, when the
   * camera wrote one; with `Z` where only the moment is known, as of many videos.
   */
  capturedAt: z.string().optional(),
})
export type MediaMetadata = z.output<typeof MediaMetadata>

export const PostMedia = z.object({
  id: Id,
  type: z.enum(['photo', 'video']),
  /** Pixels of large, of a video as it is shown; 0 while it is being prepared. */
  width: z.number().int(),
  height: z.number().int(),
  altText: z.string(),
  /** Base64; null while it is being prepared. */
  thumbhash: z.string().nullable(),
  /** For the owner alone: why this one could not be prepared. */
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
  thumbnailUrl: z.string().nullable(),
  mediumUrl: z.string().nullable(),
  largeUrl: z.string().nullable(),
  /** Large as JPEG, for software without WebP. */
  fallbackUrl: z.string().nullable(),
  /** For the owner alone. */
  originalUrl: z.string().optional(),
  /** For the owner alone: what was chosen, so that it can be changed. */
  crop: Crop.nullable().optional(),
  /** Id of a filter in `/api/capabilities`. */
  filter: z.string().nullable().optional(),
  edits: Edits.nullable().optional(),
  /** Of a video, once it is ready: MP4 (H.264, AAC) of at most 720 lines. The pictures above are its poster's. */
  videoUrl: z.string().optional(),
  /** Master playlist; what it names lies beside it, under the same signature. */
  hlsUrl: z.string().optional(),
  durationSeconds: z.number().optional(),
  /** False: there is nothing to unmute. */
  hasAudio: z.boolean().optional(),
  /** WebVTT. */
  captionsUrl: z.string().optional(),
  /** For the owner, and for everybody else while the post has `showMetadata`. */
  metadata: MediaMetadata.optional(),
})
export type PostMedia = z.output<typeof PostMedia>

export const Comment = z.object({
  id: Id,
  postId: Id,
  parentId: Id.nullable(),
  author: UserSummary,
  text: z.string(),
  entities: z.array(TextEntity),
  replyCount: z.number().int(),
  createdAt: Timestamp,
  /** It waits for a moderator: until then its author alone sees it. */
  held: z.boolean().optional(),
  /** For the post's owner alone: it waits for them, and nobody but its author sees it until they approve it. */
  waiting: z.boolean().optional(),
  /** The viewer wrote it or owns the post. */
  canDelete: z.boolean(),
})
export type Comment = z.output<typeof Comment>

/** `mayComment`: the viewer, here and now. */
const CommentsPage = listOf(Comment).extend({ mayComment: z.boolean() })

export const PostStatus = z.enum(['processing', 'ready', 'failed', 'review', 'removed'])
export type PostStatus = z.output<typeof PostStatus>

const part = z.number().min(0).max(1)

/**
 * Why a post stands where it does in a ranked feed: how much each part gave, and the strongest in a sentence. Where like counts are
 * hidden the parts are told as if nobody liked it.
 */
export const RankingReason = z.object({
  parts: z.object({
    relationship: part,
    interest: part,
    recency: part,
    quality: part,
    activity: part,
  }),
  /** In the viewer's language. */
  text: z.string(),
})
export type RankingReason = z.output<typeof RankingReason>

export const Post = z.object({
  id: Id,
  author: UserSummary,
  caption: z.string(),
  entities: z.array(TextEntity),
  place: Place.nullable(),
  audience: Audience,
  createdAt: Timestamp,
  publishedAt: Timestamp.nullable(),
  displayAt: Timestamp,
  editedAt: Timestamp.nullable(),
  status: PostStatus,
  /** For the owner alone: why it failed or was removed; of a ready post, why its last crop did. `retry` tries again. */
  failure: z
    .object({
      code: z.string(),
      message: z.string(),
      /** What would have been allowed, in numbers, where that was why. */
      detail: z.string().optional(),
      /** Of a removed one: what the moderator wrote to its owner. */
      note: z.string().optional(),
    })
    .optional(),
  /** For the owner alone, while a post with a video is `processing`: how much is done, from 0 to 1. */
  progress: z.number().min(0).max(1).optional(),
  sensitive: z.boolean(),
  /** Its owner lets everybody who sees it read the `metadata` of its media. */
  showMetadata: z.boolean(),
  /** Nobody may comment on it; what was written before stays. */
  commentsOff: z.boolean(),
  /** 0 while it is hidden. */
  likeCount: z.number().int(),
  /** Its owner keeps to themselves how many like it, and who. */
  likeCountHidden: z.boolean(),
  commentCount: z.number().int(),
  shareCount: z.number().int(),
  liked: z.boolean(),
  saved: z.boolean(),
  newestComments: z.array(Comment).max(2),
  media: z.array(PostMedia),
  /** In a ranked feed alone. */
  reason: RankingReason.optional(),
})
export type Post = z.output<typeof Post>

const altText = textOf(limits.altTextLength)
const caption = textOf(limits.captionLength)
const count = z.number().int()

export const NewPost = z.strictObject({
  caption: caption.optional(),
  place: Place.optional(),
  /** As the account's `defaultAudience` says, unless it is named. */
  audience: Audience.optional(),
  displayAt: z.iso.datetime({ offset: true }).optional(),
  /** False unless said. */
  showMetadata: z.boolean().optional(),
  /** False unless said. */
  commentsOff: z.boolean().optional(),
  /** 1 to 10 in their order; any other number is `post.too_many_media`. */
  media: z
    .array(
      z.strictObject({
        uploadId: Id,
        altText: altText.optional(),
        crop: Crop.optional(),
        filter: FilterName.optional(),
        edits: Edits.optional(),
        /** Of a video: an upload of the purpose `captions` (WebVTT). */
        captionsUploadId: Id.optional(),
      }),
    )
    .max(limits.mediaPerRequest),
})
export type NewPost = z.output<typeof NewPost>

/**
 * `media`, when given, names every medium of the post once, in the new order; what an item leaves out stays. Of a
 * `failed` post those with a `failure` may be left out: they are gone then, and the others go on.
 */
export const PostPatch = z
  .strictObject({
    caption,
    place: Place.nullable(),
    audience: Audience,
    showMetadata: z.boolean(),
    commentsOff: z.boolean(),
    media: z
      .array(
        z.strictObject({
          id: Id,
          altText: altText.optional(),
          /** Null goes back to what the server does by itself. */
          crop: Crop.nullable().optional(),
          filter: FilterName.nullable().optional(),
          edits: Edits.nullable().optional(),
          /** Null takes the captions away. */
          captionsUploadId: Id.nullable().optional(),
        }),
      )
      .max(limits.mediaPerRequest),
  })
  .partial()

const tag = 'Posts'
const notFound = ['post.not_found'] as const
const change = { tag, auth: 'required', budget: 'write', params: IdParams, errors: notFound } as const
/** Its author sees a post before it is ready, and can do nothing with it yet. */
const act = { ...change, errors: ['post.not_found', 'post.not_ready'] } as const
const posts = { 200: listOf(Post) } as const
/** `likeCount` is 0 while the post's owner hides it. */
const Liked = z.object({ liked: z.boolean(), likeCount: count })
const Saved = z.object({ saved: z.boolean() })

export const postsEndpoints = {
  'POST /api/posts': endpoint({
    summary: 'Share 1 to 10 uploads. The post is `processing` until all its renditions stand.',
    tag,
    auth: 'required',
    budget: 'write',
    body: NewPost,
    answers: { 201: Post },
    errors: [
      'post.too_many_media',
      'post.too_many_hashtags',
      'upload.not_found',
      'upload.used',
      'upload.incomplete',
      'upload.expired',
      'upload.purpose',
      'captions.invalid',
      'captions.not_a_video',
      'post.video_edits',
    ],
    idempotent: true,
  }),
  'GET /api/posts/:id': endpoint({
    summary: 'One post.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: IdParams,
    answers: { 200: Post },
    errors: notFound,
  }),
  'PATCH /api/posts/:id': endpoint({
    ...change,
    summary:
      'Change caption, place, audience, alt texts, order, crops, filters, adjustments, captions, or whether metadata are shown.',
    body: PostPatch,
    answers: { 200: Post },
    errors: [
      'post.not_found',
      'post.removed',
      'post.media_mismatch',
      'post.too_many_hashtags',
      'upload.not_found',
      'upload.used',
      'upload.incomplete',
      'upload.expired',
      'upload.purpose',
      'captions.invalid',
      'captions.not_a_video',
      'post.video_edits',
    ],
  }),
  'DELETE /api/posts/:id': endpoint({
    ...change,
    summary: 'Delete; there is no undo.',
    answers: { 204: null },
  }),
  'POST /api/posts/:id/retry': endpoint({
    ...change,
    summary: 'Prepare what failed of a post once more.',
    answers: { 200: Post },
    errors: ['post.not_found', 'post.removed', 'post.not_failed', 'post.retry_useless'],
  }),
  'PUT /api/posts/:id/like': endpoint({ ...act, summary: 'Like.', answers: { 200: Liked } }),
  'DELETE /api/posts/:id/like': endpoint({ ...act, summary: 'Unlike.', answers: { 200: Liked } }),
  'PUT /api/posts/:id/save': endpoint({ ...act, summary: 'Save for oneself.', answers: { 200: Saved } }),
  'DELETE /api/posts/:id/save': endpoint({ ...act, summary: 'Unsave.', answers: { 200: Saved } }),
  'POST /api/posts/:id/shares': endpoint({
    ...act,
    summary: 'Note that the viewer passed the link on; counted once per person.',
    answers: { 200: z.object({ shareCount: count }) },
  }),
  'GET /api/posts/:id/likes': endpoint({
    summary: 'Who likes it, newest first; nobody, while its owner hides that.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: IdParams,
    query: PageQuery,
    answers: { 200: listOf(UserListItem) },
    errors: notFound,
  }),
  'GET /api/posts/:id/comments': endpoint({
    summary: 'Top-level comments, newest first; with `parentId` its replies, oldest first.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: IdParams,
    query: PageQuery.extend({ parentId: Id.optional() }),
    answers: { 200: CommentsPage },
    errors: ['post.not_found', 'comment.not_found'],
  }),
  'POST /api/posts/:id/comments': endpoint({
    ...change,
    summary: 'Comment, or answer a comment.',
    body: z.strictObject({
      text: textOf(limits.commentLength).refine((text) => !isBlank(text), 'must not be empty'),
      parentId: Id.optional(),
    }),
    answers: { 201: Comment },
    errors: ['post.not_found', 'post.not_ready', 'comment.not_found', 'comment.not_allowed'],
    idempotent: true,
  }),
  'PUT /api/posts/:id/comments/:commentId/approved': endpoint({
    ...change,
    summary: 'Let everybody see a comment that waits under one’s own post.',
    params: z.object({ id: Id, commentId: Id }),
    answers: { 204: null },
    errors: ['post.not_found', 'comment.not_found'],
  }),
  'DELETE /api/posts/:id/comments/:commentId': endpoint({
    ...change,
    summary: 'Delete a comment and its replies: its author and the post’s owner may.',
    params: z.object({ id: Id, commentId: Id }),
    answers: { 204: null },
    errors: ['post.not_found', 'comment.not_found'],
  }),
  'GET /api/users/:username/posts': endpoint({
    summary: 'Posts of a person, newest first by `displayAt`.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: UsernameParams,
    query: PageQuery,
    answers: posts,
    errors: ['user.not_found'],
  }),
  'GET /api/me/saved': endpoint({
    summary: 'Saved posts, last saved first.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: posts,
  }),
  'GET /api/me/likes': endpoint({
    summary: 'Liked posts, last liked first.',
    tag,
    auth: 'required',
    budget: 'read',
    query: PageQuery,
    answers: posts,
  }),
  'GET /api/tags': endpoint({
    summary: 'Hashtags that begin with `prefix`, most used first: completion of #hashtags.',
    tag,
    auth: 'required',
    budget: 'read',
    query: z.strictObject({ prefix: z.string().min(1).max(limits.hashtagLength) }),
    answers: { 200: listOf(z.object({ tag: z.string(), postCount: count })) },
  }),
  'GET /api/tags/:tag/posts': endpoint({
    summary: 'Posts under a hashtag, newest first.',
    tag,
    auth: 'optional',
    budget: 'read',
    params: z.object({ tag: z.string().min(1).max(400) }),
    query: PageQuery,
    answers: posts,
  }),
}
