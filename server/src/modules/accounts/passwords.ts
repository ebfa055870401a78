import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import pLimit from 'p-limit'

/** OWASP's argon2id figures: 19 MiB, 2 passes, 1 lane. Both functions work on threads, off the event loop. */
export const passwordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** What libuv has unless somebody says otherwise; files, names of hosts and compression wait for the same threads. */
const poolThreads = 4

/**
 * One processor is left to whoever reads meanwhile (and to the rest of a sign-in), and never are all threads of the pool
 * taken: who reads a file would wait behind everybody who signs in.
 */
export const inTurn = pLimit(Math.max(1, Math.min(availableParallelism(), poolThreads) - 1))

let worked = 0

/** How often argon2id ran in this process: what signing in costs, and what guessing costs us. */
export function passwordWork(): number {
  return worked
}

export function hashPassword(password: string): Promise<string> {
  worked++
  return inTurn(() => hash(password.normalize('NFKC'), passwordCost))
}

/** Without a stored hash the work is done all the same, so that time does not tell who has an account. */
export async function verifyPassword(storedHash: string | null, password: string): Promise<boolean> {
  const against = storedHash ?? (await standIn())
  worked++
  const isRight = await inTurn(() => verify(against, password.normalize('NFKC')))
  return isRight && storedHash !== null
}

let standInHash: Promise<string> | undefined

/** Made before the first sign-in, which would otherwise take twice as long for a name that nobody has. */
export function standIn(): Promise<string> {
  standInHash ??= hashPassword('nobody has this password')
  return standInHash
}
