import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import type { EndpointSpec } from '@heliograph/contract/endpoint'
import type { ErrorCode } from '@heliograph/contract/error-codes'
import type { Post } from '@heliograph/contract/posts'
import { pngBomb, svgWithScript, textFile } from './corpus/bombs.ts'
import { noise } from './corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, type Person } from './helpers/factories.ts'
import { type Ask, ask, problemIn } from './helpers/problems.ts'

let app: TestApp
let ana: Person
let ben: Person
let picture: Buffer

before(async () => {
  app = await createTestApp()
  ana = await buildPerson(app.client, { username: 'ana' })
  ben = await buildPerson(app.client, { username: 'ben' })
  picture = await noise(240, 200).jpeg().toBuffer()
})
after(() => app[Symbol.asyncDispose]())

async function refusal(route: string, asked: Ask = {}): Promise<ErrorCode> {
  return problemIn(await ask(app.url, route, asked), route).code
}

async function share(person: Person, uploadIds: string[], caption = ''): Promise<Post> {
  const media = uploadIds.map((uploadId) => ({ uploadId }))
  return await person.call('POST /api/posts', { body: { caption, media } })
}

async function photograph(person: Person): Promise<string> {
  return await person.upload(picture)
}

async function corpus(name: string): Promise<Buffer> {
  return await readFile(new URL(`corpus/files/${name}`, import.meta.url))
}

describe('a file that is no picture', () => {
  const files: [what: string, code: ErrorCode, bytes: () => Buffer | Promise<Buffer>][] = [
    ['a text named photo.jpg', 'media.unsupported_format', () => textFile],
    ['a truncated photograph', 'media.corrupt', () => picture.subarray(0, picture.length / 3)],
    ['a file of nothing', 'media.empty', () => Buffer.alloc(0)],
    ['900 megapixels in a small file', 'media.too_many_pixels', () => pngBomb(30_000, 30_000)],
    ['an SVG with a script', 'media.unsupported_format', () => svgWithScript],
  ]
  for (const [what, code, bytes] of files)
    test(`never takes its post along: ${what} says ${code}, and all that was written is still there`, async () => {
      const uploads = [await ana.upload(await bytes()), await photograph(ana)]
      const { id } = await share(ana, uploads, 'words worth keeping')
      await app.settle()
      const post = await ana.call('GET /api/posts/:id', { params: { id } })
      assert.deepEqual([post.status, post.failure?.code], ['failed', code])
      assert.ok(post.failure?.message, 'a reason that one can act on')
      assert.equal(post.caption, 'words worth keeping')
      assert.ok(post.media[1]?.largeUrl, 'the other photograph was prepared')
      assert.equal(await refusal(`GET /api/posts/${id}`, { token: ben.token }), 'post.not_found')
    })

  test('is not one that only has the wrong name: a HEIC named .jpg is shown', async () => {
    const { id } = await share(ana, [await ana.upload(await corpus('quadrants.heic'))])
    await app.settle()
    const post = await ben.call('GET /api/posts/:id', { params: { id } })
    assert.equal(post.status, 'ready')
  })

  test('never leaves a server behind that cannot take the next one', async () => {
    const { id } = await share(ana, [await photograph(ana)])
    await app.settle()
    assert.equal((await ben.call('GET /api/posts/:id', { params: { id } })).status, 'ready')
  })
})

describe('a file that changes while it is sent', () => {
  const tus = { 'tus-resumable': '1.0.0' }
  const piece = (offset: number) => ({
    ...tus,
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
  })
  async function begin(size: number): Promise<string> {
    const headers = { ...tus, 'upload-length': String(size) }
    const created = await ask(app.url, 'POST /api/uploads', { token: ana.token, headers })
    assert.equal(created.status, 201)
    return created.headers.get('location') ?? ''
  }

  test('is never taken as whole: longer than was said', async () => {
    const route = `PATCH ${await begin(100)}`
    const asked = { token: ana.token, headers: piece(0), body: picture.subarray(0, 150) }
    assert.equal(await refusal(route, asked), 'upload.length_changed')
  })

  test('is never taken as whole: shorter than was said, and it says so to whoever posts it', async () => {
    const address = await begin(picture.length)
    const headers = piece(0)
    const half = picture.subarray(0, 1000)
    assert.equal(
      (await ask(app.url, `PATCH ${address}`, { token: ana.token, headers, body: half })).status,
      204,
    )
    const uploadId = address.split('/').at(-1)
    const body = { media: [{ uploadId }] }
    assert.equal(await refusal('POST /api/posts', { token: ana.token, body }), 'upload.incomplete')
    const rest = { token: ana.token, headers: piece(1000), body: picture.subarray(1000) }
    assert.equal((await ask(app.url, `PATCH ${address}`, rest)).status, 204)
    assert.equal((await share(ana, [uploadId ?? ''])).media.length, 1, 'the refusal has cost nothing')
  })
})

