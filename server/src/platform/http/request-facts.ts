import type { Budget, EndpointSpec } from '@heliograph/contract/endpoint'
import type { ErrorCode } from '@heliograph/contract/error-codes'
import type { FastifyRequest } from 'fastify'
import type { Id } from '#platform/ids/ids.ts'

/** What the line about a request says beside its route and status. */
export interface RequestFacts {
  /** Why it was refused. */
  code?: ErrorCode
  /** Who asked, or who was signed in by it; an id and never a name. */
  account?: Id
  /** About who one is, or done for those who look after the server: in the log also when it went well. */
  isWatched?: true
}

const noted = new WeakMap<FastifyRequest, RequestFacts>()

export function noteFacts(request: FastifyRequest, facts: RequestFacts): void {
  noted.set(request, { ...noted.get(request), ...facts })
}

export function factsOf(request: FastifyRequest): RequestFacts {
  return noted.get(request) ?? {}
}

const watched: ReadonlySet<Budget> = new Set(['signIn', 'signUp', 'askReset', 'changeEmail'])

/** Signing in, up and out, what asks for a proof, and every act of admins and moderators. */
export function isWatched(route: string, { budget, proof }: EndpointSpec): boolean {
  if (watched.has(budget) || proof === true) return true
  return /^(?:POST|PUT|PATCH|DELETE) \/api\/(?:sessions|admin|moderation)\b/.test(route)
}
