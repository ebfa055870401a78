import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeNext } from './safe-next.ts'

test('after signing in one goes on to the page that was asked for', () => {
  for (const page of ['/', '/p/123?from=feed', '/tags/größe'.normalize(), '/settings/security#totp'])
    assert.equal(decodeURI(safeNext(`next=${encodeURIComponent(page)}`)), page)
  assert.equal(safeNext(''), '/')
})

test('after signing in one is never led to another site', () => {
  for (const page of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example/',
    '/\t/evil.example/',
    '/\n/evil.example/',
    '/\r\\evil.example/',
    '///evil.example/',
    '/.//evil.example/',
    '/x/..//evil.example/',
    '/%2e//evil.example/',
    'javascript:alert(1)',
    ' //evil.example',
    '//user@evil.example',
    '//[',
  ]) {
    const next = safeNext(`next=${encodeURIComponent(page)}`)
    assert.equal(new URL(next, 'https://photos.example.org').origin, 'https://photos.example.org', page)
    assert.doesNotMatch(next, /^\/[\\/]/, page)
  }
})
