import { z } from 'zod'
import { UserListItem, UserSummary } from './accounts.ts'
import { listOf, UsernameParams, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'

/** Why somebody is suggested. Nobody is named, or counted, whose list of followees the viewer may not see. */
export const SuggestionReason = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('followed_by'),
    /** Some of those whom the viewer follows. */
    people: z.array(UserSummary).min(1).max(2),
    /** How many more of them, as far as was looked. */
    others: z.number().int(),
  }),
  z.object({ kind: z.literal('follows_you') }),
])
export type SuggestionReason = z.output<typeof SuggestionReason>

export const Suggestion = z.object({ user: UserListItem, reason: SuggestionReason })
export type Suggestion = z.output<typeof Suggestion>

const tag = 'Follows, blocks and mutes'

export const suggestionsEndpoints = {
  'GET /api/suggestions': endpoint({
    summary: 'Whom one may know: followed by those whom one follows, most of them first. One page.',
    tag,
    auth: 'required',
    budget: 'read',
    query: z.strictObject({
      limit: wholeNumber(1, limits.pageSizeMax).prefault(limits.pageSize),
    }),
    answers: { 200: listOf(Suggestion) },
  }),
  'DELETE /api/suggestions/:username': endpoint({
    summary: 'Never suggest this person again.',
    tag,
    auth: 'required',
    budget: 'write',
    params: UsernameParams,
    answers: { 204: null },
    errors: ['user.not_found'],
  }),
}
