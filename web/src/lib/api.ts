import { type Answer, type Ask as AskOf, buildAddress, type EndpointKey } from '@heliograph/contract/call'
import type { Problem } from '@heliograph/contract/common'
import type { ErrorCode } from '@heliograph/contract/error-codes'
import { online } from './online.ts'
import { noteServerTime } from './server-clock.ts'

export type Ask<K extends EndpointKey> = AskOf<K> & { signal?: AbortSignal }
type AskArgument<K extends EndpointKey> = Record<never, never> extends Ask<K> ? [ask?: Ask<K>] : [ask: Ask<K>]

/** Codes that the client itself adds to the contract's: no answer came, or it was called off. */
export type ClientCode =
  | 'client.offline'
  | 'client.timeout'
  | 'client.aborted'
  | 'client.file_gone'
  | 'client.passkey_known'

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly code: ErrorCode | ClientCode
  readonly status: number
  readonly detail: string | undefined
  readonly requestId: string | undefined
  readonly errors: NonNullable<Problem['errors']>
  /** The whole document: some codes have members of their own, as the contract names them. */
  readonly document: Partial<Problem>
  /** Seconds after which trying again makes sense, when the server said so. */
  readonly retryAfter: number | undefined

  constructor(
    code: ErrorCode | ClientCode,
    status: number,
    body: Partial<Problem> = {},
    retryAfter?: number,
  ) {
    super(body.title ?? code)
    this.code = code
    this.status = status
    this.detail = body.detail
    this.requestId = body.requestId
    this.errors = body.errors ?? []
    this.document = body
    this.retryAfter = retryAfter
  }
}

const timeoutMs = 20_000
const sessionEndedListeners = new Set<() => void>()

/** Called when the server no longer knows our session. */
export function onSessionEnded(listener: () => void): () => void {
  sessionEndedListeners.add(listener)
  return () => sessionEndedListeners.delete(listener)
}

/** `call('GET /api/users/:username', { params: { username } })`: typed by the contract, throws ApiProblem. */
export async function call<K extends EndpointKey>(key: K, ...[ask]: AskArgument<K>): Promise<Answer<K>> {
  const { params, query, body, idempotencyKey, signal } = (ask ?? {}) as {
    params?: Record<string, string>
    query?: Record<string, unknown>
    body?: unknown
    idempotencyKey?: string
    signal?: AbortSignal
  }
  const [method, path] = key.split(' ') as [string, string]
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey
  const { response, answer } = await send(buildAddress(path, params, query), {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    credentials: 'same-origin',
    signal: signal ?? null,
  })
  if (!response.ok) throw problemOf(response, answer)
  return (answer === '' ? undefined : JSON.parse(answer)) as Answer<K>
}

/** The answer to its last byte: a connection may be lost in the middle of one. */
async function send(address: string, init: RequestInit): Promise<{ response: Response; answer: string }> {
  const { signal } = init
  // AbortSignal.any would say this in a line, but is younger than the phones that are meant to work.
  const either = new AbortController()
  const abort = () => either.abort()
  let late = false
  const timer = setTimeout(() => {
    late = true
    abort()
  }, timeoutMs)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  try {
    const response = await fetch(address, { ...init, signal: either.signal })
    const answer = await response.text()
    // Without a connection the service worker answers with what it has kept, and says so.
    online.value = !response.headers.has('x-heliograph-saved')
    if (online.value) noteServerTime(response.headers.get('date'))
    return { response, answer }
  } catch {
    if (signal?.aborted) throw new ApiProblem('client.aborted', 0)
    if (late) throw new ApiProblem('client.timeout', 0)
    online.value = false
    throw new ApiProblem('client.offline', 0)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

function problemOf(response: Response, answer: string): ApiProblem {
  const body = parseProblem(answer)
  const code = (body.code ?? (response.status === 404 ? 'request.not_found' : 'server.error')) as ErrorCode
  if (code === 'auth.invalid' || code === 'auth.required') {
    for (const listener of sessionEndedListeners) listener()
  }
  const wait = Number(response.headers.get('retry-after'))
  return new ApiProblem(code, response.status, body, wait > 0 ? wait : undefined)
}

/** A proxy in between may answer with a page of its own. */
function parseProblem(answer: string): Partial<Problem> {
  try {
    return JSON.parse(answer) as Partial<Problem>
  } catch {
    return {}
  }
}

export function isProblem(error: unknown, ...codes: (ErrorCode | ClientCode)[]): error is ApiProblem {
  return error instanceof ApiProblem && (codes.length === 0 || codes.includes(error.code))
}

/** A key for one intention of the person; keep it for the repeats of that intention. */
export function newIdempotencyKey(): string {
  // randomUUID exists only on secure origins; a plain http address on the home network is not one.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
