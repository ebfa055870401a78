import type { Handle, Route } from './api-routes.ts'

// What the sweep of foreign ids has to be told about a new route. Everything else it reads from the API document.

/** How the callers stand to Olga, who keeps everything to herself and a friend. */
export const roles = [
  'signed out',
  'stranger',
  'follower',
  'pending',
  'blocked',
  'owner of another',
  'moderator',
  'admin',
  'owner',
] as const
export type Role = (typeof roles)[number]

/** What she has of each kind; made in foreign-world.ts. */
export type ThingName =
  | 'person'
  | 'account'
  | 'asker'
  | 'post'
  | 'comment'
  | 'medium'
  | 'used upload'
  | 'unused upload'
  | 'unfinished upload'
  | 'session'
  | 'passkey'
  | 'invitation'
  | 'case'
  | 'hashtag'
  | 'verification request'
  | 'evidence'
  | 'conversation'
  | 'message'
  | 'notification'
  | 'story'
  | 'highlight'
  | 'export'

/** Which of Olga's things stands in an address, by the address up to it. */
const inAddresses: Readonly<Record<string, ThingName>> = {
  '/api/sessions/{id}': 'session',
  '/api/me/passkeys/{id}': 'passkey',
  '/api/invitations/{id}': 'invitation',
  '/api/admin/invitations/{id}': 'invitation',
  '/api/users/{username}': 'person',
  '/api/suggestions/{username}': 'person',
  '/api/follow-requests/{username}': 'asker',
  '/api/uploads/{id}': 'used upload',
  '/api/uploads/{uploadId}': 'unfinished upload',
  '/api/posts/{id}': 'post',
  '/api/posts/{id}/comments/{commentId}': 'comment',
  '/api/moderation/queue/{id}': 'case',
  '/api/admin/accounts/{username}': 'person',
  '/api/tags/{tag}': 'hashtag',
  '/api/conversations/{id}': 'conversation',
  '/api/conversations/{id}/members/{username}': 'person',
  '/api/conversations/{id}/admins/{username}': 'person',
  '/api/conversations/{id}/messages/{messageId}': 'message',
  '/api/notifications/{id}': 'notification',
  '/api/stories/{id}': 'story',
  '/api/highlights/{id}': 'highlight',
  '/api/me/exports/{id}': 'export',
  '/api/admin/verification-requests/{id}': 'verification request',
  '/api/admin/verification-requests/{id}/evidence/{evidenceId}': 'evidence',
}

/** Which stands in a field of a body or a query: by its name, or by route and place where that is not enough. */
const inFields: Readonly<Record<string, ThingName>> = {
  uploadId: 'unused upload',
  captionsUploadId: 'unused upload',
  pictureUploadId: 'unused upload',
  postId: 'post',
  messageId: 'message',
  storyId: 'story',
  'storyIds[]': 'story',
  'evidence[]': 'evidence',
  'members[]': 'person',
  replyTo: 'message',
  account: 'person',
  by: 'person',
  coverStoryId: 'story',
  commentId: 'comment',
  parentId: 'comment',
  username: 'person',
  login: 'person',
  userId: 'account',
  'PATCH /api/posts/{id} media[].id': 'medium',
}

/** Fields that are called like ids and name nothing of anybody's. */
export const namesNothing: Readonly<Record<string, string>> = {
  'POST /api/accounts username': 'a name to be had; that one is taken is told, as names are public',
  'PATCH /api/me username': 'a name to be had; that one is taken is told, as names are public',
  'POST /api/accounts ownerCode': 'the installation’s secret: whoever has it may use it once',
  'POST /api/email-verifications code': 'a secret that was mailed: whoever has it may use it once',
  'POST /api/email-undos code': 'a secret that was mailed: whoever has it may use it once',
  'POST /api/password-resets/use code': 'a secret that was mailed: whoever has it may use it once',
  'POST /api/sessions/second-factor challenge': 'a secret of one sign-in, told to who knew the password',
  'POST /api/sessions/second-factor recoveryCode':
    'a secret, tried against the account of the challenge alone',
  'POST /api/sessions/second-factor passkey.id': 'counts nothing without a signature by its key',
  'POST /api/sessions/passkey passkey.id': 'counts nothing without a signature by its key',
  'POST /api/me/passkeys passkey.id': 'made by the caller’s own device',
  'POST /api/me/proof passkey.id': 'counts nothing without a signature by its key',
  'POST /api/me/proof recoveryCode': 'a secret, tried against the caller’s own account alone',
  'GET /api/me/exports/{id}/file signature': 'a secret in an address, made for this file alone',
  'PUT /api/me/totp code': 'six digits against the caller’s own secret',
  'POST /api/conversations/{id}/messages clientId':
    'a mark that the client makes, held against what it sent itself in this conversation alone',
  'PUT /api/notifications/seen latestId': 'a place in the caller’s own list, whatever stands there',
  'POST /api/signals signals[].id': 'a mark that the client makes, to be known again when it repeats itself',
}

