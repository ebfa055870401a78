import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  hasEnded,
  isShelfOfOther,
  namesEndedStories,
  partOf,
  savedKey,
  shelfName,
  shelfOf,
} from './saved-rules.ts'

const large = '/m/1798761600/42/3/AbCd/photos/2026/11/23/large/77_abcdef_1080.webp'

test('a photograph is found again when its address has been renewed', () => {
  const renewed = '/m/1801440000/42/4/WxYz/photos/2026/11/23/large/77_abcdef_1080.webp'
  assert.equal(savedKey(large, ''), savedKey(renewed, ''))
  assert.equal(shelfOf(large), 'photos')
})

test('another file, or another person’s, is never taken for it', () => {
  const medium = large.replace('/large/', '/medium/')
  assert.notEqual(savedKey(large, ''), savedKey(medium, ''))
  assert.notEqual(savedKey(large, ''), savedKey(large.replace('/42/', '/43/'), ''))
})

test('pages of a list are kept apart', () => {
  assert.notEqual(savedKey('/api/feed', ''), savedKey('/api/feed', '?cursor=next'))
})

test('what is private to a moment is not kept', () => {
  for (const path of [
    '/api/sessions',
    '/api/follow-requests',
    '/api/uploads/7',
    '/api/live',
    '/api/users',
    '/m/1/42/3/AbCd/originals/2026/11/23/77_abcdef.jpg',
  ])
    assert.equal(shelfOf(path), undefined, path)
})

test('of a conversation its newest page is kept, and not what came since some moment', () => {
  const messages = '/api/conversations/77/messages'
  assert.equal(shelfOf('/api/conversations', '?folder=requests'), 'answers')
  assert.equal(shelfOf(messages), 'answers')
  assert.equal(shelfOf(messages, '?before=12'), 'answers')
  assert.equal(shelfOf(messages, '?limit=50&after=12'), undefined)
  assert.equal(shelfOf('/api/conversations/77/draft'), undefined)
})

test('of a video the poster is kept, and neither the film nor its pieces', () => {
  const folder = '/m/1798761600/42/3/AbCd/videos/2026/11/26'
  assert.equal(shelfOf(`${folder}/poster/77_abcdef_640.webp`), 'photos')
  for (const file of ['720p/77_abcdef_720.mp4', 'hls/77_abcdef/master.m3u8', 'hls/77_abcdef/480p_003.m4s'])
    assert.equal(shelfOf(`${folder}/${file}`), undefined, file)
})

test('faces have a shelf of their own', () => {
  assert.equal(shelfOf('/m/1/42/3/AbCd/avatars/2026/11/23/150/77_abcdef_150.webp'), 'faces')
})

test('nothing kept for one account survives another', () => {
  assert.equal(isShelfOfOther(shelfName('photos', '42'), '42'), false)
  assert.equal(isShelfOfOther(shelfName('photos', '42'), '2'), true)
  assert.equal(isShelfOfOther(shelfName('answers', '42'), null), true)
  assert.equal(isShelfOfOther('workbox-precache-v2', null), false)
})

test('a Story and its film are kept until the second it ends', () => {
  const end = 1_798_761_600
  const image = `/m/${end}/42/3/AbCd/stories/2026/11/26/image/77_abcdef_720.webp`
  assert.equal(shelfOf(image), 'stories')
  const film = image.replace('/image/', '/video/').replace('.webp', '.mp4')
  assert.equal(shelfOf(film), 'films')
  for (const address of [image, film]) {
    assert.equal(hasEnded(savedKey(address, ''), end * 1000 - 1), false)
    assert.equal(hasEnded(savedKey(address, ''), end * 1000), true)
  }
})

test('a player gets the part of a kept film that it asks for, and never more than there is', () => {
  assert.deepEqual(partOf('bytes=0-', 10), { from: 0, to: 9 })
  assert.deepEqual(partOf('bytes=0-1', 10), { from: 0, to: 1 })
  assert.deepEqual(partOf('bytes=4-99', 10), { from: 4, to: 9 })
  for (const past of ['bytes=10-', 'bytes=5-4']) assert.equal(partOf(past, 10), null)
  for (const other of [null, '', 'bytes=-5', 'bytes=0-1,4-5', 'pages=1-2'])
    assert.equal(partOf(other, 10), undefined)
})

test('what was answered about Stories goes a day later, other answers stay', () => {
  const at = 'Thu, 26 Nov 2026 17:00:00 GMT'
  const day = 24 * 60 * 60 * 1000
  assert.equal(namesEndedStories('/api/users/ana/stories', at, Date.parse(at) + day - 1), false)
  assert.equal(namesEndedStories('/api/users/ana/stories', at, Date.parse(at) + day), true)
  assert.equal(namesEndedStories('/api/feed', at, Date.parse(at) + 9 * day), false)
})
