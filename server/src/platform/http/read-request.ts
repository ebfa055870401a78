import type { EndpointSpec } from '@heliograph/contract/endpoint'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { type FieldError, fault } from './fault.ts'
import { issueWords } from './issue-words.ts'

export interface Input {
  params: unknown
  query: unknown
  body: unknown
}

/** Everything that is wrong is told at once; nothing unknown is let through. */
export function readRequest(endpoint: EndpointSpec, request: FastifyRequest): Input {
  const errors: FieldError[] = []
  const params = readPart(endpoint.params, 'params', request.params, errors)
  const query = readPart(endpoint.query, 'query', request.query, errors)
  const body = readPart(endpoint.body, 'body', request.body, errors)
  if (errors.length > 0) throw fault('request.invalid', { errors })
  return { params, query, body }
}

function readPart(shape: z.ZodType | undefined, part: string, value: unknown, errors: FieldError[]): unknown {
  if (shape === undefined) {
    for (const name of fieldsOf(value)) errors.push({ path: `${part}.${name}`, message: 'is not known here' })
    return undefined
  }
  const result = shape.safeParse(value)
  if (result.success) {
    findFoulText(result.data, part, errors)
    return result.data
  }
  for (const issue of result.error.issues) errors.push(...errorsOf(part, issue))
  return undefined
}

/**
 * PostgreSQL's text holds no NUL, and half a character is none in UTF-8. JSON can spell both, and so can addresses.
 * Only for values that fit the contract: their depth is ours, a stranger's could be thousands.
 */
function findFoulText(value: unknown, path: string, errors: FieldError[]): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) errors.push({ path, message: 'must not contain a NUL character' })
    else if (!value.isWellFormed()) errors.push({ path, message: 'must be whole Unicode characters' })
  } else if (value !== null && typeof value === 'object') {
    for (const [name, inner] of Object.entries(value)) findFoulText(inner, `${path}.${name}`, errors)
  }
}

function fieldsOf(value: unknown): string[] {
  if (value === undefined || value === null) return []
  return typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : ['']
}

function errorsOf(part: string, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: pathOf(part, [...issue.path, key]),
      message: 'is not known here',
    }))
  return [{ path: pathOf(part, issue.path), message: issueWords(issue) }]
}

function pathOf(part: string, path: readonly PropertyKey[]): string {
  return [part, ...path.map(String)].join('.')
}