describe('a draft that is refused', () => {
  const long = 'x'.repeat(100_000)
  const refusals: [what: string, code: ErrorCode, body: (draft: Draft) => unknown][] = [
    ['11 photographs', 'post.too_many_media', ({ own }) => ({ media: Array(11).fill({ uploadId: own }) })],
    ['no photograph', 'post.too_many_media', () => ({ media: [] })],
    ['101 photographs', 'request.invalid', ({ own }) => ({ media: Array(101).fill({ uploadId: own }) })],
    ['one photograph twice', 'upload.used', ({ own }) => mediaOf(own, own)],
    ['somebody else’s upload', 'upload.not_found', ({ own, foreign }) => mediaOf(own, foreign)],
    ['a used upload', 'upload.used', ({ own, used }) => mediaOf(own, used)],
    ['an upload for an avatar', 'upload.purpose', ({ own, avatar }) => mediaOf(own, avatar)],
    ['an upload that never was', 'upload.not_found', ({ own }) => mediaOf(own, '1234567890')],
    ['an id that is no number', 'request.invalid', () => mediaOf('../../etc')],
    ['an id beyond 63 bits', 'request.invalid', () => mediaOf('9223372036854775808')],
    ['an id as a number', 'request.invalid', ({ own }) => ({ media: [{ uploadId: Number(own) }] })],
    ['a caption of 100,000 characters', 'request.invalid', ({ own }) => ({ ...mediaOf(own), caption: long })],
    ['31 hashtags', 'post.too_many_hashtags', ({ own }) => ({ ...mediaOf(own), caption: manyTags() })],
    ['an unknown field', 'request.invalid', ({ own }) => ({ ...mediaOf(own), colour: 'red' })],
    ['an audience that is none', 'request.invalid', ({ own }) => ({ ...mediaOf(own), audience: 'world' })],
    ['a crop outside', 'request.invalid', ({ own }) => ({ media: [{ uploadId: own, crop: outside }] })],
    ['a place beyond the pole', 'request.invalid', ({ own }) => ({ ...mediaOf(own), place: beyond })],
    ['a body that is not JSON', 'request.not_json', () => '{"media": ['],
    ['a body of null', 'request.invalid', () => 'null'],
    ['a list for a body', 'request.invalid', () => []],
    ['a caption with a NUL', 'request.invalid', ({ own }) => ({ ...mediaOf(own), caption: 'a\0b' })],
    [
      'a caption of half a character',
      'request.invalid',
      ({ own }) => ({ ...mediaOf(own), caption: '\ud800' }),
    ],
  ]
  const outside = { x: 0.5, y: 0, width: 0.9, height: 1 }
  const beyond = { name: 'Nowhere', lat: 91, lng: 0 }
  interface Draft {
    own: string
    foreign: string
    used: string
    avatar: string
  }
  let draft: Draft

  before(async () => {
    const used = await photograph(ana)
    await share(ana, [used])
    const avatar = await ana.upload(picture, { purpose: 'avatar' })
    draft = { own: await photograph(ana), foreign: await photograph(ben), used, avatar }
    await app.settle()
  })

  for (const [what, code, body] of refusals)
    test(`never becomes a post: ${what}`, async () => {
      const before = (await ana.call('GET /api/me')).postCount
      const asked = { token: ana.token, body: body(draft) }
      assert.equal(await refusal('POST /api/posts', asked), code)
      await app.settle()
      assert.equal((await ana.call('GET /api/me')).postCount, before)
    })

  test('never costs the uploads that were meant for it, nor those of others', async () => {
    const { id } = await share(ana, [draft.own])
    const theirs = await share(ben, [draft.foreign])
    await app.settle()
    for (const post of [id, theirs.id])
      assert.equal((await ben.call('GET /api/posts/:id', { params: { id: post } })).status, 'ready')
  })

  test('is told with the places that are wrong', async () => {
    const body = { caption: 7, media: [{ uploadId: 'x' }], colour: 1 }
    const answer = await ask(app.url, 'POST /api/posts', { token: ana.token, body })
    const { errors = [] } = problemIn(answer)
    const paths = errors.map(({ path }) => path).sort()
    assert.deepEqual(paths, ['body.caption', 'body.colour', 'body.media.0.uploadId'])
  })
})

