import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import { Problem } from '@heliograph/contract/common'
import type { EndpointSpec } from '@heliograph/contract/endpoint'
import fc from 'fast-check'
import { z } from 'zod'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson } from './helpers/factories.ts'
import { insides } from './helpers/problems.ts'

let app: TestApp

before(async () => {
  app = await createTestApp()
  await buildPerson(app.client, { username: 'ada' })
})
after(() => app[Symbol.asyncDispose]())

const nasty = fc.constantFrom(
  ...['', ' ', '0', '-1', '1e9', '1', '9223372036854775807', '9223372036854775808', 'NaN', '%', '%%_', '\\'],
  ...['\u0000', 'a\u0000b', '\ud800', '\u202e', 'İstanbul', 'ß', '🏳️‍🌈', "'; drop table users; --", '../..'],
  ...['ada', 'bob', 'ADA', '@ada', '#x #y', '__proto__', 'constructor', 'a@b', '2026-02-30T00:00:00.000Z'],
  ...['-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.001Z', '0000-01-01T00:00:00Z', 'Europe/Berlin'],
)
const words = fc.oneof(
  { weight: 3, arbitrary: nasty },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
)
const junk = fc.oneof(words, fc.double(), fc.integer(), fc.constant(null), fc.constant([]), fc.constant({}))

interface JsonSchema {
  type?: string
  anyOf?: JsonSchema[]
  enum?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  pattern?: string
}

/** Values that get past the shape, with the worst that each place can hold; now and then something else. */
function nearly(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: fitting(schema) }, { weight: 1, arbitrary: junk })
}

function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(nearly))
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.type === 'array') return fc.array(nearly(schema.items ?? {}), { maxLength: 3 })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer') return fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer())
  if (schema.type === 'number') return fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double())
  if (schema.type === 'object') {
    const parts = Object.entries(schema.properties ?? {}).map(
      ([name, inner]) => [name, nearly(inner)] as const,
    )
    return fc.record(Object.fromEntries(parts), { requiredKeys: schema.required ?? [] })
  }
  return /0-9/.test(schema.pattern ?? '')
    ? fc.oneof(fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String), words)
    : words
}

function arbitraryOf(shape: z.ZodType | undefined): fc.Arbitrary<unknown> {
  if (shape === undefined) return fc.constant(undefined)
  return fitting(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as JsonSchema)
}

function addressOf(path: string, params: unknown, query: unknown): string {
  const given = (params ?? {}) as Record<string, unknown>
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encode(given[name] ?? 'ada'))
  const pairs = Object.entries(query ?? {}).map(([name, value]) => `${name}=${encode(value)}`)
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`
}

/** Half a surrogate pair has no spelling in an address. */
function encode(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed())
}

/** The long run makes more than 10,000 calls. */
const numRuns = process.env.HELIOGRAPH_TEST_LONG === '1' ? 250 : 80

for (const [route, endpoint] of Object.entries<EndpointSpec>(endpoints)) {
  const [method = '', path = ''] = route.split(' ')
  test(`${route} never fails, whatever it is given`, async () => {
    // A person for each: some of what is sent ends the session, or changes the name.
    const { token } = await buildPerson(app.client)
    const input = fc.tuple(
      arbitraryOf(endpoint.params),
      arbitraryOf(endpoint.query),
      arbitraryOf(endpoint.body),
    )
    await fc.assert(
      fc.asyncProperty(input, async ([params, query, body]) => {
        const response = await app.http.app.inject({
          method: method as 'GET',
          url: addressOf(path, params, query),
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        })
        assert.ok(response.statusCode < 500, `${response.statusCode} ${response.body}`)
        if (response.statusCode >= 400) Problem.parse(response.json())
        assert.doesNotMatch(response.body, insides)
      }),
      { numRuns },
    )
  })
}
