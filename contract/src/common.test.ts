import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { decimalNumber, textOf, wholeNumber } from './common.ts'
import type { EndpointSpec } from './endpoint.ts'
import { endpoints } from './index.ts'

test('what people write never carries what steers a terminal, nor turns what stands around it', () => {
  const text = textOf(60)
  assert.equal(text.parse('\u202eevil\u202c \u2066a\u2069\u001b[31mb\u0007\u009f'), 'evil a[31mb')
  assert.equal(text.parse('one\r\ntwo\rthree\u2028four\vfive'), 'one\ntwo\nthree\nfour\nfive')
  for (const kept of ['a\tb\n\nc', 'ليلى\u200f: 3', 'می\u200cترا', '👩🏽‍🚀', ' two  spaces ', 'e\u0301'])
    assert.equal(text.parse(kept), kept)
  assert.equal(textOf(2).parse('a\u202eb\u202c'), 'ab', 'only what is kept counts')
})

test('what only looks like a number to JavaScript is none in an address', () => {
  const position = wholeNumber(0, 2_147_483_647)
  for (const good of ['0', '7', '007', '2147483647']) assert.equal(position.parse(good), Number(good))
  for (const bad of [
    '',
    ' ',
    ' 7',
    '1e3',
    '0x10',
    '7.0',
    '+7',
    '-1',
    '2147483648',
    'NaN',
    true,
    null,
    ['7'],
    undefined,
  ])
    assert.equal(position.safeParse(bad).success, false, String(bad))
  const latitude = decimalNumber(-90, 90)
  for (const good of [0, -47.5, 1e-7, 90]) assert.equal(latitude.parse(String(good)), good)
  for (const bad of ['', '.', '1.', '1e1', '0x1', '90.1', 'Infinity', ['1']])
    assert.equal(latitude.safeParse(bad).success, false, String(bad))
})

/** Names, secrets and marks: compared with what is known, or taken by a rule of their own; shown to nobody as they were sent. */
const noWords =
  'username login members password currentPassword newPassword code ownerCode invitation challenge totp recoveryCode transports timeZone tag emoji id version endpoint'

test('no field of a body takes words past that', () => {
  const found = Object.values<EndpointSpec>(endpoints).flatMap(({ body }) =>
    body ? namesOfRaw(body, '') : [],
  )
  assert.deepEqual([...new Set(found)].sort(), noWords.split(' ').sort())
})

/** Strings that neither a format or a pattern limits, nor `textOf`. */
function namesOfRaw(shape: z.core.$ZodType, name: string): string[] {
  const { def } = shape._zod as { def: z.core.$ZodTypeDef & Partial<Inside> }
  if (def.type === 'string') {
    const checks = (def.checks ?? []).map(({ _zod }) => _zod.def as { check: string; format?: string })
    const isRaw =
      !def.format && !checks.some(({ check, format }) => check === 'overwrite' || format === 'regex')
    return isRaw ? [name] : []
  }
  const fields = Object.entries(def.shape ?? {}).flatMap(([field, inner]) => namesOfRaw(inner, field))
  const inner = [def.innerType, def.element, def.in, def.out, def.valueType, ...(def.options ?? [])]
  return [...fields, ...inner.flatMap((one) => (one ? namesOfRaw(one, name) : []))]
}

interface Inside {
  format: string
  shape: Record<string, z.core.$ZodType>
  innerType: z.core.$ZodType
  element: z.core.$ZodType
  in: z.core.$ZodType
  out: z.core.$ZodType
  valueType: z.core.$ZodType
  options: readonly z.core.$ZodType[]
}
