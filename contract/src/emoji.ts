import { z } from 'zod'

const longest = 32
const emoji = /^\p{RGI_Emoji}$/v

/** One emoji as people pick it: a reaction, with its skin tone, gender and joined parts. */
export const Emoji = z
  .string()
  .max(longest)
  .refine((text) => emoji.test(text), 'must be one emoji')
export type Emoji = z.output<typeof Emoji>
