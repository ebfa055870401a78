import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSessionCookie, sessionCookies, surroundingsOf } from './session-cookies.ts'

const plain = { isPlainHttp: true }
const secure = { isPlainHttp: false }

test('on https the cookie without Secure is neither set nor believed', () => {
  assert.equal(readSessionCookie('heliograph=planted', secure), null)
  const cookies = sessionCookies('abc', 60, secure)
  assert.equal(cookies.length, 1)
  assert.match(cookies[0]!, /^__Host-heliograph=abc; Path=\/; HttpOnly; SameSite=Lax; Max-Age=60; Secure$/)
})

test('on plain http both are set, and the one with the prefix wins', () => {
  assert.deepEqual(
    sessionCookies('abc', 60, plain).map((cookie) => cookie.split('=')[0]),
    ['__Host-heliograph', 'heliograph'],
  )
  assert.equal(readSessionCookie('a=b; heliograph=one', plain), 'one')
  assert.equal(readSessionCookie('heliograph=one; __Host-heliograph=two', plain), 'two')
})

test('odd cookie headers are no session', () => {
  for (const header of [undefined, '', ';;;', 'x', '=heliograph', 'Heliograph=a']) {
    assert.equal(readSessionCookie(header, plain), null)
  }
})

test('plain http counts only on loopback or when the public address says so', () => {
  const over = (protocol: string, hostname: string, publicUrl: string, headers = {}) =>
    surroundingsOf({ protocol, hostname, headers }, publicUrl).isPlainHttp
  assert.equal(over('http', 'localhost', 'http://localhost:3000'), true)
  assert.equal(over('http', '127.0.0.1', 'https://photos.example'), true)
  assert.equal(over('http', 'photos.example', 'https://photos.example'), false)
  assert.equal(over('http', 'photos.lan', 'http://photos.lan'), true)
  assert.equal(over('https', 'localhost', 'http://localhost:3000'), false)
  // A proxy that says neither what was asked for nor how: nobody gets the session without Secure.
  for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'])
    assert.equal(over('http', '127.0.0.1', 'https://photos.example', { [header]: '203.0.113.9' }), false)
})
