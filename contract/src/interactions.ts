import { z } from 'zod'
import { textOf } from './common.ts'
import { endpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { isBlank } from './text.ts'

/** `followers`: who follows one; `following`: whom one follows. Oneself always may. */
export const WhoMay = z.enum(['everyone', 'followers', 'following', 'nobody'])
export type WhoMay = z.output<typeof WhoMay>

/** What others may do to one. */
export const interactionShapes = {
  /** Comment under one's posts. */
  allowComments: WhoMay,
  /** Name one in a text so that it links; the words of others stay plain text. */
  allowMentions: WhoMay,
  /** Write to one without asking first. */
  allowMessages: WhoMay,
}

export const HiddenWords = z.strictObject({
  /** Words and phrases. Case, accents, invisible and look-alike letters make no difference. */
  words: z
    .array(textOf(limits.hiddenWordLength).refine((word) => !isBlank(word), 'must not be empty'))
    .max(limits.hiddenWords),
  /** The server's own list of foul words as well. */
  useList: z.boolean(),
})
export type HiddenWords = z.output<typeof HiddenWords>

const tag = 'Accounts'

export const interactionsEndpoints = {
  'GET /api/me/hidden-words': endpoint({
    summary: 'Words that make a comment of somebody else under one’s posts wait.',
    tag,
    auth: 'required',
    budget: 'read',
    answers: { 200: HiddenWords },
  }),
  'PUT /api/me/hidden-words': endpoint({
    summary: 'Choose them. They hold for what is written from then on; nobody else learns of them.',
    tag,
    auth: 'required',
    budget: 'write',
    body: HiddenWords,
    answers: { 200: HiddenWords },
  }),
}
