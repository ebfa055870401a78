import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint } from '@heliograph/contract/endpoint'
import { z } from 'zod'
import { createLog } from '#platform/telemetry/log.ts'
import { until } from '../../../test/helpers/until.ts'
import { fault } from './fault.ts'
import { answer, mount, noContent } from './mount.ts'
import { noteFacts } from './request-facts.ts'
import { createTestHttp } from './test-http.ts'

const shared = { summary: '', tag: 'Test' } as const
const endpoints = {
  'POST /api/sessions': endpoint({
    ...shared,
    auth: 'none',
    budget: 'signIn',
    body: z.strictObject({ login: z.string(), password: z.string() }),
    answers: { 201: z.object({}) },
  }),
  'DELETE /api/sessions/current': endpoint({
    ...shared,
    auth: 'required',
    budget: 'write',
    answers: { 204: null },
  }),
  'GET /api/quiet': endpoint({ ...shared, auth: 'required', budget: 'read', answers: { 204: null } }),
}

test('signing in and out is in the log, well or badly ended, by whom, and never with what was typed', async (t) => {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } })
  const http = await createTestHttp({}, { log })
  t.after(() => http.close())
  const viewer = { id: '77', sessionId: '78', roles: [], hasProof: true }
  http.setAuthenticator(async ({ headers }) => (headers.authorization === 'Bearer right' ? viewer : null))
  mount(http, endpoints, {
    'POST /api/sessions': async ({ body, request }) => {
      if (body.password !== 'right') throw fault('auth.wrong_credentials')
      noteFacts(request, { account: '77' })
      return answer(201, {})
    },
    'DELETE /api/sessions/current': async () => noContent(),
    'GET /api/quiet': async () => noContent(),
  })
  const url = `http://127.0.0.1:${await http.listen()}`
  const signIn = (password: string) =>
    fetch(`${url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: 'typed-name', password }),
    })
  const authorization = 'Bearer right'
  await signIn('typed-wrong')
  await signIn('right')
  await fetch(`${url}/api/quiet`, { headers: { authorization } })
  await fetch(`${url}/api/quiet`)
  await fetch(`${url}/api/sessions/current`, { method: 'DELETE', headers: { authorization } })
  await until(() => lines.length === 4)

  const told = lines
    .map((line) => JSON.parse(line))
    .map(({ status, problem, account }) => ({ status, problem, account }))
  assert.deepEqual(told, [
    { status: 401, problem: 'auth.wrong_credentials', account: undefined },
    { status: 201, problem: undefined, account: '77' },
    { status: 401, problem: 'auth.required', account: undefined },
    { status: 204, problem: undefined, account: '77' },
  ])
  assert.doesNotMatch(lines.join(''), /typed|Bearer/)
})
