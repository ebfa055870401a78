import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isVideo, refusalOf } from './pick-media.ts'

const limits = { photoBytes: 100, video: { bytes: 1000, seconds: 600 } }
const file = (name: string, type = '', size = 50) => ({ name, type, size })

test('films of phones are taken, by type or by ending', () => {
  for (const one of [
    file('IMG_1.MOV', 'video/quicktime'),
    file('a.mp4', 'video/mp4'),
    file('b.mkv'),
    file('c.webm', 'video/webm'),
    file('d.mov'),
  ]) {
    assert.equal(isVideo(one), true, one.name)
    assert.equal(refusalOf(one, limits), undefined, one.name)
  }
})

test('a photograph is no video, whatever its name ends in', () => {
  assert.equal(isVideo(file('odd.mp4', 'image/jpeg')), false)
})

test('what is too large is refused before a byte goes up, each kind by its own limit', () => {
  assert.equal(refusalOf(file('a.jpg', 'image/jpeg', 101), limits), 'tooLarge')
  assert.equal(refusalOf(file('a.mp4', 'video/mp4', 101), limits), undefined)
  assert.equal(refusalOf(file('a.mp4', 'video/mp4', 1001), limits), 'videoTooLarge')
})

test('a server without videos says so at once', () => {
  assert.equal(refusalOf(file('a.mp4', 'video/mp4'), { ...limits, video: undefined }), 'noVideos')
})

test('other files and empty ones are named with the reason', () => {
  assert.equal(refusalOf(file('a.pdf', 'application/pdf'), limits), 'notPicture')
  assert.equal(refusalOf(file('a.svg', 'image/svg+xml'), limits), 'notPicture')
  assert.equal(refusalOf(file('a.mp4', 'video/mp4', 0), limits), 'empty')
})
