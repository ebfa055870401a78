import type { JsonSchema } from './openapi-types.ts'

/** A JSON Schema as a person would jot it down: names, kinds, and bounds as a comment. */
export function schemaText(schema: JsonSchema, indent = ''): string {
  const ref = schema.$ref
  if (typeof ref === 'string') return ref.slice(ref.lastIndexOf('/') + 1)
  const choices = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as JsonSchema[] | undefined
  if (choices !== undefined)
    return choices
      .map((choice) => schemaText(choice, indent))
      .join(schema.allOf === undefined ? ' | ' : ' & ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.type === 'array') return arrayText(schema, indent)
  if (schema.type === 'object') return objectText(schema, indent)
  return plainText(schema)
}

function arrayText(schema: JsonSchema, indent: string): string {
  const items = schemaText((schema.items ?? {}) as JsonSchema, indent)
  const { minItems, maxItems } = schema as { minItems?: number; maxItems?: number }
  const bounds =
    minItems === undefined && maxItems === undefined ? '' : ` (${minItems ?? 0} to ${maxItems ?? '∞'})`
  return `[ ${items} ]${bounds}`
}

function objectText(schema: JsonSchema, indent: string): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  if (properties.length === 0) {
    const values = schema.additionalProperties as JsonSchema | undefined
    return values === undefined || typeof values === 'boolean'
      ? '{ }'
      : `{ …: ${schemaText(values, indent)} }`
  }
  const required = new Set((schema.required ?? []) as string[])
  const deeper = `${indent}  `
  const lines = properties.map(
    ([name, inner]) => `${deeper}${name}${required.has(name) ? '' : '?'}: ${schemaText(inner, deeper)}`,
  )
  return `{\n${lines.join('\n')}\n${indent}}`
}

function plainText(schema: JsonSchema): string {
  const { type, format, minimum, maximum, minLength, maxLength } = schema as Record<string, string | number>
  const kind = String(format ?? type ?? 'anything')
  const isSafeBound = maximum !== undefined && Number(maximum) < Number.MAX_SAFE_INTEGER
  const notes = [
    minimum !== undefined && Number(minimum) > Number.MIN_SAFE_INTEGER ? `from ${minimum}` : '',
    isSafeBound ? `to ${maximum}` : '',
    minLength === undefined ? '' : `at least ${minLength}`,
    maxLength === undefined ? '' : `at most ${maxLength}`,
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ].filter((note) => note !== '')
  return notes.length === 0 ? kind : `${kind} (${notes.join(', ')})`
}
