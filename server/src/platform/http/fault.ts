import { type ErrorCode, sentenceOf, statusOf } from '@heliograph/contract/error-codes'

export interface FieldError {
  path: string
  message: string
}

export interface FaultOptions {
  /** One more sentence for the person who calls; never a path, a query or a name of a file. */
  detail?: string
  errors?: readonly FieldError[]
  headers?: Readonly<Record<string, string>>
  /** Further members of the problem document, for codes whose contract names them. */
  members?: Readonly<Record<string, unknown>>
  cause?: unknown
}

/** An error that has a code in the contract; the only kind whose words reach a client. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly code: ErrorCode
  readonly status: number
  readonly detail: string | undefined
  readonly errors: readonly FieldError[] | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly members: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, options: FaultOptions = {}) {
    super(sentenceOf(code), { cause: options.cause })
    this.code = code
    this.status = statusOf(code)
    this.detail = options.detail
    this.errors = options.errors
    this.headers = options.headers
    this.members = options.members
  }
}

/** `throw fault('post.not_found')`. */
export function fault(code: ErrorCode, options?: FaultOptions): FaultError {
  return new FaultError(code, options)
}

export function isFault(error: unknown, code?: ErrorCode): error is FaultError {
  return error instanceof FaultError && (code === undefined || error.code === code)
}
