import { z } from 'zod'
import { withoutControls } from './clean-text.ts'

const idWords = 'must be an id (decimal digits, at most 9223372036854775807)'

/** An id: 63 bits as a decimal string. */
export const Id = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, { error: idWords, abort: true })
  .refine((id) => id.length < 19 || id <= '9223372036854775807', idWords)
export type Id = z.output<typeof Id>

/** ISO 8601, UTC, milliseconds. */
export const Timestamp = z.iso.datetime({
  precision: 3,
  error: 'must be a time in UTC with milliseconds, like 2026-01-31T12:00:00.000Z',
})

/** Opaque, signed, bound to route, filter and viewer, valid 24 h. */
export const Cursor = z.string().min(1).max(2000)

/** A whole number in an address: digits alone. What else JavaScript takes for one (nothing at all, `1e3`, `0x10`) is none. */
export function wholeNumber(min: number, max: number) {
  const read = (text: unknown) =>
    typeof text === 'string' && /^-?[0-9]{1,15}$/.test(text) ? Number(text) : text
  return z.preprocess(read, z.number().int().min(min).max(max))
}

/** As JavaScript writes numbers. */
export function decimalNumber(min: number, max: number) {
  const decimal = /^-?[0-9]{1,15}(\.[0-9]{1,20})?(e-[0-9]{1,2})?$/
  const read = (text: unknown) => (typeof text === 'string' && decimal.test(text) ? Number(text) : text)
  return z.preprocess(read, z.number().min(min).max(max))
}

const limit = wholeNumber(1, 50)

export const PageQuery = z.strictObject({ cursor: Cursor.optional(), limit: limit.prefault(20) })
export type PageQuery = z.output<typeof PageQuery>

/**
 * A page holds as many as were asked for until the list ends, which is where `nextCursor` is null: behind a stretch of some 1,500
 * that are not for the viewer one may be shorter, or empty, and whoever reads on asks with its cursor.
 */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export const UsernameParams = z.object({ username: z.string().min(1).max(64) })
export const IdParams = z.object({ id: Id })

/** Whom a post is for; never more than those who may see its author's posts at all. */
/** Whoever sees a post is told whom it is for; who is on the list of close friends is told to its owner alone. */
export const Audience = z.enum(['public', 'followers', 'close_friends'])
export type Audience = z.output<typeof Audience>

/** RFC 9457, with our stable `code`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** With `account.suspended`, told to its holder alone: why, and until when; null: until somebody ends it. */
  suspension: z.object({ reason: z.string(), until: Timestamp.nullable() }).optional(),
})
export type Problem = z.output<typeof Problem>

/**
 * What a person writes, for others or for themselves, without control characters. Counts code points, as people count letters;
 * JavaScript's length counts UTF-16 units.
 */
export function textOf(maxCodePoints: number) {
  const tooLong = `must have at most ${maxCodePoints} characters`
  return z
    .string()
    .max(maxCodePoints * 2, { error: tooLong, abort: true })
    .overwrite(withoutControls)
    .refine((text) => [...text].length <= maxCodePoints, tooLong)
}
