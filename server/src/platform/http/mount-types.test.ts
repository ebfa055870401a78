import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdParams, listOf, PageQuery } from '@heliograph/contract/common'
import { endpoint } from '@heliograph/contract/endpoint'
import { z } from 'zod'
import { answer, type Handlers, noContent, page, rawPage, type Viewer } from './mount.ts'

/** Checked by the type checker: each `@ts-expect-error` fails the build when it is no error. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function proves<_T extends true>(): void {}

const shared = { summary: '', tag: '', auth: 'required', budget: 'write', params: IdParams } as const
const State = z.object({ following: z.enum(['no', 'yes']), count: z.number() })
const endpoints = {
  'PUT /a/:id': endpoint({ ...shared, body: z.strictObject({ name: z.string() }), answers: { 200: State } }),
  'DELETE /a/:id': endpoint({ ...shared, answers: { 204: null } }),
  'POST /a': endpoint({
    ...shared,
    params: undefined,
    answers: { 201: State, 200: State },
    idempotent: true,
  }),
  'GET /a': endpoint({
    summary: '',
    tag: '',
    auth: 'optional',
    budget: 'read',
    query: PageQuery,
    answers: { 200: listOf(State) },
  }),
  'GET /b': endpoint({
    summary: '',
    tag: '',
    auth: 'optional',
    budget: 'read',
    answers: { 200: listOf(State).extend({ until: z.string() }) },
  }),
}

const handlers: Handlers<typeof endpoints> = {
  'PUT /a/:id': async ({ viewer, params, body, query }) => {
    proves<Same<typeof viewer, Viewer>>()
    proves<Same<typeof params, { id: string }>>()
    proves<Same<typeof body, { name: string }>>()
    proves<Same<typeof query, undefined>>()
    return answer(200, { following: 'yes', count: 1 })
  },
  'DELETE /a/:id': async () => noContent(),
  'POST /a': {
    create: async ({ once }) => {
      proves<Same<Parameters<typeof once.record>[1], string>>()
      return answer(201, { following: 'no', count: 0 })
    },
    replay: async (_context, createdId) => answer(200, { following: 'no', count: Number(createdId) }),
  },
  'GET /a': async ({ viewer, query, position }) => {
    proves<Same<typeof viewer, Viewer | null>>()
    proves<Same<typeof query, { limit: number; cursor?: string | undefined }>>()
    proves<Same<typeof position, readonly string[] | null>>()
    return page([{ following: 'no', count: query.limit }], null)
  },
  'GET /b': async () => rawPage([['{"following":"no",', '"count":1}']], null, { until: 'now' }),
}

export const wrong: Partial<Handlers<typeof endpoints>> = {
  // @ts-expect-error another word than the contract has
  'PUT /a/:id': async () => answer(200, { following: 'perhaps', count: 1 }),
  // @ts-expect-error a status that the contract does not know
  'DELETE /a/:id': async () => answer(200, undefined),
  // @ts-expect-error an endpoint that creates needs `replay`
  'POST /a': async () => answer(201, { following: 'no', count: 0 }),
  // @ts-expect-error items of another shape
  'GET /a': async () => page(['x'], null),
  // @ts-expect-error a field that the contract has is missing
  'GET /b': async () => rawPage([], null),
}

// @ts-expect-error a handler is missing
export const missing: Handlers<typeof endpoints> = { 'DELETE /a/:id': async () => noContent() }

test('handlers are typed by the contract', () => {
  assert.deepEqual(Object.keys(handlers), Object.keys(endpoints))
})
