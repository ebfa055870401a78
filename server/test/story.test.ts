import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import sharp from 'sharp'
import { createTestApp, type TestApp } from './helpers/app.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app[Symbol.asyncDispose]())

const password = 'correct horse battery'

function person(username: string) {
  return { username, password, email: `${username}@example.com` }
}

/** A picture with a place in it, of a size that phones make. */
async function photograph(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
  return sharp({ create: { width: 4032, height: 3024, channels: 3, background: '#888', noise } })
    .blur(4)
    .jpeg({ quality: 90 })
    .withExif({
      IFD0: { Make: 'Maker', Model: 'Phone' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 0/1',
      },
    })
    .toBuffer()
}

test('a photograph goes from one person to the feed of a friend, who likes it and answers', async () => {
  const ana = await app.client.signUp(person('ana'))
  const ben = await app.client.signUp(person('ben'))
  await ben.call('PUT /api/users/:username/follow', { params: { username: 'ana' } })

  const picture = await photograph()
  let interrupted = false
  const uploadId = await ana.upload(picture, {
    chunkBytes: 1024 * 1024,
    beforePiece(offset) {
      if (offset === 0 || interrupted) return
      interrupted = true
      throw new Error('the line drops once')
    },
  })
  const made = await ana.call('POST /api/posts', {
    body: { caption: 'Hello @ben, first #light', media: [{ uploadId, altText: 'Grey noise' }] },
  })
  assert.equal(made.status, 'processing')
  await app.settle()

  const feed = await ben.call('GET /api/feed')
  assert.equal(feed.items.length, 1)
  const [post] = feed.items
  assert.ok(post)
  assert.equal(post.id, made.id)
  assert.equal(post.status, 'ready')
  assert.deepEqual(
    post.entities.map(({ kind, value }) => [kind, value]),
    [
      ['mention', 'ben'],
      ['hashtag', 'light'],
    ],
  )
  const [medium] = post.media
  assert.ok(medium?.largeUrl)
  assert.equal(medium.width, 1080)
  assert.equal(medium.originalUrl, undefined)

  for (const [address, width] of [
    [medium.thumbnailUrl, 150],
    [medium.mediumUrl, 640],
    [medium.largeUrl, 1080],
    [medium.fallbackUrl, 1080],
  ] as const) {
    const response = await fetch(app.url + address)
    assert.equal(response.status, 200)
    const bytes = Buffer.from(await response.arrayBuffer())
    const facts = await sharp(bytes).metadata()
    assert.equal(facts.width, width)
    assert.equal(facts.exif, undefined)
  }

  await ben.call('PUT /api/posts/:id/like', { params: { id: post.id } })
  await ben.call('POST /api/posts/:id/comments', { params: { id: post.id }, body: { text: 'Good light.' } })
  const seen = await ana.call('GET /api/posts/:id', { params: { id: post.id } })
  assert.equal(seen.likeCount, 1)
  assert.equal(seen.commentCount, 1)
  assert.equal(seen.newestComments[0]?.text, 'Good light.')

  const original = seen.media[0]?.originalUrl
  assert.ok(original)
  const bytes = Buffer.from(await (await fetch(app.url + original)).arrayBuffer())
  const facts = await sharp(bytes).metadata()
  assert.deepEqual([facts.width, facts.height], [4032, 3024])
  assert.equal(bytes.includes('Phone'), false, 'the camera is named in a served byte')
})

test('the API document names every endpoint of the contract', async () => {
  const response = await fetch(`${app.url}/api/openapi.json`)
  const document = (await response.json()) as { paths: Record<string, Record<string, unknown> | undefined> }
  for (const route of Object.keys(endpoints)) {
    const [method = '', path = ''] = route.split(' ')
    const described = document.paths[path.replace(/:(\w+)/g, '{$1}')]
    assert.ok(described?.[method.toLowerCase()], `${route} is not in the document`)
  }
})