/**
 * Fields that take words and name nothing that is somebody's, by their names: what people write, secrets of their own, choices. A new
 * field stands here once somebody has thought about it; one that names something is in `inFields`.
 */
export const onlyWords: readonly string[] = [
  ...[
    'altText',
    'bio',
    'caption',
    'contact',
    'description',
    'emoji',
    'fullName',
    'knownAs',
    'links[]',
    'name',
  ],
  ...['note', 'prefix', 'reason', 'rules[]', 'sourceUrl', 'tag', 'terms', 'text', 'title', 'words[]'],
  ...['color', 'from', 'to', 'language', 'languages[]', 'surface', 'timeZone'],
  // Places in lists, and versions of what is named beside them.
  ...['after', 'cursor', 'version'],
  ...['currentPassword', 'newPassword', 'password', 'totp', 'invitation', 'email'],
  ...['attestationObject', 'authenticatorData', 'clientDataJSON', 'signature', 'transports[]'],
  // Of a browser that pushes, held against the caller’s own subscriptions.
  ...['endpoint', 'auth', 'p256dh'],
]

/** What the caller has of the same kinds; made in foreign-world.ts. */
export type OwnPosts = Record<'person' | 'post' | 'medium' | 'comment' | 'story', string>
export type Own = OwnPosts &
  Record<'verification request' | 'evidence' | 'conversation' | 'message' | 'highlight', string>

/** Bodies that would be right, were the id one's own; by route, or by route and field. Else the least that the schema allows. */
export const bodies: Readonly<Record<string, (own: OwnPosts) => unknown>> = {
  'PATCH /api/posts/{id}': () => ({ caption: 'taken' }),
  'PATCH /api/posts/{id} media[].captionsUploadId': ({ medium }) => ({ media: [{ id: medium }] }),
  'POST /api/conversations/{id}/messages': () => ({ clientId: 'made-here', text: 'hello' }),
  'POST /api/conversations/{id}/messages attachments[].uploadId': ({ medium }) => ({
    clientId: 'made-elsewhere',
    attachments: [{ type: 'media', uploadId: medium }],
  }),
  'POST /api/conversations/{id}/messages attachments[].postId': ({ post }) => ({
    clientId: 'made-here',
    attachments: [{ type: 'post', postId: post }],
  }),
  'POST /api/conversations/{id}/messages attachments[].storyId': ({ story }) => ({
    clientId: 'made-for-it',
    attachments: [{ type: 'story', storyId: story }],
  }),
  'POST /api/conversations/{id}/messages attachments[].username': ({ person }) => ({
    clientId: 'made-there',
    attachments: [{ type: 'profile', username: person }],
  }),
  // By the mark of another message the answer would be that one.
  'POST /api/conversations/{id}/messages replyTo': () => ({ clientId: 'made-to-answer', text: 'hello' }),
  'PUT /api/conversations/{id}/messages/{messageId}/reaction': () => ({ emoji: '👍' }),
  'POST /api/signals signals[].username': () => visit,
  'POST /api/signals signals[].userId': () => visit,
  'PUT /api/admin/accounts/{username}/state': () => ({ state: 'active' }),
  'PUT /api/admin/accounts/{username}/roles': () => ({ roles: [] }),
  'PUT /api/admin/accounts/{username}/verified': () => ({ isVerified: true, fullName: '' }),
  'POST /api/stories/{id}/reactions': () => ({ emoji: '👍' }),
  'POST /api/highlights': ({ story }) => ({ title: 'mine', storyIds: [story] }),
  'PATCH /api/highlights/{id}': () => ({ title: 'taken' }),
  'POST /api/stories overlays[].username': ({ person }) => overlaid({ kind: 'mention', username: person }),
  'POST /api/stories overlays[].postId': ({ post }) => overlaid({ kind: 'post', postId: post }),
  'POST /api/reports storyId': () => ({ reason: 'other' }),
  'POST /api/reports commentId': ({ post }) => ({ postId: post, reason: 'other' }),
}
const overlaid = (overlay: object) => ({ uploadId: '1234567890', overlays: [{ x: 0.5, y: 0.5, ...overlay }] })
const visit = { signals: [{ id: 'mark', kind: 'profile_visit', at: '2026-01-31T12:00:00.000Z' }] }

