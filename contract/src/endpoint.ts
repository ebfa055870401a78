import type { z } from 'zod'
import type { ErrorCode } from './error-codes.ts'

/** Who may call: nobody is asked, a viewer is used when there is one, or a signed-in viewer is needed. */
export type Auth = 'none' | 'optional' | 'required'

/** Names of the rate-limit budgets; their figures stand in `server/src/platform/http/rate-limits.ts`. */
export type Budget =
  | 'read'
  | 'write'
  | 'report'
  | 'message'
  | 'conversation'
  | 'signUp'
  | 'signIn'
  | 'askReset'
  | 'changeEmail'

type Shape = z.ZodType

export interface EndpointSpec {
  /** One line for the API page. */
  readonly summary: string
  /** Heading on the API page. */
  readonly tag: string
  readonly auth: Auth
  readonly budget: Budget
  readonly params?: Shape
  readonly query?: Shape
  readonly body?: Shape
  /** Status → shape of the answer; `null` for an answer without a body. The first one is the usual one. */
  readonly answers: Readonly<Record<number, Shape | null>>
  /** Codes this endpoint can answer with, beside those that every endpoint can. */
  readonly errors?: readonly ErrorCode[]
  /** Asks who is at the device once more unless that was just shown: see `POST /api/me/proof`. */
  readonly proof?: true
  /** Creates something: honours `Idempotency-Key`. */
  readonly idempotent?: boolean
}

/** `'METHOD /path/:param'` → endpoint. The key is the address; nothing repeats it. */
export type Endpoints = Readonly<Record<string, EndpointSpec>>

/** Keeps the literal types of a spec, so that handlers and clients are typed by it. */
export function endpoint<const S extends EndpointSpec>(spec: S): S {
  return spec
}

type InputOf<S> = S extends Shape ? z.input<S> : undefined
type OutputOf<S> = S extends Shape ? z.output<S> : undefined

export type ParamsOf<E extends EndpointSpec> = OutputOf<E['params']>
export type QueryOf<E extends EndpointSpec> = OutputOf<E['query']>
export type BodyOf<E extends EndpointSpec> = OutputOf<E['body']>
/** What a client sends: defaults may be left out. */
export type ClientQueryOf<E extends EndpointSpec> = InputOf<E['query']>
export type ClientBodyOf<E extends EndpointSpec> = InputOf<E['body']>
/** Union of all bodies that the endpoint can answer with. */
export type AnswerOf<E extends EndpointSpec> = {
  [K in keyof E['answers']]: OutputOf<E['answers'][K]>
}[keyof E['answers']]
