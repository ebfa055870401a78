import { endpoints, shapes } from '@heliograph/contract'
import { Id } from '@heliograph/contract/common'
import { z } from 'zod'
import { describeApi } from '#platform/http/openapi.ts'
import type { JsonSchema, OpenApi, Operation } from '#platform/http/openapi-types.ts'

// The routes as /api/openapi.json describes them: what is swept or fuzzed is read from here, so that a new route
// is in it by itself.

/** A value by which a request names something: in the address, its query, or its body (`media[].uploadId`). */
export interface Handle {
  place: 'path' | 'query' | 'body'
  field: string
}

export interface Route {
  /** `PUT /api/posts/{id}/like` */
  name: string
  method: string
  path: string
  operation: Operation
  needsAccount: boolean
  body: JsonSchema | undefined
  handles: Handle[]
  /** Every other field that takes words, by its name without what leads there: `text`, `words[]`. */
  words: string[]
}

export const api: OpenApi = describeApi({
  title: 'Heliograph',
  version: '1',
  publicUrl: 'http://localhost',
  endpoints,
  shapes,
})

const idPattern = (z.toJSONSchema(Id) as Shape).pattern

export const routes: readonly Route[] = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => routeOf(method.toUpperCase(), path, operation)),
)

function routeOf(method: string, path: string, operation: Operation): Route {
  const body = operation.requestBody?.content['application/json']?.schema
  const query = operation.parameters
    .filter((one) => one.in === 'query')
    .flatMap((one) => fieldsOf(one.schema, one.name))
  const inBody = fieldsOf(body)
  const isNaming = ({ field, schema }: Field) => isHandle(field) || isId(schema) || isName(schema)
  return {
    name: `${method} ${path}`,
    method,
    path,
    operation,
    needsAccount:
      operation.security.length > 0 && operation.security.every((one) => 'bearer' in one || 'cookie' in one),
    body,
    handles: [
      ...operation.parameters
        .filter((one) => one.in === 'path')
        .map(({ name }) => ({ place: 'path' as const, field: name })),
      ...query.filter(isNaming).map(({ field }) => ({ place: 'query' as const, field })),
      ...inBody.filter(isNaming).map(({ field }) => ({ place: 'body' as const, field })),
    ],
    words: [...query, ...inBody]
      .filter((field) => !isNaming(field) && takesWords(field.schema))
      .map(({ field }) => field.split('.').at(-1) ?? ''),
  }
}

/** Names of fields that say which one is meant, and of secrets that stand for somebody. */
export function isHandle(field: string): boolean {
  const name = field.split('.').at(-1) ?? ''
  return /^(?:id|login|challenge|username|usernames|code|token)(?:\[\])?$|(?:Ids?|Usernames?|Code|Token)(?:\[\])?$/.test(
    name,
  )
}

interface Field {
  /** As `media[].crop.x`. */
  field: string
  schema: Shape
}

/** Whatever it is called. */
function isId({ pattern }: Shape): boolean {
  return pattern !== undefined && pattern === idPattern
}

/** As the contract writes down whatever may be a username. */
function isName({ type, pattern, minLength, maxLength }: Shape): boolean {
  return type === 'string' && pattern === undefined && minLength === 1 && maxLength === 64
}

/** What stands there is chosen by whoever asks. */
function takesWords({ type, enum: choices, const: only, format }: Shape): boolean {
  const isTime = format === 'date-time' || format === 'date'
  return type === 'string' && choices === undefined && only === undefined && !isTime
}

/** Every field of a schema that holds a plain value, each once. */
function fieldsOf(schema: JsonSchema | undefined, at = '', depth = 0): Field[] {
  if (schema === undefined || depth > 8) return []
  const { $ref, anyOf, oneOf, properties, items } = schema as Shape
  if ($ref !== undefined) return fieldsOf(resolved(schema), at, depth + 1)
  const either = anyOf ?? oneOf
  if (either !== undefined) return once(either.flatMap((one) => fieldsOf(one, at, depth + 1)))
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, inner]) =>
      fieldsOf(inner, at === '' ? name : `${at}.${name}`, depth + 1),
    )
  if (items !== undefined) return fieldsOf(items, `${at}[]`, depth + 1)
  return at === '' ? [] : [{ field: at, schema: schema as Shape }]
}

/** Of a field with several shapes the one counts that names something. */
function once(fields: Field[]): Field[] {
  const byField = new Map<string, Field>()
  for (const one of fields) {
    const found = byField.get(one.field)
    if (!found || isId(one.schema) || isName(one.schema)) byField.set(one.field, one)
  }
  return [...byField.values()]
}

export interface Shape {
  $ref?: string
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  type?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  additionalProperties?: JsonSchema | boolean
}

export function resolved(schema: JsonSchema): JsonSchema {
  const { $ref } = schema as Shape
  if ($ref === undefined) return schema
  return api.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}
}

/** The least that fits: required fields alone, lists of one. */
export function leastOf(given: JsonSchema): unknown {
  const schema = resolved(given) as Shape
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return leastOf(either[0] ?? {})
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.type === 'object' || schema.properties !== undefined)
    return Object.fromEntries(
      (schema.required ?? []).map((name) => [name, leastOf(schema.properties?.[name] ?? {})]),
    )
  if (schema.type === 'array') return [leastOf(schema.items ?? {})]
  if (schema.type === 'boolean') return true
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1
  return leastText(schema)
}

function leastText({ format, pattern, minLength = 1 }: Shape): string {
  if (format === 'date-time') return '2026-01-31T12:00:00.000Z'
  if (format === 'date') return '1990-01-31'
  if (pattern?.includes('@') === true) return 'somebody@people.example'
  if (pattern?.includes('[1-9]') === true) return '1234567890'
  return 'words of it'.padEnd(minLength, ' and more')
}

/** A copy in which `field` (`media[].uploadId`) is `value`; what leads there is made where it is absent. */
export function withField(body: unknown, field: string, value: string): unknown {
  const copy: unknown = structuredClone(body ?? {})
  const steps = field.replaceAll('[]', '.0').split('.')
  let at = copy as Record<string, unknown>
  for (const [index, step] of steps.entries()) {
    if (index === steps.length - 1) at[step] = value
    else {
      at[step] ??= steps[index + 1] === '0' ? [] : {}
      at = at[step] as Record<string, unknown>
    }
  }
  return copy
}