const tus = { 'tus-resumable': '1.0.0' }
export const headersOf: Readonly<Record<string, Record<string, string>>> = {
  'HEAD /api/uploads/{uploadId}': tus,
  'PATCH /api/uploads/{uploadId}': {
    ...tus,
    'upload-offset': '0',
    'content-type': 'application/offset+octet-stream',
  },
}

export interface Openness {
  /** They learn that it is there, or act on their own side of it; nothing private is in the answer. */
  told?: readonly Role[]
  /** They see what is in it. */
  seen?: readonly Role[]
  /** The first of them takes it away, and the others find nothing. */
  takes?: true
  because: string
}

const everybody = roles.filter((role) => role !== 'blocked')
const signedIn = everybody.filter((role) => role !== 'signed out')
const moderators = ['moderator', 'admin', 'owner'] as const
const admins = ['admin', 'owner'] as const
const follower = ['follower'] as const

const named: Openness = {
  told: everybody,
  because: 'that an account has a name is public; whom it blocked sees none',
}
const ownSide: Openness = { told: signedIn, because: 'changes only how the caller stands to a public name' }
const friendsSee: Openness = { seen: follower, because: 'a follower sees the post' }
const friends: Openness = { told: follower, because: 'a follower sees the post' }

const story = 'a follower sees the Story'

