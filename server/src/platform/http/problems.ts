import type { Problem } from '@heliograph/contract/common'
import { type ErrorCode, errorCodes } from '@heliograph/contract/error-codes'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FaultError, fault } from './fault.ts'

/** Every error leaves through here, as `application/problem+json`, with words from the contract only. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error))
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, fault('request.not_found')))
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = asFault(error, request)
  if (known.status >= 500) request.log.error({ err: error }, 'request failed')
  return reply
    .code(known.status)
    .headers({ ...known.headers, 'cache-control': 'no-store' })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(known, request.id)))
}

export function problemOf(error: FaultError, requestId: string): Problem {
  return {
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
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.not_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.not_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.invalid',
  FST_ERR_BAD_URL: 'request.invalid',
}

function asFault(error: unknown, request: FastifyRequest): FaultError {
  if (error instanceof FaultError) return error
  if (request.raw.destroyed && request.raw.errored) return fault('request.gone', { cause: error })
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  const known = codesOfFastify[code ?? '']
  if (known !== undefined) return fault(known, { cause: error })
  if (statusCode === 413) return fault('request.too_large', { cause: error })
  if (statusCode === 503) return fault('server.overloaded', { cause: error })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return fault('request.invalid', { cause: error })
  return fault('server.error', { cause: error })
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
