import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutMarked } from './cut-marked.ts'

const shown = (text: string, words: string[]) =>
  cutMarked(text, words)
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join('')

test('words are marked where they stand, and nothing is lost between them', () => {
  assert.equal(shown('You bitch, you BITCH', ['bitch']), 'You [bitch], you BITCH')
  assert.equal(shown('f u c k it, fuck', ['f u c k', 'fuck']), '[f u c k] it, [fuck]')
  assert.equal(shown('faggot', ['fag', 'faggot']), '[faggot]')
  assert.equal(shown('nothing', []), 'nothing')
  assert.equal(shown('', ['x']), '')
  assert.equal(shown('aa', ['', 'a']), '[a][a]')
})
