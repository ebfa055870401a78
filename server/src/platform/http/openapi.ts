import type { EndpointSpec, Endpoints } from '@heliograph/contract/endpoint'
import { type ErrorCode, errorCodes } from '@heliograph/contract/error-codes'
import { z } from 'zod'
import { livePath } from './openapi-live.ts'
import { tusPaths } from './openapi-tus.ts'
import type { ApiResponse, JsonSchema, OpenApi, Operation, Parameter } from './openapi-types.ts'

export interface ApiDescription {
  title: string
  version: string
  publicUrl: string
  endpoints: Endpoints
  /** Shapes that get a name. */
  shapes: Readonly<Record<string, z.ZodType>>
}

const description = `JSON in camelCase; ids are decimal strings; times are ISO 8601 in UTC with milliseconds.
Lists answer \`{ items, nextCursor }\` and take \`cursor\` and \`limit\` (1–50); a cursor belongs to its list, its filters and its viewer, and is good for 24 hours.
Addresses of pictures (\`…Url\`) are relative to this server and signed: they end with the hour or, for what everybody may see, with the next month. Read the thing again for fresh ones.
Errors are \`application/problem+json\`: switch on \`code\`, never on the words.
Fields may be added to answers at any time: ignore those you do not know. Unknown fields in requests are refused.
Where it says so, an \`Idempotency-Key\` makes repeating safe: the same key with the same request gives what the first one created, for 24 hours.`

/** Codes that every endpoint can answer with; they stand in the table of codes and not at each endpoint. */
const common: readonly ErrorCode[] = ['request.invalid', 'rate.limited', 'server.error', 'server.overloaded']

export function describeApi({ title, version, publicUrl, endpoints, shapes }: ApiDescription): OpenApi {
  const schemas = createSchemaBook(shapes)
  const paths: OpenApi['paths'] = {}
  for (const [route, endpoint] of Object.entries(endpoints)) {
    const [method = '', path = ''] = route.split(' ')
    const address = path.replace(/:(\w+)/g, '{$1}')
    paths[address] = { ...paths[address], [method.toLowerCase()]: describe(route, endpoint, schemas) }
  }
  const problem = schemas.output(shapes.Problem ?? z.object({}))
  const liveMessage = schemas.output(shapes.LiveMessage ?? z.object({}))
  const all = { ...paths, ...tusPaths(problem), ...livePath(liveMessage, problem) }
  return {
    openapi: '3.1.0',
    info: { title, version, description, license: { name: 'AGPL-3.0', identifier: 'AGPL-3.0-only' } },
    servers: [{ url: publicUrl }],
    tags: tagsOf(all),
    paths: all,
    components: {
      schemas: schemas.named(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token of sign-up or sign-in.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-heliograph',
          description: 'Set by sign-up or sign-in with "cookie": true; `heliograph` on plain http.',
        },
      },
    },
  }
}

function tagsOf(paths: OpenApi['paths']): { name: string }[] {
  const names = Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags))
  return [...new Set(names)].map((name) => ({ name }))
}

function describe(route: string, endpoint: EndpointSpec, schemas: SchemaBook): Operation {
  const { tag, summary, body, idempotent } = endpoint
  return {
    tags: [tag],
    summary,
    operationId: route.replace(/\W+/g, '_'),
    security: securityOf(endpoint.auth),
    parameters: [
      ...parametersOf('path', endpoint.params, schemas),
      ...parametersOf('query', endpoint.query, schemas),
      ...(idempotent === true ? [idempotencyKey] : []),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemas.input(body) } } },
        }),
    responses: { ...answersOf(endpoint, schemas), ...errorsOf(endpoint, schemas) },
  }
}

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes repeating this request safe for 24 hours; a UUID is good.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

function securityOf(auth: EndpointSpec['auth']): Record<string, string[]>[] {
  if (auth === 'none') return []
  const known: Record<string, string[]>[] = [{ bearer: [] }, { cookie: [] }]
  return auth === 'optional' ? [{}, ...known] : known
}

