import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complete, unfinishedAt } from './completion.ts'
import { cutText } from './text-parts.ts'

const told = (text: string, spans: Parameters<typeof cutText>[1] = []) =>
  cutText(text, spans).map((part) => `${part.kind}:${part.text}`)

test('a text is cut at its links and loses nothing', () => {
  const text = 'Sun #Sky by @ada'
  const spans = [
    { kind: 'mention', start: 12, end: 16, value: 'ada' },
    { kind: 'hashtag', start: 4, end: 8, value: 'sky' },
  ] as const
  assert.deepEqual(told(text, spans), ['text:Sun ', 'hashtag:#Sky', 'text: by ', 'mention:@ada'])
  assert.equal(
    cutText(text, spans)
      .map((part) => part.text)
      .join(''),
    text,
  )
})

test('spans that lie outside or overlap do not break the text', () => {
  const spans = [
    { kind: 'hashtag', start: 0, end: 3, value: 'a' },
    { kind: 'hashtag', start: 2, end: 5, value: 'b' },
    { kind: 'hashtag', start: 4, end: 99, value: 'c' },
  ] as const
  assert.deepEqual(told('#abcdef', spans), ['hashtag:#ab', 'text:cdef'])
})

test('the full stop after an address is not part of it', () => {
  assert.deepEqual(told('See https://example.org/a(b). Yes'), [
    'text:See ',
    'url:https://example.org/a(b',
    'text:). Yes',
  ])
})

test('other schemes are no links', () => {
  assert.deepEqual(told('javascript:alert(1)'), ['text:javascript:alert(1)'])
})

test('the name under the caret is found, and only there', () => {
  assert.deepEqual(unfinishedAt('Hi @ad and', 6), { kind: 'mention', prefix: 'ad', start: 3 })
  assert.deepEqual(unfinishedAt('#сол', 4), { kind: 'hashtag', prefix: 'сол', start: 0 })
  assert.equal(unfinishedAt('Hi @ad and', 10), undefined)
  assert.equal(unfinishedAt('mail me@home', 12), undefined)
  assert.equal(unfinishedAt('https://a.b/#frag', 17), undefined)
  assert.equal(unfinishedAt('a lone @', 8), undefined)
})

test('completing replaces the beginning and puts the caret behind one space', () => {
  const at = unfinishedAt('Hi @ad and', 6)
  assert.ok(at)
  assert.deepEqual(complete('Hi @ad and', at, 'ada'), { text: 'Hi @ada and', caret: 8 })
  const end = unfinishedAt('Hi @ad', 6)
  assert.ok(end)
  assert.deepEqual(complete('Hi @ad', end, 'ada'), { text: 'Hi @ada ', caret: 8 })
})
