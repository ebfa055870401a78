import { z } from 'zod'

const longest = 32
const notOne = 'must be one emoji'
const emoji = /^\p{RGI_Emoji}$/v

/** One emoji as people pick it: a reaction, with its skin tone, gender and joined parts. */
export const Emoji = z
  .string()
  .max(longest, { error: notOne, abort: true })
  .refine((text) => emoji.test(text), notOne)
export type Emoji = z.output<typeof Emoji>
