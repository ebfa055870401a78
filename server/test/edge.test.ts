import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type AddressParts, createMediaAddresses, type MediaAddresses } from '#modules/media'
import { createTestClock, systemClock } from '#platform/clock/clock.ts'
import { loadSecrets } from '#platform/secrets/secrets.ts'
import { noise } from './corpus/drawn-pictures.ts'
import { writeGood } from './corpus/videos.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, follow, type Person } from './helpers/factories.ts'
import { freePort } from './helpers/free-ports.ts'
import { createEdge, createGate, type Gate, hasNginx, type NginxEdge } from './helpers/nginx.ts'
import { until } from './helpers/until.ts'

/** What the issue promises of a deletion and of going private. */
const promisedMs = 2000

describe('an nginx in front', {
  skip: hasNginx ? false : 'needs nginx with njs (apt: nginx-light libnginx-mod-http-js)',
  timeout: 120_000,
}, () => {
  let folder: string
  let app: TestApp
  let gate: Gate
  let edges: NginxEdge[]
  let picture: Buffer
  let key: Buffer
  let addresses: MediaAddresses

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliograph-edge-'))
    const internal = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`)
    app = await createTestApp({ env: { EDGE_URLS: internal.join(', ') } })
    gate = await createGate(app)
    edges = []
    for (const [index, internalUrl] of internal.entries()) {
      const own = join(folder, String(index))
      await mkdir(own)
      edges.push(await createEdge(app, { folder: own, origin: gate.url, internalUrl }))
    }
    for (const edge of edges) await edge.start()
    app.edges.start()
    picture = await noise(900, 700).jpeg().toBuffer()
    key = (await loadSecrets(app.dataFolder)).key('media')
    addresses = createMediaAddresses({ keys: [key], clock: systemClock })
  })
  after(async () => {
    for (const edge of edges ?? []) await edge.stop()
    await gate?.close()
    await app?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function share(
    person: Person,
  ): Promise<{ id: string; mediaId: string; path: string; original: string }> {
    const uploadId = await person.upload(picture)
    const { id } = await person.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await app.settle()
    const [medium] = (await person.call('GET /api/posts/:id', { params: { id } })).media
    return { id, mediaId: medium!.id, path: medium!.largeUrl!, original: medium!.originalUrl! }
  }

  async function shareVideo(person: Person): Promise<{ id: string; video: string; playlist: string }> {
    const file = await writeGood('a landscape', folder)
    const uploadId = await person.upload(await readFile(file))
    const { id } = await person.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await app.settle()
    const [medium] = (await person.call('GET /api/posts/:id', { params: { id } })).media
    return { id, video: medium!.videoUrl!, playlist: medium!.hlsUrl! }
  }

  const ask = (edge: NginxEdge, path: string, init?: RequestInit) => fetch(edge.url + path, init)

  async function statusOf(edge: NginxEdge, path: string, init?: RequestInit): Promise<number> {
    const response = await ask(edge, path, init)
    await response.arrayBuffer()
    return response.status
  }

  const isAt = async (edge: NginxEdge, path: string) => {
    const before = gate.seen.length
    return (await statusOf(edge, path)) === 200 && gate.seen.length === before
  }

  /** Both edges answer it without asking anybody. */
  async function spread(path: string): Promise<void> {
    for (const edge of edges) await until(() => isAt(edge, path))
  }

  async function refusedInTime(path: string, status: number): Promise<void> {
    const since = performance.now()
    for (const edge of edges) {
      await until(async () => (await statusOf(edge, path)) !== 200, promisedMs)
      assert.equal(await statusOf(edge, path), status)
    }
    assert.ok(performance.now() - since <= promisedMs)
  }

  const ownerOf = async ({ id }: Person) => {
    const [account] = (await app.modules.accounts.api.findByIds([id])).values()
    return account!
  }

  const keyOf = (path: string) => path.split('/').slice(6).join('/')

  test('answers from its cache without the origin, under each address of an object', async () => {
    const anna = await buildPerson(app.client)
    const { path } = await share(anna)
    await spread(path)
    const limited = addresses.sign(keyOf(path), await ownerOf(anna), 'limited')
    assert.notEqual(limited, path)
    for (const edge of edges) {
      // The cache goes by the object, whenever it is vouched for.
      await until(() => isAt(edge, limited))
      const open = await ask(edge, path)
      assert.match(open.headers.get('cache-control')!, /^public, max-age=\d+, immutable$/)
      assert.equal(open.headers.get('cross-origin-resource-policy'), 'cross-origin')
      const closed = await ask(edge, limited)
      assert.match(
        closed.headers.get('cache-control')!,
        /^private, max-age=\d{1,4}$/,
        'each with what is true of it',
      )
      assert.equal(closed.headers.get('cross-origin-resource-policy'), 'same-origin')
      const [one, other] = await Promise.all([open.arrayBuffer(), closed.arrayBuffer()])
      const origin = await fetch(app.url + path)
      assert.deepEqual(Buffer.from(one), Buffer.from(other))
      assert.deepEqual(Buffer.from(one), Buffer.from(await origin.arrayBuffer()))
      for (const name of [
        'content-type',
        'etag',
        'last-modified',
        'x-content-type-options',
        'content-security-policy',
      ]) {
        assert.equal(open.headers.get(name), origin.headers.get(name), name)
      }
    }
  })

  test('tells the origin nothing of who asks, and people nothing of itself', async () => {
    const { path } = await share(await buildPerson(app.client))
    const headers = { cookie: 'session=secret', authorization: 'Bearer secret', 'x-other': 'secret' }
    const response = await ask(edges[0]!, `${path}?utm=secret`, { headers })
    await response.arrayBuffer()
    assert.equal(response.status, 200)
    const asked = gate.seen.findLast(({ url }) => url.startsWith('/m/'))!
    assert.doesNotMatch(JSON.stringify(asked), /secret/)
    assert.equal(asked.url, path)
    const told = JSON.stringify([...response.headers])
    assert.doesNotMatch(told, /set-cookie|x-request-id|x-cache|1\.22|disposition/i)
  })

  test('answers HEAD, conditions and parts', async () => {
    const { path, original } = await share(await buildPerson(app.client))
    await spread(path)
    for (const address of [path, original]) {
      const whole = await ask(edges[0]!, address)
      const bytes = Buffer.from(await whole.arrayBuffer())
      const etag = whole.headers.get('etag')!
      const head = await ask(edges[0]!, address, { method: 'HEAD' })
      assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(bytes.length)])
      assert.equal(await statusOf(edges[0]!, address, { headers: { 'if-none-match': etag } }), 304)
      const since = whole.headers.get('last-modified')!
      assert.equal(await statusOf(edges[0]!, address, { headers: { 'if-modified-since': since } }), 304)
      const partOf = async (range: string, more = {}) => {
        const part = await ask(edges[0]!, address, { headers: { range, ...more } })
        return [
          part.status,
          part.headers.get('content-range'),
          Buffer.from(await part.arrayBuffer()),
        ] as const
      }
      const size = bytes.length
      assert.deepEqual(await partOf('bytes=10-19'), [206, `bytes 10-19/${size}`, bytes.subarray(10, 20)])
      assert.deepEqual(await partOf('bytes=-7'), [
        206,
        `bytes ${size - 7}-${size - 1}/${size}`,
        bytes.subarray(-7),
      ])
      assert.deepEqual((await partOf('bytes=0-1,5-6')).slice(0, 2), [200, null])
      assert.deepEqual((await partOf('bytes=10-19', { 'if-range': '"other"' })).slice(0, 2), [200, null])
      assert.equal((await partOf(`bytes=${size}-`))[0], 416)
    }
  })

  test('refuses what was not signed, has ended, or only looks like an address, without asking', async () => {
    const anna = await buildPerson(app.client)
    const { path } = await share(anna)
    await spread(path)
    const yesterday = createMediaAddresses({
      keys: [key],
      clock: createTestClock(Date.now() - 24 * 3_600_000),
    })
    const [, , expiry, account, epoch, signature, ...rest] = path.split('/')
    const withParts = (...parts: unknown[]) => `/m/${parts.join('/')}/${rest.join('/')}`
    const before = gate.seen.length
    const wrong = [
      yesterday.sign(keyOf(path), await ownerOf(anna), 'limited'),
      withParts(expiry, account, epoch, `${signature!.slice(0, -1)}${signature!.endsWith('A') ? 'Q' : 'A'}`),
      withParts(Number(expiry) + 3600, account, epoch, signature),
      withParts(expiry, account, Number(epoch) + 1, signature),
      withParts(expiry, BigInt(account!) + 1n, epoch, signature),
      path.replace('/large/', '/medium/'),
      path.replace('/large/', '/large/./'),
      path.replace('/large/', '//large/'),
      path.replace('/large/', '/%6carge/'),
      path.replace(/[^/]+$/, 'x%2f..%2f$&'),
      path.replace(/[^/]+$/, 'no-name.webp'),
      '/m/1/2',
    ]
    for (const address of wrong) {
      const { status, cacheControl, body } = await askExactly(edges[0]!, address)
      assert.deepEqual([status, cacheControl], [403, 'no-store'], address)
      assert.equal((JSON.parse(body) as { code: string }).code, 'media.address')
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const refused = await ask(edges[0]!, path, { method })
      await refused.arrayBuffer()
      assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD'], method)
    }
    assert.equal(gate.seen.length, before)
  })

  test('fetches a film in pieces, so that a jump to its end waits for nothing else', async () => {
    const anna = await buildPerson(app.client)
    const film = Buffer.from(Array.from({ length: 5 * 1024 * 1024 + 321 }, (_, at) => at % 251))
    const film720 = `videos/2026/11/26/720p/${anna.id}_0123456789abcdef_720.mp4`
    gate.films.set(film720, film)
    const path = addresses.sign(film720, await ownerOf(anna), 'open')
    await until(async () => (await statusOf(edges[0]!, path, { method: 'HEAD' })) === 200)
    const partOf = async (range: string) => {
      const part = await ask(edges[0]!, path, { headers: { range } })
      return [part.status, part.headers.get('content-range'), Buffer.from(await part.arrayBuffer())] as const
    }
    const size = film.length
    const before = gate.seen.length
    assert.deepEqual(await partOf(`bytes=${size - 100}-`), [
      206,
      `bytes ${size - 100}-${size - 1}/${size}`,
      film.subarray(-100),
    ])
    const pieces = gate.seen.slice(before).map(({ headers }) => headers.range)
    assert.deepEqual(pieces, [`bytes=${5 * 2 ** 20}-${6 * 2 ** 20 - 1}`])
    const middle = [2 ** 20 - 10, 2 ** 20 + 10] as const
    assert.deepEqual((await partOf(`bytes=${middle.join('-')}`))[2], film.subarray(middle[0], middle[1] + 1))
    assert.equal((await partOf(`bytes=${size}-`))[0], 416)
    const whole = await ask(edges[0]!, path)
    assert.equal(whole.headers.get('content-length'), String(size))
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(film))
    await until(async () => {
      const count = gate.seen.length
      const again = await ask(edges[0]!, path)
      return Buffer.from(await again.arrayBuffer()).equals(film) && gate.seen.length === count
    })
  })

  test('shows a Story from its cache until the very second that its address ends in, and never after', async () => {
    const anna = await buildPerson(app.client)
    const uploadId = await anna.upload(picture, { purpose: 'story' })
    const { api } = app.modules.media
    const items = [{ uploadId }]
    const claim = { ownerId: anna.id, purpose: 'story' as const, items, postId: null }
    const [row] = await app.database.transaction((tx) => api.claimUploads(tx, claim))
    await app.settle()
    const shownUntil = async (ms: number) => {
      const until = new Date(Math.ceil(ms / 1000) * 1000)
      const shown = await api.presentAttached([{ id: row!.id, until }], anna.id)
      return { until, path: shown.get(row!.id)!.imageUrl! }
    }
    const day = await shownUntil(Math.ceil((Date.now() + 24 * 3_600_000) / 60_000) * 60_000)
    await spread(day.path)
    const before = Date.now()
    const headers = (await ask(edges[0]!, day.path)).headers
    const [, age] = /^public, max-age=(\d+), immutable$/.exec(headers.get('cache-control')!) ?? []
    assert.ok(before + Number(age) * 1000 <= day.until.getTime(), 'whoever keeps it forgets it by then')
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
    const kept = (await api.presentAttached([{ id: row!.id, until: null }], anna.id)).get(row!.id)!
    const cacheControl = (await ask(edges[0]!, kept.imageUrl!)).headers.get('cache-control')
    assert.match(
      cacheControl!,
      /^private, max-age=\d+$/,
      'of one that is over nobody keeps what another was shown',
    )
    const soon = await shownUntil(Date.now() + 2000)
    const seen = gate.seen.length
    const wrong: string[] = []
    for (const edge of edges)
      await until(async () => {
        const asked = Date.now()
        const status = await statusOf(edge, soon.path)
        if (status === 200 && asked >= soon.until.getTime()) wrong.push('after it')
        if (status === 403 && Date.now() < soon.until.getTime()) wrong.push('before it')
        return status === 403
      })
    assert.deepEqual(wrong, [])
    assert.equal(gate.seen.length, seen, 'each of them knows by itself')
  })

  test('plays a video from its playlist, and no piece of it once the post is gone', async () => {
    const anna = await buildPerson(app.client)
    const { id, video, playlist } = await shareVideo(anna)
    const listed = async (address: string) => {
      const lines = (await (await ask(edges[0]!, address)).text()).split('\n')
      return lines.filter((line) => line !== '' && !line.startsWith('#'))
    }
    const beside = (name: string) => new URL(name, edges[0]!.url + playlist).pathname
    const [variant] = await listed(playlist)
    const [segment] = await listed(beside(variant!))
    const pieces = [playlist, beside(variant!), beside(segment!), video]
    for (const piece of pieces) await spread(piece)
    assert.deepEqual(
      await Promise.all(
        pieces.map(async (piece) => (await ask(edges[0]!, piece)).headers.get('content-type')),
      ),
      ['application/vnd.apple.mpegurl', 'application/vnd.apple.mpegurl', 'video/iso.segment', 'video/mp4'],
    )
    await anna.call('DELETE /api/posts/:id', { params: { id } })
    for (const piece of pieces) await refusedInTime(piece, 410)
  })

  test('passes everything else through, but for what is the operator’s alone', async () => {
    assert.equal(await statusOf(edges[0]!, '/api/capabilities'), 200)
    assert.equal(await statusOf(edges[0]!, '/metrics'), 404)
  })

  test('opens nothing that it has under the address of somebody else', async () => {
    const [anna, ben] = [await buildPerson(app.client), await buildPerson(app.client)]
    const [hers, his] = [await share(anna), await share(ben)]
    await spread(hers.path)
    const file = hers.path.slice(hers.path.lastIndexOf('/') + 1)
    const mixed = his.path.replace(/[^/]+$/, file)
    assert.equal(addresses.verify(partsOf(mixed)), 'forged', 'a signature is of one medium')
    for (const edge of edges) assert.equal(await statusOf(edge, mixed), 403)
    const asHis = addresses.sign(keyOf(hers.path), await ownerOf(ben), 'open')
    for (const edge of edges) assert.equal(await statusOf(edge, asHis), 404)
  })

  test('keeps nobody from what the origin refuses, and keeps no refusal', async () => {
    const anna = await buildPerson(app.client)
    const { path } = await share(anna)
    const missing = path.replace(/_1080/, '_1081')
    const response = await ask(edges[0]!, missing)
    assert.deepEqual([response.status, response.headers.get('cache-control')], [404, 'no-store'])
    await response.arrayBuffer()
    assert.equal(await isAt(edges[0]!, missing), false)
  })

  test('refuses a deleted picture that it has within two seconds, at every edge', async () => {
    const anna = await buildPerson(app.client)
    const { id, path } = await share(anna)
    await spread(path)
    await anna.call('DELETE /api/posts/:id', { params: { id } })
    assert.equal((await fetch(app.url + path)).status, 410, 'the origin at once')
    await refusedInTime(path, 410)
    await gate.close()
    for (const edge of edges) assert.equal(await statusOf(edge, path), 410, 'by itself')
    await gate.open()
  })

  test('refuses old addresses of an account that went private within two seconds, and answers new ones', async () => {
    const anna = await buildPerson(app.client)
    const { id, path } = await share(anna)
    await spread(path)
    await anna.call('PATCH /api/me', { body: { isPrivate: true } })
    await refusedInTime(path, 403)
    const [medium] = (await anna.call('GET /api/posts/:id', { params: { id } })).media
    const response = await ask(edges[0]!, medium!.largeUrl!)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('cache-control')!, /^private/, 'not as it was kept')
    await response.arrayBuffer()
    // Kept for the account, whatever its epoch.
    await until(() => isAt(edges[0]!, medium!.largeUrl!))
  })

  test('refuses what a removed follower of a private account holds', async () => {
    const anna = await buildPerson(app.client, { isPrivate: true })
    const ben = await buildPerson(app.client)
    await follow(ben, anna)
    const { id } = await share(anna)
    const [medium] = (await ben.call('GET /api/posts/:id', { params: { id } })).media
    await spread(medium!.largeUrl!)
    await anna.call('DELETE /api/users/:username/follower', { params: { username: ben.username } })
    await refusedInTime(medium!.largeUrl!, 403)
  })

  test('refuses the pictures of a post that a moderator has to look at, within two seconds, at every edge', async () => {
    const anna = await buildPerson(app.client)
    const [held, other] = [await share(anna), await share(anna)]
    for (const { path } of [held, other]) await spread(path)
    const change = { params: { id: held.id }, body: { caption: 'you bitch' } }
    assert.equal((await anna.call('PATCH /api/posts/:id', change)).status, 'review')
    assert.equal((await fetch(app.url + held.path)).status, 403, 'the origin at once')
    await refusedInTime(held.path, 403)
    // Addresses do not tell posts apart: those of the account's other posts are given out anew.
    const [medium] = (await app.client.call('GET /api/posts/:id', { params: { id: other.id } })).media
    assert.notEqual(medium!.largeUrl, other.path)
    for (const edge of edges) assert.equal(await statusOf(edge, medium!.largeUrl!), 200)
  })

  test('refuses the pictures of a post that is for fewer now, and opens them with no signature of another post', async () => {
    const anna = await buildPerson(app.client)
    const ben = await buildPerson(app.client)
    await follow(ben, anna)
    const [kept, other] = [await share(anna), await share(anna)]
    for (const { path } of [kept, other]) await spread(path)
    await anna.call('PATCH /api/posts/:id', { params: { id: kept.id }, body: { audience: 'followers' } })
    assert.equal((await fetch(app.url + kept.path)).status, 403, 'the origin at once')
    await refusedInTime(kept.path, 403)
    const [open] = (await app.client.call('GET /api/posts/:id', { params: { id: other.id } })).media
    assert.equal(
      keyOf(open!.largeUrl!).split('/').slice(0, -1).join('/'),
      keyOf(kept.path).split('/').slice(0, -1).join('/'),
    )
    const swapped = open!.largeUrl!.replace(keyOf(open!.largeUrl!), keyOf(kept.path))
    assert.equal((await fetch(app.url + swapped)).status, 403)
    for (const edge of edges) assert.equal(await statusOf(edge, swapped), 403)
    const [limited] = (await ben.call('GET /api/posts/:id', { params: { id: kept.id } })).media
    const response = await ask(edges[0]!, limited!.largeUrl!)
    assert.deepEqual([response.status, response.headers.get('cache-control')!.slice(0, 7)], [200, 'private'])
    await response.arrayBuffer()
    await anna.call('DELETE /api/users/:username/follower', { params: { username: ben.username } })
    await refusedInTime(limited!.largeUrl!, 403)
  })

  test('refuses the pictures of a suspended account', async () => {
    const anna = await buildPerson(app.client)
    const { path } = await share(anna)
    await spread(path)
    await app.modules.accounts.api.setState(anna.id, 'suspended')
    await refusedInTime(path, 403)
  })

  test('shows nothing of the old cut once there is a new one', async () => {
    const anna = await buildPerson(app.client)
    const { id, mediaId, path } = await share(anna)
    await spread(path)
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
    await anna.call('PATCH /api/posts/:id', { params: { id }, body: { media: [{ id: mediaId, crop }] } })
    await app.settle()
    await refusedInTime(path, 404)
  })

  test('that was down meanwhile never shows it again', async () => {
    const anna = await buildPerson(app.client)
    const { id, path } = await share(anna)
    await spread(path)
    const [, late] = edges
    await late!.stop()
    await anna.call('DELETE /api/posts/:id', { params: { id } })
    const deleted = performance.now()
    await late!.start()
    while (performance.now() - deleted < promisedMs) await statusOf(late!, path)
    assert.equal(await statusOf(late!, path), 410)
    await until(async () => app.edges.lags().every(([, seconds]) => seconds < 1.5))
    await gate.close()
    assert.equal(await statusOf(late!, path), 410, 'by itself, once it was told')
    await gate.open()
  })

  test('that hears nothing any more asks the origin about every picture', async () => {
    const [anna, ben] = [await buildPerson(app.client), await buildPerson(app.client)]
    const [gone, kept] = [await share(anna), await share(ben)]
    for (const { path } of [gone, kept]) await spread(path)
    await app.edges.stop()
    await anna.call('DELETE /api/posts/:id', { params: { id: gone.id } })
    await refusedInTime(gone.path, 410)
    const before = gate.seen.length
    for (const edge of edges) assert.equal(await statusOf(edge, kept.path), 200)
    assert.equal(gate.seen.length, before + edges.length)
    app.edges.start()
    await spread(kept.path)
  })

  test('loses the marks of what has long ended, and never those that are needed', async () => {
    const anna = await buildPerson(app.client)
    const [old, young] = [await share(anna), await share(anna)]
    for (const { id } of [old, young]) await anna.call('DELETE /api/posts/:id', { params: { id } })
    const marks = async () =>
      (await readdir(join(folder, '0', 'data', 'marks', 'media'), { recursive: true })).map(String)
    const has = async (id: string) => (await marks()).some((name) => name.endsWith(id))
    await until(async () => (await has(old.mediaId)) && (await has(young.mediaId)))
    await app.database.main
      .updateTable('media_revocations')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .where('mark', 'like', `%${old.mediaId}`)
      .execute()
    await app.jobs.enqueue('media.forget_revocations', {})
    await app.settle()
    assert.deepEqual([await has(old.mediaId), await has(young.mediaId)], [false, true])
    const rows = await app.database.main.selectFrom('media_revocations').select('mark').execute()
    assert.equal(
      rows.some(({ mark }) => mark.endsWith(old.mediaId)),
      false,
    )
  })

  test('takes marks from the origin alone', async () => {
    const [edge] = app.edges.lags()
    for (const headers of [{}, { authorization: 'Bearer guess' }]) {
      const response = await fetch(`${edge![0]}/media/00/100`, { method: 'PUT', body: '', headers })
      assert.equal(response.status, 403)
    }
  })
})

/** `fetch` tidies an address up before it asks. */
async function askExactly(edge: NginxEdge, path: string) {
  const { hostname, port } = new URL(edge.url)
  const asked = request({ hostname, port, path }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const body = Buffer.concat(await response.toArray()).toString()
  return { status: response.statusCode, cacheControl: response.headers['cache-control'], body }
}

function partsOf(path: string): AddressParts {
  const [, , expiry = '', account = '', epoch = '', signature = '', ...key] = path.split('/')
  return { expiry, account, epoch, signature, key: key.join('/') }
}
