import assert from 'node:assert/strict'
import { Problem } from '@heliograph/contract/common'
import { type ErrorCode, errorCodes } from '@heliograph/contract/error-codes'

export interface Ask {
  token?: string | undefined
  headers?: Record<string, string>
  /** Sent as it is; anything but text and bytes as JSON. */
  body?: unknown
}

export interface RawAnswer {
  status: number
  headers: Headers
  text: string
}

/** One request, without the client's help: for what no client would send. */
export async function ask(
  url: string,
  route: string,
  { token, headers, body }: Ask = {},
): Promise<RawAnswer> {
  const [method = '', path = ''] = route.split(' ')
  const isPlain = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { body: (isPlain ? body : JSON.stringify(body)) as string | Uint8Array<ArrayBuffer> }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** What only the machine's owner has to know: places of files, frames of a stack, statements. */
export const insides =
  /node_modules|file:\/\/|\bat [^"]+:\d+:\d+|\.(?:ts|mjs):\d+|\bselect .+ from\b|\binsert into\b|\/tmp\//i

/** A problem document with a code of ours, that tells nothing of the inside and is nobody's fault but the caller's. */
export function problemIn({ status, headers, text }: RawAnswer, what = ''): Problem & { code: ErrorCode } {
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${text}`)
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, what)
  assert.doesNotMatch(text, insides, what)
  const problem = Problem.parse(JSON.parse(text))
  assert.ok(problem.code in errorCodes, `${what}: ${problem.code}`)
  const code = problem.code as ErrorCode
  assert.deepEqual([problem.status, problem.title], [status, errorCodes[code][1]], what)
  return { ...problem, code }
}