function parametersOf(
  place: 'path' | 'query',
  shape: z.ZodType | undefined,
  schemas: SchemaBook,
): Parameter[] {
  if (shape === undefined) return []
  const schema = schemas.input(shape)
  const required = new Set((schema.required ?? []) as string[])
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).map(([name, inner]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: inner,
  }))
}

function answersOf(endpoint: EndpointSpec, schemas: SchemaBook): Record<string, ApiResponse> {
  return Object.fromEntries(
    Object.entries(endpoint.answers).map(([status, shape]) => [
      status,
      shape === null
        ? { description: 'Done; there is nothing to tell.' }
        : {
            description: 'The answer.',
            content: { 'application/json': { schema: schemas.output(shape) } },
          },
    ]),
  )
}

export function errorCodesOf(endpoint: EndpointSpec): ErrorCode[] {
  const codes = new Set<ErrorCode>(common)
  if (endpoint.auth === 'required') codes.add('auth.required').add('auth.invalid')
  if (endpoint.proof === true) codes.add('auth.proof_needed')
  if (hasCursor(endpoint)) codes.add('cursor.invalid').add('cursor.expired')
  if (endpoint.idempotent === true) codes.add('idempotency.mismatch').add('idempotency.in_progress')
  for (const code of endpoint.errors ?? []) codes.add(code)
  return [...codes]
}

function hasCursor({ query }: EndpointSpec): boolean {
  return query instanceof z.ZodObject && 'cursor' in query.shape
}

function errorsOf(endpoint: EndpointSpec, schemas: SchemaBook): Record<string, ApiResponse> {
  const byStatus = Map.groupBy(errorCodesOf(endpoint), (code) => errorCodes[code][0])
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${errorCodes[code][1]}`).join('\n\n'),
        content: { 'application/problem+json': { schema: schemas.problem() } },
      },
    ]),
  )
}

interface SchemaBook {
  input(shape: z.ZodType): JsonSchema
  output(shape: z.ZodType): JsonSchema
  problem(): JsonSchema
  named(): Record<string, JsonSchema>
}

/** Turns zod shapes into JSON Schema; named ones once, under `components`. */
function createSchemaBook(shapes: Readonly<Record<string, z.ZodType>>): SchemaBook {
  const registry = z.registry<{ id: string }>()
  for (const [id, shape] of Object.entries(shapes)) registry.add(shape, { id })
  const named = new Map<string, JsonSchema>()

  const convert = (shape: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    // A named shape at the top would be written out; one level down it is a reference.
    const converted = z.toJSONSchema(z.object({ it: shape }), {
      io,
      metadata: registry,
      unrepresentable: 'any',
    })
    const text = JSON.stringify(converted, (key, value: unknown) => cleanOf(key, value, io))
    const { properties, $defs = {} } = JSON.parse(text.replaceAll('#/$defs/', '#/components/schemas/')) as {
      properties: { it: JsonSchema }
      $defs?: Record<string, JsonSchema>
    }
    for (const [name, schema] of Object.entries($defs))
      if (!named.has(name) || io === 'output') named.set(name, schema)
    return properties.it
  }

  return {
    input: (shape) => convert(shape, 'input'),
    output: (shape) => convert(shape, 'output'),
    problem: () => (shapes.Problem === undefined ? {} : convert(shapes.Problem, 'output')),
    named: () => Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Answers grow, so they promise nothing about further fields; `format` says more than zod's pattern for times. */
function cleanOf(key: string, value: unknown, io: 'input' | 'output'): unknown {
  if (io === 'output' && key === 'additionalProperties' && value === false) return undefined
  if (value !== null && typeof value === 'object' && 'format' in value && 'pattern' in value) {
    const { pattern: _pattern, ...rest } = value
    return rest
  }
  return value
}
