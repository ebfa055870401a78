import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressGroup, createNetworkList } from './addresses.ts'
import { FaultError } from './fault.ts'
import { createRateLimits, type LimitName, rateLimits } from './rate-limits.ts'
import { createTestHttp } from './test-http.ts'

function isLimited(error: unknown): boolean {
  return (
    error instanceof FaultError && error.code === 'rate.limited' && Number(error.headers?.['retry-after']) > 0
  )
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) await work()
}

test('the figures are those of the API', () => {
  const perHour = ({ points, seconds }: { points: number; seconds: number }) => (points * 3600) / seconds
  const promised: Record<LimitName, number> = {
    report: 30,
    message: 7200,
    conversation: 60,
    signUp: 20,
    askReset: 20,
    changeEmail: 20,
    failedSignInOfAccount: 40,
    failedSignInOfAddress: 120,
    failedSignInOfName: 100,
    failedSignInOfDevice: 40,
    write: 36_000,
    read: 180_000,
  }
  for (const [name, figure] of Object.entries(rateLimits))
    assert.equal(perHour(figure), promised[name as LimitName], name)
})

test('the one too many is refused and told how long to wait; others go on', async () => {
  const limits = createRateLimits('default')
  await times(20, () => limits.spend('signUp', { address: '192.0.2.1' }))
  await assert.rejects(limits.spend('signUp', { address: '192.0.2.1' }), isLimited)
  await limits.spend('signUp', { address: '192.0.2.2' })
  await limits.spend('write', { address: '192.0.2.1' })
})

test('sign-ups from an address take nobody the way back into their account', async () => {
  const limits = createRateLimits('default')
  const one = { address: '192.0.2.1' }
  await times(20, () => limits.spend('signUp', one))
  await times(20, () => limits.spend('askReset', one))
  await assert.rejects(limits.spend('askReset', one), isLimited)
  // A code of 160 bits is not guessed: whoever has one is not kept from using it by what others tried.
  await limits.spend('signIn', one)
  await limits.spend('changeEmail', { ...one, accountId: '1' })
})

test('reports have a budget of their own, so that one person cannot fill the queue', async () => {
  const limits = createRateLimits('default')
  const one = { address: '192.0.2.1', accountId: '1' }
  await times(30, () => limits.spend('report', one))
  await assert.rejects(limits.spend('report', one), isLimited)
  await limits.spend('write', one)
  await limits.spend('report', { ...one, accountId: '2' })
})

test('accounts are counted apart from their address, except when strict', async () => {
  const one = { address: '192.0.2.1', accountId: '1' }
  const two = { address: '192.0.2.1', accountId: '2' }
  const lenient = createRateLimits('default')
  await times(600, () => lenient.spend('write', one))
  await assert.rejects(lenient.spend('write', one), isLimited)
  await lenient.spend('write', two)
  const strict = createRateLimits('strict')
  await times(600, () => strict.spend('write', one))
  await assert.rejects(strict.spend('write', two), isLimited)
})

test('many sign-ins at once are no way around the limit of failures', async () => {
  const { failedSignIn } = createRateLimits('default')
  const tried = await Promise.allSettled(
    Array.from({ length: 25 }, () => failedSignIn.begin('192.0.2.1', 'Ada')),
  )
  assert.equal(tried.filter(({ status }) => status === 'fulfilled').length, 10)
  await assert.rejects(failedSignIn.begin('192.0.2.1', 'ada'), isLimited)
  await failedSignIn.begin('192.0.2.9', 'ada')
})

test('guessing one password for many names is limited by address', async () => {
  const { failedSignIn } = createRateLimits('default')
  let name = 0
  await times(30, () => failedSignIn.begin('192.0.2.1', `name${name++}`))
  await assert.rejects(failedSignIn.begin('192.0.2.1', 'another'), isLimited)
})

test('who knows the password is never limited', async () => {
  const { failedSignIn } = createRateLimits('default')
  await times(100, async () => (await failedSignIn.begin('192.0.2.1', 'ada')).succeeded())
})

test('off is off', async () => {
  const limits = createRateLimits('off')
  await times(5000, () => limits.spend('read', { address: '192.0.2.1' }))
})

test('one network of IPv6 is one caller, and IPv4 in IPv6 clothes is IPv4', () => {
  assert.equal(addressGroup('2001:db8:1:2:3::4'), addressGroup('2001:0db8:1:2:ffff:ffff:ffff:ffff'))
  assert.notEqual(addressGroup('2001:db8:1:2::1'), addressGroup('2001:db8:1:3::1'))
  assert.equal(addressGroup('::1'), '0:0:0:0::/64')
  assert.equal(addressGroup('::ffff:192.0.2.1'), '192.0.2.1')
})

test('networks of proxies hold their addresses and no others', () => {
  const list = createNetworkList(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', 'fd12::1'])
    assert.ok(list.includes(address))
  for (const address of ['11.0.0.1', '192.0.2.2', 'fe80::1']) assert.ok(!list.includes(address))
})

test('over HTTP the refusal is a 429 with Retry-After', async () => {
  const http = await createTestHttp({ rateLimits: 'strict' })
  http.app.get('/probe', async (request) => {
    await http.spend(request, 'signUp', null)
    return 'ok'
  })
  await times(20, async () => assert.equal((await http.app.inject('/probe')).statusCode, 200))
  const refused = await http.app.inject('/probe')
  await http.close()
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.json().code, 'rate.limited')
  assert.ok(Number(refused.headers['retry-after']) <= 3600)
})