/** By route, or by route and field, who may more than be told that there is nothing. */
export const open: Readonly<Record<string, Openness>> = {
  'GET /api/users/{username}': named,
  // Lists of whom one may not see are as empty as those of nobody.
  'GET /api/users/{username}/posts': { ...named, seen: follower },
  'GET /api/users/{username}/followers': { ...named, seen: follower },
  'GET /api/users/{username}/following': named,
  'PUT /api/users/{username}/follow': ownSide,
  'DELETE /api/users/{username}/follow': ownSide,
  'DELETE /api/users/{username}/follower': ownSide,
  'PUT /api/users/{username}/block': ownSide,
  'DELETE /api/users/{username}/block': ownSide,
  'PUT /api/users/{username}/mute': ownSide,
  'DELETE /api/users/{username}/mute': ownSide,
  'PUT /api/users/{username}/favourite': ownSide,
  'DELETE /api/users/{username}/favourite': ownSide,
  'DELETE /api/suggestions/{username}': ownSide,
  'PUT /api/users/{username}/restrict': ownSide,
  'DELETE /api/users/{username}/restrict': ownSide,
  'PUT /api/users/{username}/close-friend': ownSide,
  'DELETE /api/users/{username}/close-friend': ownSide,
  'PUT /api/users/{username}/story-hidden': ownSide,
  'DELETE /api/users/{username}/story-hidden': ownSide,
  'POST /api/reports username': { told: signedIn, because: 'an account can be reported by its public name' },

  'GET /api/posts/{id}': { seen: follower, because: friends.because },
  'GET /api/posts/{id}/likes': { seen: follower, because: friends.because },
  'GET /api/posts/{id}/comments': { seen: follower, because: friends.because },
  'POST /api/posts/{id}/comments': friends,
  'DELETE /api/posts/{id}/comments/{commentId} id': friends,
  'PUT /api/posts/{id}/comments/{commentId}/approved id': friends,
  'PUT /api/posts/{id}/like': friends,
  'DELETE /api/posts/{id}/like': friends,
  'PUT /api/posts/{id}/save': friends,
  'DELETE /api/posts/{id}/save': friends,
  'POST /api/posts/{id}/shares': friends,
  'PUT /api/posts/{id}/hidden': friends,
  'DELETE /api/posts/{id}/hidden': friends,
  'POST /api/reports postId': friends,
  'POST /api/stories overlays[].postId': friends,
  'GET /api/users/{username}/stories': { ...named, told: signedIn, seen: follower },
  'GET /api/users/{username}/highlights': { ...named, told: signedIn, seen: follower },
  'GET /api/stories/{id}': { seen: follower, because: story },
  'PUT /api/stories/{id}/seen': { told: follower, because: story },
  'POST /api/stories/{id}/reactions': { told: follower, because: story },
  'DELETE /api/stories/{id}/reactions': { told: follower, because: story },
  'POST /api/reports storyId': { told: follower, because: story },
  'GET /api/highlights/{id}': { seen: follower, because: story },
  'GET /api/tags/{tag}/posts': { seen: follower, because: friends.because },

  'POST /api/conversations/{id}/messages attachments[].postId': friendsSee,
  'POST /api/conversations/{id}/messages attachments[].storyId': {
    seen: follower,
    because: story,
  },
  'POST /api/conversations/{id}/messages attachments[].username': {
    told: signedIn,
    because: 'a public name can be passed on',
  },
  'POST /api/conversations/{id}/members/{username} username': {
    told: signedIn,
    because: 'that a public name takes no messages is told to who would write to it',
  },

  'POST /api/conversations members[]': {
    told: signedIn,
    because: 'that a public name takes no messages is told to who would write to it',
  },
  'GET /api/admin/log account': { told: moderators, because: 'who looks after accounts reads what was done' },
  'GET /api/admin/log by': { told: moderators, because: 'who looks after accounts reads what was done' },

  'DELETE /api/admin/invitations/{id}': {
    told: admins,
    takes: true,
    because: 'admins withdraw what others offer',
  },
  'GET /api/admin/verification-requests/{id}': { seen: admins, because: 'admins judge it' },
  'GET /api/admin/verification-requests/{id}/evidence/{evidenceId}': {
    seen: admins,
    because: 'admins judge it, and that they looked is written down',
  },
  'PUT /api/admin/verification-requests/{id}': { told: admins, because: 'admins decide' },
  'PUT /api/admin/accounts/{username}/verified': { told: admins, because: 'admins decide' },
  'GET /api/moderation/queue/{id}': { seen: moderators, because: 'moderators judge what was reported' },
  'POST /api/moderation/queue/{id}/decision': {
    told: moderators,
    because: 'moderators decide, about what they saw alone',
  },
  'GET /api/admin/accounts/{username}': {
    told: moderators,
    because: 'who looks after accounts sees that they are there, and numbers; never the address',
  },
  'PUT /api/admin/accounts/{username}/state': { told: moderators, because: 'moderators suspend' },
  'PUT /api/admin/accounts/{username}/roles': {
    told: moderators,
    because: 'admins give roles; a moderator knows which accounts are there',
  },
  'POST /api/admin/accounts/{username}/password-reset': {
    told: admins,
    because: 'an admin has a link mailed to the holder; it is written down, and the admin does not see it',
  },
  'POST /api/admin/accounts/{username}/email-look': {
    seen: admins,
    because: 'an admin helps somebody in again; the look is written down',
  },
  'POST /api/admin/accounts/{username}/second-factor-reset': {
    told: admins,
    because: 'an admin helps somebody in again, which is written down and told to them',
  },
}

export function thingOf(route: Route, { place, field }: Handle): ThingName {
  const name = field.split('.').at(-1) ?? ''
  const upTo = route.path.slice(0, route.path.indexOf(`{${field}}`) + field.length + 2)
  const thing = place === 'path' ? inAddresses[upTo] : (inFields[`${route.name} ${field}`] ?? inFields[name])
  if (thing !== undefined) return thing
  const key =
    place === 'path'
      ? `'${upTo}' to inAddresses`
      : `'${route.name} ${field}' to inFields, or to namesNothing with the reason`
  throw new Error(
    `${route.name} names something by ${field} that the sweep has none of: add ${key} in server/test/helpers/foreign-things.ts; a new kind of thing is made in foreign-world.ts`,
  )
}
