import type {
  BodyOf,
  Budget,
  EndpointSpec,
  Endpoints,
  ParamsOf,
  QueryOf,
} from '@heliograph/contract/endpoint'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'
import {
  type Answer,
  type AnswerTo,
  answer,
  noContent,
  type PageAnswer,
  page,
  type RawPageAnswer,
  rawPage,
} from './answers.ts'
import { type CursorScope, canonical } from './cursors.ts'
import { fault } from './fault.ts'
import type { Http } from './http.ts'
import { pageMemory } from './page-memory.ts'
import { joinPage } from './raw-json.ts'
import { readRequest } from './read-request.ts'
import { factsOf, isWatched, noteFacts } from './request-facts.ts'
import type { Viewer } from './viewer.ts'

export type { Viewer }
export { answer, noContent, page, rawPage }

/** Ties what a request creates to its `Idempotency-Key`, inside the creating transaction. */
export interface Once {
  /** Does nothing when the request has no key. */
  record(tx: Tx, createdId: Id): Promise<void>
}

export interface Context<E extends EndpointSpec> {
  viewer: E['auth'] extends 'required' ? Viewer : Viewer | null
  params: ParamsOf<E>
  query: QueryOf<E>
  body: BodyOf<E>
  /** Where the list goes on, as the previous page gave it to `page()`; null on the first page. */
  position: readonly string[] | null
  once: Once
  /** Beside the endpoint's own budget, where only the handler knows what it costs; throws `rate.limited`. */
  spend(budget: Budget, points: number): Promise<void>
  request: FastifyRequest
  reply: FastifyReply
}

export type Handler<E extends EndpointSpec> = (context: Context<E>) => Promise<AnswerTo<E>> | AnswerTo<E>

/** For endpoints that honour `Idempotency-Key`: `replay` presents anew what the first request created. */
export interface CreatingHandler<E extends EndpointSpec> {
  create: Handler<E>
  replay(context: Context<E>, createdId: Id): Promise<AnswerTo<E>> | AnswerTo<E>
}

export type HandlerFor<E extends EndpointSpec> = E extends { idempotent: true }
  ? CreatingHandler<E>
  : Handler<E>

/** One handler for each endpoint: a missing one is a type error. */
export type Handlers<Es extends Endpoints> = { [K in keyof Es]: HandlerFor<Es[K]> }

type AnyHandler = Handler<EndpointSpec> | CreatingHandler<EndpointSpec>

/**
 * Puts endpoints of the contract on the server: budget, viewer, validation, cursor and idempotency are done
 * here, so that a handler gets typed values and returns a typed answer.
 */
export function mount<const Es extends Endpoints>(http: Http, endpoints: Es, handlers: Handlers<Es>): void {
  for (const [route, endpoint] of Object.entries<EndpointSpec>(endpoints)) {
    const handler = handlers[route] as unknown as AnyHandler
    mountOne(http, route, endpoint, handler)
  }
}

function mountOne(http: Http, route: string, endpoint: EndpointSpec, handler: AnyHandler): void {
  const [method = '', path = ''] = route.split(' ')
  const watched = isWatched(route, endpoint)
  const answerFor = (viewer: Viewer | null, request: FastifyRequest, reply: FastifyReply) => {
    requireAllowed(endpoint, request, viewer)
    const { params, query, body } = readRequest(endpoint, request)
    const scope = scopeOf(route, params, query, viewer)
    const context = {
      viewer,
      params,
      query,
      body,
      position: positionOf(http, scope, query),
      once: noOnce,
      spend: async (budget, points) => http.spend(request, budget, viewer, points),
      request,
      reply,
    } as Context<EndpointSpec>
    const result = run(http, { route, handler, context, viewer })
    return whenThere(result, (answered) => send(http, endpoint, scope, reply, answered))
  }
  http.addRoute(method, path, (request, reply) => {
    if (watched) noteFacts(request, { isWatched: true })
    const answered = whenThere(admit(http, endpoint, request), (viewer) => answerFor(viewer, request, reply))
    // A reply looks like a promise: one that is sent already would be waited for.
    return answered instanceof Promise ? answered : undefined
  })
}

const noOnce: Once = { record: async () => {} }

/** Within their budget; who it is may still be nobody. */
function admit(http: Http, endpoint: EndpointSpec, request: FastifyRequest): Soon<Viewer | null> {
  return whenThere(endpoint.auth === 'none' ? null : http.viewerOf(request), (viewer) => {
    if (viewer !== null && factsOf(request).isWatched) noteFacts(request, { account: viewer.id })
    return http.spend(request, endpoint.budget, viewer)?.then(() => viewer) ?? viewer
  })
}

function requireAllowed(endpoint: EndpointSpec, request: FastifyRequest, viewer: Viewer | null): void {
  if (viewer === null && endpoint.auth === 'required')
    throw fault(hasCredentials(request) ? 'auth.invalid' : 'auth.required')
  // A client that shows a token means to be somebody; a browser's old cookie is just a visitor.
  if (viewer === null && endpoint.auth === 'optional' && request.headers.authorization !== undefined)
    throw fault('auth.invalid')
  if (endpoint.proof === true && !viewer?.hasProof) throw fault('auth.proof_needed')
}

