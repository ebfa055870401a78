import type { SignUpBody } from '@heliograph/contract/accounts'
import { type Answer, type AskArgument, buildAddress, type EndpointKey } from '@heliograph/contract/call'
import type { Problem } from '@heliograph/contract/common'
import type { z } from 'zod'
import { type UploadOptions, upload } from './upload.ts'

export type { UploadOptions } from './upload.ts'

/** An answer that is not the one asked for, as the server's problem document says it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly problem: Partial<Problem>

  constructor(route: string, status: number, problem: Partial<Problem>) {
    super(`${route} answered ${status} ${problem.code ?? ''} ${problem.detail ?? problem.title ?? ''}`.trim())
    this.status = status
    this.code = problem.code ?? ''
    this.problem = problem
  }
}

export interface Client {
  readonly baseUrl: string
  /** Of now: proving oneself, or a new password, gives the session another, and this client goes on with that. */
  readonly token: string | undefined
  /** `call('PUT /api/posts/:id/like', { params: { id } })`. Throws ApiError. */
  call<K extends EndpointKey>(key: K, ...ask: AskArgument<K>): Promise<Answer<K>>
  /** tus 1.0, resumed by itself after an interruption; gives the `uploadId`. */
  upload(bytes: Uint8Array, options?: UploadOptions): Promise<string>
  /** The same server with another person's token; none: signed out. */
  as(token?: string): Client
  signUp(person: z.input<typeof SignUpBody>): Promise<Client & { user: Answer<'GET /api/me'> }>
  signIn(login: string, password: string): Promise<Client & { user: Answer<'GET /api/me'> }>
  /** Every page of a list, one item after the other. */
  all<K extends EndpointKey>(key: K, ...ask: AskArgument<K>): AsyncIterable<ItemOf<K>>
}

type ItemOf<K extends EndpointKey> = Answer<K> extends { items: (infer T)[] } ? T : never

/** What gives the session that it is called in another token. */
const renewing: ReadonlySet<EndpointKey> = new Set<EndpointKey>([
  'POST /api/me/proof',
  'PUT /api/me/password',
])

/** A client of the public API for Node: for the demo, tests, load scenarios and people's own scripts. */
export function createClient(baseUrl: string, token?: string): Client {
  const headers: Record<string, string> = {}
  let current: string | undefined
  function use(fresh: string | undefined): void {
    current = fresh
    if (fresh) headers.authorization = `Bearer ${fresh}`
  }
  use(token)

  const call = async <K extends EndpointKey>(key: K, ...[ask]: AskArgument<K>): Promise<Answer<K>> => {
    const { params, query, body, idempotencyKey } = (ask ?? {}) as {
      params?: Record<string, string>
      query?: Record<string, unknown>
      body?: unknown
      idempotencyKey?: string
    }
    const [method, path] = key.split(' ') as [string, string]
    const response = await fetch(baseUrl + buildAddress(path, params, query), {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (response.ok) {
      const text = await response.text()
      const answer = (text === '' ? undefined : JSON.parse(text)) as Answer<K>
      const renewed = renewing.has(key) ? (answer as { token?: string }).token : undefined
      if (renewed !== undefined) use(renewed)
      return answer
    }
    throw new ApiError(key, response.status, (await response.json().catch(() => ({}))) as Partial<Problem>)
  }

  const client: Client = {
    baseUrl,
    get token() {
      return current
    },
    call,
    upload: (bytes, options) => upload({ baseUrl, headers }, bytes, options),
    as: (other) => createClient(baseUrl, other),
    async signUp(person) {
      const answered = await call('POST /api/accounts', { body: person })
      if (!('user' in answered)) throw new Error('the account is made and waits to be let in')
      return Object.assign(createClient(baseUrl, answered.token), { user: answered.user })
    },
    async signIn(login, password) {
      const { token: fresh, user } = await call('POST /api/sessions', { body: { login, password } })
      return Object.assign(createClient(baseUrl, fresh), { user })
    },
    async *all(key, ...[ask]) {
      const { query, ...rest } = (ask ?? {}) as { query?: Record<string, unknown> }
      let cursor: string | undefined
      do {
        const request = [{ ...rest, query: { ...query, cursor } }] as unknown as AskArgument<typeof key>
        const page = (await call(key, ...request)) as { items: never[]; nextCursor: string | null }
        yield* page.items
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
    },
  }
  return client
}