describe('two at once', () => {
  test('never share a name: of two sign-ups for one name at the same instant one is told so', async () => {
    const person = { password: 'a long enough phrase' }
    const answers = await Promise.all(
      ['one', 'two'].map((mail) =>
        ask(app.url, 'POST /api/accounts', {
          body: { ...person, username: 'Wanted', email: `${mail}@people.example` },
        }),
      ),
    )
    const [made, refused] = answers.toSorted((a, b) => a.status - b.status)
    assert.equal(made?.status, 201)
    assert.ok(refused)
    assert.equal(problemIn(refused).code, 'account.username_taken')
  })

  test('with one Idempotency-Key never make two posts, and never a post of another body', async () => {
    const uploadId = await photograph(ana)
    const headers = { 'idempotency-key': 'a-key-of-ana' }
    const body = mediaOf(uploadId)
    const post = () => ask(app.url, 'POST /api/posts', { token: ana.token, headers, body })
    const answers = await Promise.all([post(), post(), post()])
    const ids = answers.map(({ text }) => (JSON.parse(text) as Post).id)
    assert.deepEqual([answers.map(({ status }) => status), new Set(ids).size], [[201, 201, 201], 1])
    const other = { token: ana.token, headers, body: { ...body, caption: 'other words' } }
    assert.equal(await refusal('POST /api/posts', other), 'idempotency.mismatch')
  })
})

test('nobody follows, blocks or mutes themselves', async () => {
  for (const [way, code] of [
    ['follow', 'follow.self'],
    ['block', 'block.self'],
    ['mute', 'mute.self'],
  ])
    assert.equal(await refusal(`PUT /api/users/ana/${way}`, { token: ana.token }), code)
  assert.equal((await ana.call('GET /api/me')).followerCount, 0)
})

describe('a request from elsewhere', () => {
  test('never acts for somebody from the page of another site', async () => {
    const cookie = await cookieOf(ana)
    for (const origin of ['https://evil.example', 'null', `${app.url}.evil.example`]) {
      const asked = { headers: { cookie, origin }, body: { bio: 'owned' } }
      assert.equal(await refusal('PATCH /api/me', asked), 'request.origin')
    }
    assert.equal((await ana.call('GET /api/me')).bio, '')
    const own = await ask(app.url, 'PATCH /api/me', { headers: { cookie, origin: app.url }, body: {} })
    assert.equal(own.status, 200)
  })

  test('is never answered under a name that is not ours', async () => {
    for (const host of [
      'evil.example',
      '169.254.169.254',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
    ])
      for (const path of ['/api/capabilities', '/', '/healthz']) {
        assert.deepEqual(await withHost(path, host), { status: 421, code: 'request.host' }, `${path} ${host}`)
      }
  })
})

describe('a cursor', () => {
  const lists = Object.entries<EndpointSpec>(endpoints).filter(
    ([, { query }]) => query?.safeParse({ cursor: 'x' }).success,
  )
  test('is known to many lists', () => assert.ok(lists.length >= 12, `${lists.length}`))
  for (const [route, { params }] of lists)
    test(`that was tampered with never opens ${route}`, async () => {
      const filled = route
        .replace(':username', 'ana')
        .replace(':id', await anyPost())
        .replace(':tag', 'sun')
      assert.ok(params === undefined || filled !== route)
      const another = await feedCursor()
      for (const cursor of ['x', 'e30', `${another}A`, flip(another, 3), flip(another, -3), '%00', another]) {
        if (cursor === another && route === 'GET /api/feed') continue
        const code = await refusal(`${filled}?cursor=${encodeURIComponent(cursor)}`, {
          token: ana.token,
        })
        assert.equal(code, 'cursor.invalid', cursor)
      }
    })

  let cursors: Promise<string> | undefined
  /** A true one, of another list. */
  function feedCursor(): Promise<string> {
    cursors ??= ana.call('GET /api/feed', { query: { limit: 1 } }).then((page) => page.nextCursor ?? '')
    return cursors
  }
  let post: Promise<string> | undefined
  function anyPost(): Promise<string> {
    post ??= (async () => {
      const { id } = await share(ana, [await photograph(ana)])
      await share(ana, [await photograph(ana)])
      await app.settle()
      return id
    })()
    return post
  }
})

function mediaOf(...uploadIds: string[]): { media: { uploadId: string }[] } {
  return { media: uploadIds.map((uploadId) => ({ uploadId })) }
}

function manyTags(): string {
  return Array.from({ length: 31 }, (_, at) => `#tag${at}`).join(' ')
}

function flip(text: string, at: number): string {
  const letters = [...text]
  const index = at < 0 ? letters.length + at : at
  letters[index] = letters[index] === 'A' ? 'B' : 'A'
  return letters.join('')
}

async function cookieOf(person: Person): Promise<string> {
  const body = { login: person.username, password: person.password, cookie: true }
  const { headers } = await ask(app.url, 'POST /api/sessions', { body })
  return headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
}

function withHost(path: string, host: string): Promise<{ status: number; code: string }> {
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, app.url), { headers: { host } }, (response) => {
      let text = ''
      response.on('data', (bytes) => {
        text += bytes
      })
      response.on('end', () => {
        const isProblem = response.headers['content-type']?.startsWith('application/problem+json')
        resolve({ status: response.statusCode ?? 0, code: isProblem ? JSON.parse(text).code : '' })
      })
    })
    call.on('error', reject)
    call.end()
  })
}