/** Told apart, so that an app knows whether to say "sign in" or "your session has ended". */
function hasCredentials(request: FastifyRequest): boolean {
  const { authorization, cookie = '' } = request.headers
  return authorization !== undefined || /(?:^|;\s*)(?:__Host-)?heliograph=/.test(cookie)
}

/** `query` as it was read: a filter that is left out is the same list as its default. */
function scopeOf(route: string, params: unknown, query: unknown, viewer: Viewer | null): CursorScope {
  const filters: Record<string, unknown> = {}
  const all = query as Record<string, unknown> | undefined
  for (const name in all) if (name !== 'cursor' && name !== 'limit') filters[name] = all[name]
  return { route, params, filters, viewerId: viewer?.id ?? null }
}

function positionOf(http: Http, scope: CursorScope, query: unknown): readonly string[] | null {
  const cursor = (query as { cursor?: string } | undefined)?.cursor
  return cursor === undefined ? null : http.cursors.open(scope, cursor)
}

interface Call {
  route: string
  handler: AnyHandler
  context: Context<EndpointSpec>
  viewer: Viewer | null
}

type AnyAnswer = Answer<number, unknown> | PageAnswer<unknown> | RawPageAnswer

function run(http: Http, call: Call): Soon<AnyAnswer> {
  const { handler, context } = call
  if (typeof handler === 'function') return handler(context) as Soon<AnyAnswer>
  const key = keyOf(context.request)
  if (key === null) return handler.create(context) as Soon<AnyAnswer>
  return runOnce(http, call, handler, key)
}

async function runOnce(
  http: Http,
  { route, context, viewer }: Call,
  handler: CreatingHandler<EndpointSpec>,
  key: string,
): Promise<AnyAnswer> {
  const { params, query, body } = context
  const accountId = viewer?.id ?? null
  const begun = await http.idempotency.begin({ accountId, route, key, content: [params, query, body] })
  if ('createdId' in begun) return (await handler.replay(context, begun.createdId)) as AnyAnswer
  try {
    const once: Once = { record: (tx, createdId) => begun.attempt.record(tx, createdId) }
    return (await handler.create({ ...context, once })) as AnyAnswer
  } finally {
    // What was recorded stays: only a key whose request created nothing is free again.
    await begun.attempt.release()
  }
}

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  const message = 'must be 1 to 255 visible ASCII characters'
  throw fault('request.invalid', { errors: [{ path: 'headers.idempotency-key', message }] })
}

function send(
  http: Http,
  endpoint: EndpointSpec,
  scope: CursorScope,
  reply: FastifyReply,
  result: AnyAnswer,
): FastifyReply {
  if (result.kind === 'raw-page') return sendRaw(http, endpoint, scope, reply, result)
  const { status, body, headers } = result.kind === 'page' ? pageAnswer(http, scope, result) : result
  if (http.checkAnswers) checkAnswer(endpoint, scope.route, status, body)
  if (headers !== undefined) reply.headers(headers)
  return body === undefined ? reply.code(status).send() : reply.code(status).send(body)
}

function sendRaw(
  http: Http,
  endpoint: EndpointSpec,
  scope: CursorScope,
  reply: FastifyReply,
  { items, nextPosition, fields }: RawPageAnswer,
): FastifyReply {
  const memoryOf = (size: number) => pageMemory(size, reply.raw)
  const body = joinPage(items, sealed(http, scope, nextPosition), fields, memoryOf)
  if (http.checkAnswers) checkAnswer(endpoint, scope.route, 200, JSON.parse(body.toString()))
  return reply.code(200).header('content-type', 'application/json; charset=utf-8').send(body)
}

function pageAnswer(http: Http, scope: CursorScope, result: PageAnswer<unknown>): Answer<200, unknown> {
  const nextCursor = sealed(http, scope, result.nextPosition)
  return answer(200, { items: result.items, nextCursor, ...result.fields })
}

function sealed(http: Http, scope: CursorScope, position: readonly string[] | null): string | null {
  return position === null ? null : http.cursors.seal(scope, position)
}

/** Tests let every answer be compared with what the contract promises. */
function checkAnswer(endpoint: EndpointSpec, route: string, status: number, body: unknown): void {
  const shape = endpoint.answers[status]
  if (shape === undefined) throw new Error(`${route} answered ${status}, which the contract does not know`)
  if (shape === null) {
    if (body !== undefined) throw new Error(`${route} answered ${status} with a body`)
    return
  }
  const sent: unknown = JSON.parse(JSON.stringify(body))
  const checked = shape.safeParse(sent)
  if (!checked.success)
    throw new Error(`${route} answered ${status} with another shape: ${checked.error.message}`)
  // The contract is also what may be seen: a field that it does not name is a leak.
  if (canonical(checked.data) !== canonical(sent))
    throw new Error(`${route} answered ${status} with more than the contract names: ${JSON.stringify(sent)}`)
}
