import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSource, otherSource } from './source.ts'

const media = { videoUrl: '/v.mp4', hlsUrl: '/v.m3u8' }
const wayOf = (line: { quick: boolean; saving: boolean }) => chooseSource(media, line)?.way

test('the whole file is loaded only where the line is known to carry it', () => {
  assert.equal(wayOf({ quick: true, saving: false }), 'file')
  assert.equal(wayOf({ quick: false, saving: false }), 'stream')
})

test('who saves data never loads the whole file', () => {
  assert.equal(wayOf({ quick: true, saving: true }), 'stream')
})

test('what there is is taken, whatever the line', () => {
  assert.equal(chooseSource({ videoUrl: '/v.mp4' }, { quick: false, saving: true })?.way, 'file')
  assert.equal(chooseSource({ hlsUrl: '/v.m3u8' }, { quick: true, saving: false })?.way, 'stream')
  assert.equal(chooseSource({}, { quick: true, saving: false }), undefined)
})

test('a way that failed is followed by the other one, if there is one', () => {
  assert.equal(otherSource(media, { way: 'stream', url: '/v.m3u8' })?.way, 'file')
  assert.equal(otherSource(media, { way: 'file', url: '/v.mp4' })?.way, 'stream')
  assert.equal(otherSource({ videoUrl: '/v.mp4' }, { way: 'file', url: '/v.mp4' }), undefined)
})
