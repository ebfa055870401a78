import { z } from 'zod'
import { Relationship, UserListItem } from './accounts.ts'
import { listOf, PageQuery, UsernameParams } from './common.ts'
import { endpoint } from './endpoint.ts'

const tag = 'Follows, blocks and mutes'
const Answer = z.object({ relationship: Relationship })

/** What is left out stays as it is; nothing muted is no mute. */
const MuteBody = z.strictObject({ posts: z.boolean().optional(), stories: z.boolean().optional() })

const change = { tag, auth: 'required', budget: 'write', params: UsernameParams } as const
const list = { tag, auth: 'optional', budget: 'read', params: UsernameParams, query: PageQuery } as const
const ownList = { tag, auth: 'required', budget: 'read', query: PageQuery } as const
const answers = { 200: Answer } as const
const users = { 200: listOf(UserListItem) } as const

export const graphEndpoints = {
  'PUT /api/users/:username/follow': endpoint({
    ...change,
    summary: 'Follow; a private account is asked first.',
    answers,
    errors: ['user.not_found', 'follow.self', 'follow.too_many'],
  }),
  'DELETE /api/users/:username/follow': endpoint({
    ...change,
    summary: 'Unfollow, or take a request back.',
    answers,
    errors: ['user.not_found'],
  }),
  'DELETE /api/users/:username/follower': endpoint({
    ...change,
    summary: 'Remove a follower.',
    answers,
    errors: ['user.not_found'],
  }),
  'GET /api/users/:username/followers': endpoint({
    ...list,
    summary: 'Followers, newest first.',
    answers: users,
    errors: ['user.not_found'],
  }),
  'GET /api/users/:username/following': endpoint({
    ...list,
    summary: 'Followed accounts, newest first.',
    answers: users,
    errors: ['user.not_found'],
  }),
  'GET /api/follow-requests': endpoint({
    ...ownList,
    summary: 'Who asks to follow, newest first.',
    answers: users,
  }),
  'POST /api/follow-requests/accept-all': endpoint({
    summary: 'Accept all that wait. Of very many the rest follows within moments.',
    tag,
    auth: 'required',
    budget: 'write',
    answers: { 200: z.object({ accepted: z.number().int() }) },
  }),
  'PUT /api/follow-requests/:username': endpoint({
    ...change,
    summary: 'Accept a follow request.',
    answers,
    errors: ['follow_request.not_found'],
  }),
  'DELETE /api/follow-requests/:username': endpoint({
    ...change,
    summary: 'Refuse a follow request.',
    answers,
    errors: ['follow_request.not_found'],
  }),
  'PUT /api/users/:username/block': endpoint({
    ...change,
    summary: 'Block: both lose sight of each other, follows in both directions end.',
    answers,
    errors: ['user.not_found', 'block.self'],
  }),
  'DELETE /api/users/:username/block': endpoint({
    ...change,
    summary: 'Unblock.',
    answers,
    errors: ['user.not_found'],
  }),
  'PUT /api/users/:username/mute': endpoint({
    ...change,
    summary:
      'Mute posts, Stories, or without a body both: they leave one’s feed; the muted do not learn of it.',
    body: MuteBody.nullish(),
    answers,
    errors: ['user.not_found', 'mute.self'],
  }),
  'DELETE /api/users/:username/mute': endpoint({
    ...change,
    summary: 'Unmute.',
    answers,
    errors: ['user.not_found'],
  }),
  'PUT /api/users/:username/restrict': endpoint({
    ...change,
    summary:
      'Restrict: what they write under one’s posts from now on waits to be approved; they do not learn of it.',
    answers,
    errors: ['user.not_found', 'restrict.self'],
  }),
  'DELETE /api/users/:username/restrict': endpoint({
    ...change,
    summary: 'No longer restrict; what waits goes on waiting.',
    answers,
    errors: ['user.not_found'],
  }),
  'GET /api/me/restricted': endpoint({ ...ownList, summary: 'Whom one restricts.', answers: users }),
  'PUT /api/users/:username/favourite': endpoint({
    ...change,
    summary: 'Mark one of those whom one follows as a favourite; they do not learn of it.',
    answers,
    errors: ['user.not_found', 'favourite.not_followed'],
  }),
  'DELETE /api/users/:username/favourite': endpoint({
    ...change,
    summary: 'No longer a favourite.',
    answers,
    errors: ['user.not_found'],
  }),
  'GET /api/me/favourites': endpoint({
    ...ownList,
    summary: 'One’s favourites, the newest first.',
    answers: users,
  }),
  'PUT /api/users/:username/close-friend': endpoint({
    ...change,
    summary: 'Put on one’s list of close friends; they need not follow, and are not told.',
    answers,
    errors: ['user.not_found', 'close_friend.self', 'close_friend.too_many'],
  }),
  'DELETE /api/users/:username/close-friend': endpoint({
    ...change,
    summary: 'Take from the list: what was shared with close friends is not for them any more.',
    answers,
    errors: ['user.not_found'],
  }),
  'PUT /api/users/:username/story-hidden': endpoint({
    ...change,
    summary: 'Hide one’s Stories from somebody, those that are out as well. They do not learn of it.',
    answers,
    errors: ['user.not_found', 'story_hidden.self', 'story_hidden.too_many'],
  }),
  'DELETE /api/users/:username/story-hidden': endpoint({
    ...change,
    summary: 'Hide one’s Stories from them no longer.',
    answers,
    errors: ['user.not_found'],
  }),
  'GET /api/me/story-hidden-from': endpoint({
    ...ownList,
    summary: 'From whom one’s Stories are hidden, last added first.',
    answers: users,
  }),
  'GET /api/me/close-friends': endpoint({
    ...ownList,
    summary: 'One’s close friends, the newest first.',
    answers: users,
  }),
  'GET /api/me/blocks': endpoint({ ...ownList, summary: 'Whom one blocks.', answers: users }),
  'GET /api/me/mutes': endpoint({ ...ownList, summary: 'Whom one mutes.', answers: users }),
}
