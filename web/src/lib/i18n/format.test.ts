import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCodes } from '@heliograph/contract/error-codes'
import { de, problems } from './de.ts'
import { en } from './en.ts'
import { format, type Phrase, pseudo } from './format.ts'

const namesIn = (phrase: Phrase) =>
  new Set(
    Object.values(typeof phrase === 'string' ? { phrase } : phrase).flatMap(
      (text) => text.match(/\{\w+\}/g) ?? [],
    ),
  )

test('the count chooses the form', () => {
  const phrase = { one: '{count} like', other: '{count} likes' }
  assert.equal(format(phrase, { count: 1 }, 'en'), '1 like')
  assert.equal(format(phrase, { count: 1234 }, 'en'), '1,234 likes')
  assert.equal(format(phrase, { count: 1234 }, 'de'), '1.234 likes')
})

test('a value that is missing is seen rather than swallowed', () => {
  assert.equal(format('Hi {name}', {}, 'en'), 'Hi {name}')
})

test('what people wrote is never read as a placeholder', () => {
  assert.equal(format('Hi {name}', { name: '{count}' }, 'en'), 'Hi {count}')
})

test('German fills in the same values as English', () => {
  for (const [key, phrase] of Object.entries(en) as [keyof typeof en, Phrase][]) {
    assert.deepEqual(namesIn(de[key] as Phrase), namesIn(phrase), key)
  }
})

test('every error code has a German sentence', () => {
  assert.deepEqual(Object.keys(problems).sort(), Object.keys(errorCodes).sort())
})

test('words are kind: nobody is shouted at', () => {
  for (const catalogue of [en, de, problems]) {
    for (const phrase of Object.values(catalogue)) assert.doesNotMatch(JSON.stringify(phrase), /!/)
  }
})

test('a name that is written from right to left keeps to itself in a sentence', () => {
  assert.equal(format('Post by {name}, 3 likes', { name: 'ليلى' }, 'en'), 'Post by \u2068ليلى\u2069, 3 likes')
  assert.equal(format('Post by {name}', { name: 'lea' }, 'en'), 'Post by lea')
})

test('the pseudo-locale is longer than what it stands for', () => {
  assert.ok(pseudo('Close').length > 'Close'.length * 1.3)
})
