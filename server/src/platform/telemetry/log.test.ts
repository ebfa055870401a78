import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from './log.ts'
import { humanLine } from './log-lines.ts'

function collect(level: 'info' | 'debug' = 'info') {
  const lines: string[] = []
  return { lines, log: createLog({ level, destination: { write: (line) => lines.push(line) } }) }
}

test('passwords, tokens, cookies and addresses never reach the log', () => {
  const { lines, log } = collect()
  const secrets = { password: 'SECRET', token: 'SECRET', email: 'SECRET@example.com' }
  log.info(secrets, 'flat')
  log.info({ body: { ...secrets, login: 'SECRET' } }, 'in a body')
  log.info({ req: { headers: { authorization: 'Bearer SECRET', cookie: 'a=SECRET' } } }, 'in headers')
  assert.equal(lines.length, 3)
  assert.doesNotMatch(lines.join(''), /SECRET/)
})

test('nothing that is mailed, shown once or typed to prove who one is reaches the log, and what broke still does', () => {
  const { lines, log } = collect()
  const names = ['code', 'newCode', 'invitation', 'challenge', 'totp', 'recoveryCode', 'birthDate', 'secret']
  const secrets = Object.fromEntries(names.map((name) => [name, 'SECRET']))
  log.info(secrets, 'flat')
  log.info({ body: secrets, req: { body: secrets } }, 'in a body')
  assert.doesNotMatch(lines.join(''), /SECRET/)
  log.error({ err: Object.assign(new Error('away'), { code: 'ECONNREFUSED' }) }, 'could not')
  assert.equal(JSON.parse(lines.at(-1) ?? '').err.code, 'ECONNREFUSED')
})

test('a line is JSON with a level by name and a time people can read', () => {
  const { lines, log } = collect()
  log.debug('not shown')
  log.child({ requestId: 'r1' }).warn({ count: 2 }, 'careful')
  assert.equal(lines.length, 1)
  const entry = JSON.parse(lines[0] ?? '')
  assert.deepEqual([entry.level, entry.requestId, entry.count, entry.msg], ['warn', 'r1', 2, 'careful'])
  assert.match(entry.time, /^\d{4}-\d\d-\d\dT/)
})

test('for a person a line is one line, with the stack of an error below', () => {
  const { lines, log } = collect()
  log.error({ err: new Error('broken'), post: '5' }, 'could not')
  const shown = humanLine(lines[0] ?? '')
  assert.match(shown, /error.*could not.*post=5.*\n.*Error: broken\n\s+at /)
  assert.equal(humanLine('no json\n'), 'no json\n')
})
