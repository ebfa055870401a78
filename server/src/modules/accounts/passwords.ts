import { availableParallelism } from 'node:os'
import { createHashingThreads } from './hashing-threads.ts'

/** OWASP's argon2id figures: 19 MiB, 2 passes, 1 lane. */
const passwordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Each at work holds 19 MiB: signing in is not what memory is for, however many processors there are. */
const threadsMax = 3

/** One processor is left to whoever reads meanwhile, and to the rest of a sign-in. */
export const hashesAtOnce = Math.max(1, Math.min(availableParallelism() - 1, threadsMax))

const threads = createHashingThreads({ size: hashesAtOnce })

let worked = 0

/** How often passwords were looked at in this process: what signing in costs, and what guessing costs us. */
export function passwordWork(): number {
  return worked
}

export function hashPassword(password: string): Promise<string> {
  worked++
  return threads.hash(password.normalize('NFKC'), passwordCost)
}

/** Without a stored hash the work is done all the same, so that time does not tell who has an account. */
export async function verifyPassword(storedHash: string | null, password: string): Promise<boolean> {
  const against = storedHash ?? (await standIn())
  worked++
  const isRight = await threads.verify(password.normalize('NFKC'), against)
  return isRight && storedHash !== null
}

/** As costly as a password, for what is shorter than one. */
export function hashCode(code: string, salt: Buffer): Promise<Buffer> {
  return threads.hashRaw(code, passwordCost, salt)
}

let standInHash: Promise<string> | undefined

/** Made before the first sign-in, which would otherwise take twice as long for a name that nobody has. */
export function standIn(): Promise<string> {
  standInHash ??= hashPassword('nobody has this password')
  return standInHash
}
