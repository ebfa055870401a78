import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Problem } from '@heliograph/contract/common'
import type { ErrorCode } from '@heliograph/contract/error-codes'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FaultError, fault } from './fault.ts'
import { noteFacts } from './request-facts.ts'
import type { RouteHandler } from './route-handler.ts'

export interface Unknown {
  methodsAt(url: string): string[]
  pages(): RouteHandler | null
}

/** Every error leaves through here, as `application/problem+json`, with words from the contract only. */
export function answerProblems(app: FastifyInstance, unknown: Unknown): void {
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error))
  app.setNotFoundHandler(async (request, reply) => {
    const methods = unknown.methodsAt(request.url)
    if (methods.length > 0)
      throw fault('request.method_not_allowed', { headers: { allow: methods.join(', ') } })
    const pages = unknown.pages()
    if (pages !== null && isPage(request)) return pages(request, reply)
    throw fault('request.not_found')
  })
}

function isPage(request: FastifyRequest): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  return isRead && request.url !== '/api' && !request.url.startsWith('/api/')
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = asFault(error, request)
  noteFacts(request, { code: known.code })
  if (known.status >= 500)
    request.log.error({ err: known.cause ?? known, problem: known.code }, 'request failed')
  return reply
    .code(known.status)
    .headers({ ...comeAgain(known), ...known.headers, 'cache-control': 'no-store' })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(known, request.id)))
}

export function problemOf(error: FaultError, requestId: string): Problem {
  return {
    ...error.members,
    type: `/api/docs#${error.code}`,
    title: error.message,
    status: error.status,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    requestId,
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
  }
}

const codesOfFastify: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.invalid',
  FST_ERR_MAX_PARAM_LENGTH: 'request.not_found',
  FST_ERR_NOT_FOUND: 'request.not_found',
}

function asFault(error: unknown, request: FastifyRequest): FaultError {
  if (error instanceof FaultError) return error
  if (request.raw.socket.destroyed) return fault('request.gone', { cause: error })
  const { code = '' } = error as { code?: string }
  // PostgreSQL's and the file system's own words for "no room".
  if (code === '53100' || code === 'ENOSPC' || code === 'EDQUOT')
    return fault('server.storage_full', { cause: error })
  if (code === 'FST_ERR_BAD_URL')
    return fault('request.invalid', { detail: 'A % in the address is not followed by UTF-8 in hexadecimal.' })
  const known = codesOfFastify[code]
  if (known !== undefined) return fault(known, { cause: error })
  if (isDatabaseAway(code)) return fault('server.unavailable', { cause: error })
  return fault('server.error', { cause: error })
}

/** Whoever found out that a part is away: clients hear when to try again. */
function comeAgain({ code }: FaultError): Record<string, string> {
  return code === 'server.unavailable' ? { 'retry-after': '2' } : {}
}

/** PostgreSQL is starting, stopping, out of connections, or cannot be reached. */
function isDatabaseAway(code: string): boolean {
  return /^(08...|57P0[1-3]|53300)$/.test(code) || code === 'ECONNREFUSED' || code === 'ECONNRESET'
}

/** What is no HTTP never becomes a request: answered on the bare socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) {
    const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
    const problem = problemOf(fault(tooLarge ? 'request.too_large' : 'request.invalid'), randomUUID())
    const body = JSON.stringify(problem)
    const head = [
      `HTTP/1.1 ${problem.status} ${tooLarge ? 'Content Too Large' : 'Bad Request'}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'connection: close',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
  socket.destroy(error)
}
