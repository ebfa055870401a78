import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWeakPassword } from './password-strength.ts'

const owner = { username: 'maria.lind', email: 'maria@example.org' }

function check(password: string, isWeak: boolean): void {
  assert.equal(isWeakPassword(password, owner), isWeak, password)
}

test('a password that guessing finds first is not accepted', () => {
  for (const password of [
    'short1',
    'aaaaaaaa',
    'abababab',
    'password',
    'Password123!',
    '12345678',
    '87654321',
    'qwertyuiop',
    'abcdefghij',
    'hellohello',
    '1q2w3e4r',
    'ｐａｓｓｗｏｒｄ',
  ]) {
    check(password, true)
  }
})

test('a password made of the own name or address is not accepted', () => {
  for (const password of ['maria.lind', 'Maria.Lind2024', 'maria@example.org', 'maria123', 'mariamaria']) {
    check(password, true)
  }
})

test('a long or uncommon password is accepted', () => {
  for (const password of [
    'correct horse battery',
    'rG7#kpWz',
    'vier gelbe Lampen',
    'sonnenuntergang am see',
  ]) {
    check(password, false)
  }
})

test('what stands in published breaches is refused, with or without digits around it', () => {
  const owner = { username: 'ada', email: 'ada@example.org' }
  for (const known of [
    'trustno1',
    'jordan23',
    'liverpool1',
    'Metallica',
    'slipknot',
    'garfield12',
    '!victoria!',
  ])
    assert.equal(isWeakPassword(known, owner), true, known)
  for (const own of ['a long enough phrase', 'garfield eats lasagne', 'metallica-in-the-rain', 'oKq7-xw2m'])
    assert.equal(isWeakPassword(own, owner), false, own)
})
