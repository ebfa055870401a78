import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measure, noteStall, quickLine, slowLine, tellsOfLine } from './network.ts'

test('a line that nothing is known of is neither slow nor quick', () => {
  assert.deepEqual([slowLine.value, quickLine.value], [false, false])
})

test('a small file that came in one flight of packets does not make a line quick', () => {
  measure(20_000, 2)
  assert.equal(quickLine.value, false)
})

test('the line is as slow as the last photographs were, and one alone does not turn it', () => {
  measure(500_000, 1000)
  assert.equal(slowLine.value, false)
  measure(20_000, 1000)
  assert.equal(slowLine.value, false)
  for (let at = 0; at < 6; at++) measure(20_000, 1000)
  assert.equal(slowLine.value, true)
})

test('thumbnails tell nothing about the line', () => {
  for (let at = 0; at < 50; at++) measure(900, 1)
  assert.equal(slowLine.value, true)
})

test('a video that stands still takes the name of quick from a line', () => {
  for (let at = 0; at < 20; at++) measure(800_000, 400)
  assert.equal(quickLine.value, true)
  noteStall()
  assert.deepEqual([quickLine.value, slowLine.value], [false, false])
})

test('pieces of a stream tell of the line, a file that comes as it is played does not', () => {
  const folder = 'https://sun.example/m/1/42/3/AbCd/videos/2026/11/26'
  assert.equal(tellsOfLine('xmlhttprequest', `${folder}/hls/77_abcdef/480p_003.m4s`), true)
  assert.equal(tellsOfLine('video', `${folder}/720p/77_abcdef_720.mp4`), false)
  assert.equal(tellsOfLine('img', 'https://sun.example/m/1/42/3/AbCd/photos/2026/11/26/large/7_a.webp'), true)
  assert.equal(tellsOfLine('fetch', 'https://sun.example/api/feed'), false)
})
