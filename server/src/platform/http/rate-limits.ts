import type { Budget } from '@heliograph/contract/endpoint'
import { type RateLimiterAbstract, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimitMode } from '#config/config.ts'
import type { Id } from '#platform/ids/ids.ts'
import { addressGroup } from './addresses.ts'
import { fault } from './fault.ts'

export interface Figure {
  points: number
  seconds: number
}

const minute = 60
const hour = 60 * minute

/** All figures of the house. A budget counts by account, or by address for who is not signed in. */
export const rateLimits = {
  read: { points: 3000, seconds: minute },
  write: { points: 600, seconds: minute },
  report: { points: 30, seconds: hour },
  message: { points: 120, seconds: minute },
  /** Strangers: whom one begins to write to, and who does not follow one and is brought into a group. A group is one at least. */
  conversation: { points: 60, seconds: hour },
  signUp: { points: 20, seconds: hour },
  /** As many as sign-ups, and apart from them: who signs up in a place takes nobody's way back in. */
  askReset: { points: 20, seconds: hour },
  changeEmail: { points: 20, seconds: hour },
  failedSignInOfAccount: { points: 10, seconds: 15 * minute },
  failedSignInOfAddress: { points: 30, seconds: 15 * minute },
  /** From all places that its owner never signed in at: many addresses are no way to guess on. */
  failedSignInOfName: { points: 100, seconds: hour },
  failedSignInOfDevice: { points: 10, seconds: 15 * minute },
} as const satisfies Record<string, Figure>

export type LimitName = keyof typeof rateLimits

export interface Caller {
  address: string
  accountId?: Id | null
}

/** A sign-in under way: counted as failed from its beginning, so that many at once are no way around. */
export interface SignInAttempt {
  /** The password was right: gives back what the attempt cost. */
  succeeded(): Promise<void>
}

/**
 * Somewhere the owner of the account is known to be: a device of theirs, told by something that nobody can guess, or the
 * network of an earlier sign-in. What strangers do to the name is not counted against it, so nobody can be locked out.
 */
export type KnownPlace = { kind: 'device'; mark: string } | { kind: 'address' }

export interface RateLimits {
  /** Throws `rate.limited` with Retry-After; then nothing of several points is spent. */
  spend(budget: Budget, caller: Caller, points?: number): Promise<void>
  failedSignIn: {
    /**
     * Called before the password is looked at; throws `rate.limited` with Retry-After. `known` null: a stranger's
     * place; left out: places do not matter, as something else is known of who asks.
     */
    begin(address: string, login: string, known?: KnownPlace | null): Promise<SignInAttempt>
  }
}

/** One counter with a window; in memory here, and in a shared store when there are several processes. */
export interface Counter {
  /** Milliseconds to wait, or null when there were as many left; one, if nothing else is said. */
  take(key: string, points?: number): Promise<number | null>
  giveBack(key: string): Promise<void>
}

export type CreateCounter = (name: LimitName, figure: Figure) => Counter

export function createMemoryCounter(name: LimitName, { points, seconds }: Figure): Counter {
  return asCounter(new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }))
}

export function asCounter(limiter: RateLimiterAbstract): Counter {
  return {
    async take(key, points = 1) {
      try {
        await limiter.consume(key, points)
        return null
      } catch (refused) {
        if (refused instanceof Error) throw refused
        // Too many at once leave what there is for fewer.
        if (points > 1) await limiter.reward(key, points)
        return (refused as RateLimiterRes).msBeforeNext
      }
    },
    async giveBack(key) {
      await limiter.reward(key)
    },
  }
}

const unlimited: RateLimits = {
  async spend() {},
  failedSignIn: { begin: async () => ({ async succeeded() {} }) },
}

export function createRateLimits(
  mode: RateLimitMode,
  createCounter: CreateCounter = createMemoryCounter,
): RateLimits {
  if (mode === 'off') return unlimited
  const counters = Object.fromEntries(
    Object.entries(rateLimits).map(([name, figure]) => [name, createCounter(name as LimitName, figure)]),
  ) as Record<LimitName, Counter>

  const take = async (name: LimitName, key: string, points?: number) => {
    const waitMs = await counters[name].take(key, points)
    if (waitMs !== null) throw tooMany(waitMs)
  }

  return {
    async spend(budget, { address, accountId }, points) {
      const byAddress = `address:${addressGroup(address)}`
      if (budget === 'signUp' || budget === 'askReset') return take(budget, byAddress, points)
      const name = budget === 'signIn' ? 'write' : budget
      if (accountId === undefined || accountId === null) return take(name, byAddress, points)
      await take(name, `account:${accountId}`, points)
      // Many accounts on one address share what the address has.
      if (mode === 'strict') await take(name, byAddress, points)
    },
    failedSignIn: {
      async begin(address, login, known) {
        const name = login.normalize('NFC').trim().toLowerCase()
        const byAddress = addressGroup(address)
        const spent: [LimitName, string][] =
          known?.kind === 'device'
            ? [['failedSignInOfDevice', known.mark]]
            : [
                ['failedSignInOfAddress', byAddress],
                ['failedSignInOfAccount', `${byAddress} ${name}`],
                ...(known === null ? [['failedSignInOfName', name] satisfies [LimitName, string]] : []),
              ]
        for (const [limit, key] of spent) await take(limit, key)
        return {
          async succeeded() {
            for (const [limit, key] of spent) await counters[limit].giveBack(key)
          },
        }
      },
    },
  }
}

function tooMany(waitMs: number): Error {
  return fault('rate.limited', { headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } })
}
