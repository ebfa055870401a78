import fc from 'fast-check'
import type { JsonSchema } from '#platform/http/openapi-types.ts'
import { isHandle, resolved, type Shape } from './api-routes.ts'

// Values for a place of a request, from its schema: most get past the shape and are the worst that it lets through.

const nasty = fc.constantFrom(
  ...['', ' ', '0', '-1', '1e9', '1', '9223372036854775807', '9223372036854775808', 'NaN', '%', '%%_', '\\'],
  ...['\u0000', 'a\u0000b', '\ud800', '\u202e', 'İstanbul', 'ß', '🏳️‍🌈', "'; drop table users; --", '../..'],
  ...['ada', 'bob', 'ADA', '@ada', '#x #y', '__proto__', 'constructor', 'a@b', '2026-02-30T00:00:00.000Z'],
  ...['-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.001Z', '0000-01-01T00:00:00Z', 'Europe/Berlin'],
  ...['a@b.example\r\nBcc: c@d.example', '<script>alert(1)</script>', '{{7*7}}', 'x'.repeat(5000)],
)
const words = fc.oneof(
  { weight: 3, arbitrary: nasty },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
)
const junk = fc.oneof(words, fc.double(), fc.integer(), fc.constant(null), fc.constant([]), fc.constant({}))
const times = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  words,
)

/** Values by which requests name something that is there. */
export type Known = readonly string[]

/** Now and then something else altogether. */
export function nearly(schema: JsonSchema, known: Known, field = ''): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: fitting(schema, known, field) }, { weight: 1, arbitrary: junk })
}

export function fitting(given: JsonSchema, known: Known, field = ''): fc.Arbitrary<unknown> {
  const schema = resolved(given) as Shape
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return fc.oneof(...either.map((one) => nearly(one, known, field)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.type === 'array') return listOf(schema, known, field)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'integer' || schema.type === 'number') return numberOf(schema)
  if (schema.type === 'object' || schema.properties !== undefined) return recordOf(schema, known)
  return textOf(schema, known, field)
}

function listOf({ items = {}, minItems = 0, maxItems = 3 }: Shape, known: Known, field: string) {
  const maxLength = Math.max(minItems, Math.min(3, maxItems))
  return fc.array(nearly(items, known, field), { minLength: minItems, maxLength })
}

function numberOf({ type, minimum, maximum }: Shape): fc.Arbitrary<number> {
  const [min, max] = [Math.max(minimum ?? 0, -1e9), Math.min(maximum ?? 50, 1e9)]
  if (type === 'integer')
    return fc.oneof(fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), fc.integer())
  return fc.oneof(fc.double({ min, max, noNaN: true }), fc.double())
}

function recordOf({ properties = {}, required = [], additionalProperties }: Shape, known: Known) {
  const named = Object.entries(properties)
  if (named.length === 0 && typeof additionalProperties === 'object')
    return fc.dictionary(words, nearly(additionalProperties, known), { maxKeys: 3 })
  return fc.record(Object.fromEntries(named.map(([name, inner]) => [name, nearly(inner, known, name)])), {
    requiredKeys: required,
  })
}

function textOf({ format, pattern }: Shape, known: Known, field: string): fc.Arbitrary<string> {
  if (format === 'date-time' || format === 'date') return times
  if (isHandle(field))
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: words })
  return pattern === undefined
    ? words
    : fc.oneof({ weight: 3, arbitrary: matching(pattern) }, { weight: 1, arbitrary: words })
}

/** Patterns of the contract that fast-check cannot draw from are met by chance. */
function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern), { maxLength: 40 })
  } catch {
    return words
  }
}
