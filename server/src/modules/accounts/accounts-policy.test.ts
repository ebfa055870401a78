import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanLine } from '@heliograph/contract/clean-text'
import { isFault } from '#platform/http/fault.ts'
import {
  cleanBio,
  isForOutside,
  needsVerifiedEmail,
  normalizeEmail,
  preferredLanguage,
  requireMaySignIn,
  requireUsername,
} from './accounts-policy.ts'

test('names are kept in lower case; malformed and reserved ones are refused', () => {
  assert.equal(requireUsername(' Maria.Lind '), 'maria.lind')
  for (const name of ['', '.a', 'a.', 'a..b', 'ä', 'a b', 'a'.repeat(31), 'a/b', 'a@b']) {
    assert.throws(
      () => requireUsername(name),
      (error) => isFault(error, 'account.username_invalid'),
      name,
    )
  }
  for (const name of ['admin', 'Admin', 'api', 'me']) {
    assert.throws(
      () => requireUsername(name),
      (error) => isFault(error, 'account.username_reserved'),
      name,
    )
  }
})

test('addresses that differ in case or composition are one address', () => {
  assert.equal(normalizeEmail('  Jo\u0308rg@Example.ORG '), normalizeEmail('j\u00f6rg@example.org'))
})

test('a name or bio never turns the direction of what stands around it', () => {
  assert.equal(cleanLine('Lea \u202etrahlS\u202c'), 'Lea trahlS')
  assert.equal(cleanLine('\u2066ليا\u2069 \u2067x'), 'ليا x')
  assert.equal(cleanBio('a\u202bb\n\u2068c'), 'ab\nc')
  for (const name of ['ليلى ضوء', 'מיה אור', 'प्रिया', 'สมชาย', '李雷', '👩🏽‍🚀 Ana', 'می\u200cترا'])
    assert.equal(cleanLine(name), name.normalize('NFC'))
})

test('a name or bio cannot carry control characters', () => {
  assert.equal(cleanLine(' Maria\n\u0007 \t Lind '), 'Maria Lind')
  assert.equal(cleanBio('one\r\ntwo\u0007\n\n\n\nthree '), 'one\ntwo\n\nthree')
})

test('an account that is not active cannot sign in', () => {
  requireMaySignIn('active')
  assert.throws(
    () => requireMaySignIn('suspended'),
    (error) => isFault(error, 'account.suspended'),
  )
  for (const state of ['deactivated', 'deleted'] as const) {
    assert.throws(
      () => requireMaySignIn(state),
      (error) => isFault(error, 'auth.wrong_credentials'),
    )
  }
})

test('the first language that the web app speaks is chosen', () => {
  assert.equal(preferredLanguage('fr-CH, de;q=0.9, en;q=0.8'), 'de')
  assert.equal(preferredLanguage('en-GB,de'), 'en')
  assert.equal(preferredLanguage('fr'), 'en')
  assert.equal(preferredLanguage(undefined), 'en')
})

test('where addresses must be proven, nothing is written before, except about oneself', () => {
  for (const [method, url] of [
    ['POST', '/api/posts'],
    ['POST', '/api/uploads'],
    ['PATCH', '/api/uploads/1'],
    ['PUT', '/api/users/ann/follow'],
    ['POST', '/api/measures'],
  ] as const)
    assert.equal(needsVerifiedEmail(method, url), true, url)
  for (const [method, url] of [
    ['GET', '/api/feed'],
    ['PATCH', '/api/me'],
    ['POST', '/api/me/email-verification'],
    ['DELETE', '/api/sessions/current'],
  ] as const)
    assert.equal(needsVerifiedEmail(method, url), false, url)
})

test('without the second factor that everybody needs there is no way past setting one up', () => {
  const open = [
    'me',
    'me?x=1',
    'me/totp',
    'me/passkeys/1',
    'sessions',
    'sessions/current',
    'instance',
    'me/deletion',
  ]
  for (const path of open) assert.ok(isForOutside(`/api/${path}`), path)
  const closed = [
    ...['me/saved', 'me/exports', 'me/likes?x=/api/me', 'me/avatar', 'me/', 'feed', 'meters', 'me/totp/a/b'],
    ...['users', 'live', 'sessions/../feed', '../api/me', 'instances', 'posts?/api/me', 'sessionsx'],
  ]
  for (const path of closed) assert.equal(isForOutside(`/api/${path}`), false, path)
  assert.equal(isForOutside('/m/1/large.webp'), false)
})
