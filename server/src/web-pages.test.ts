import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { Http } from '#platform/http/http.ts'
import { createTestHttp } from '#platform/http/test-http.ts'
import { compressFiles } from '../../scripts/lib/compress-files.mjs'
import { serveWebPages } from './web-pages.ts'

const web = new URL('../../web/', import.meta.url)
const preview = '<meta name="description" content="of $& a post">'
const largeScript = 'export const words = []\n'.repeat(200)
let http: Http
let folder: string
let shell: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-pages-'))
  shell = await readFile(new URL('index.html', web), 'utf8')
  await writeFile(join(folder, 'index.html'), shell)
  await writeFile(join(folder, 'robots.txt'), await readFile(new URL('public/robots.txt', web)))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'assets', 'shell-3c4d.js'), largeScript)
  await compressFiles(folder)
  http = await createTestHttp()
  await serveWebPages(http, { folder, previewTags: async (id) => (id === '1' ? preview : null) })
})
after(async () => {
  await http.close()
  await rm(folder, { recursive: true })
})

const get = (url: string) => http.app.inject({ url, headers: { host: 'localhost' } })

test('robots are told what to leave alone, and not by the app', async () => {
  const { statusCode, headers, body } = await get('/robots.txt')
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-type']), /^text\/plain/)
  assert.match(body, /^User-agent: \*\nDisallow: \/api\/$/m)
})

for (const path of [
  '/favicon.ico',
  '/wp-login.php',
  '/.env',
  '/.git/config',
  '/.well-known/security.txt',
  '/blog/feed.xml',
  '/assets/main-of-before.js',
  '/assets/main-1a2b.js.map',
])
  test(`${path} is no page of the app`, async () => {
    const { statusCode, headers } = await get(path)
    assert.equal(statusCode, 404)
    assert.match(String(headers['content-type']), /^application\/problem\+json/)
  })

test('a slow line does not carry scripts in full, and whoever takes nothing else gets them as they are', async () => {
  const ask = (encoding: string) =>
    http.app.inject({
      url: '/assets/shell-3c4d.js',
      headers: { host: 'localhost', 'accept-encoding': encoding },
    })
  for (const [encoding, open] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const { headers, rawPayload } = await ask(encoding)
    assert.equal(headers['content-encoding'], encoding)
    assert.match(String(headers['content-type']), /^application\/javascript/)
    assert.match(String(headers['cache-control']), /immutable/)
    assert.match(String(headers.vary), /accept-encoding/i)
    assert.ok(rawPayload.length < largeScript.length / 10)
    assert.equal(String(open(rawPayload)), largeScript)
  }
  const plain = await ask('identity')
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.body, largeScript)
})

for (const path of ['/index.php', '/sitemap.xml', '/BACKUP.zip'])
  test(`${path} is no file to programs, and the page of whoever is called so`, async () => {
    const { statusCode, body } = await get(path)
    assert.equal(statusCode, 404)
    assert.equal(body, shell)
  })

for (const path of [
  '/',
  '/index.html',
  '/ana',
  '/jane.doe',
  '/Jane.Doe',
  '/jane.doe/followers',
  '/admin/accounts/jane.doe',
  '/stories/jane.doe',
  '/tags/light',
])
  test(`${path} is a page of the app, whatever dots there are`, async () => {
    const { statusCode, headers, body } = await get(path)
    assert.equal(statusCode, 200)
    assert.match(String(headers['content-type']), /^text\/html/)
    assert.equal(body, shell)
  })

test('the page of a post does not carry the general description beside its own', async () => {
  const { statusCode, body } = await get('/p/1')
  assert.equal(statusCode, 200)
  assert.ok(body.includes(preview))
  assert.equal(body.match(/name="description"/g)?.length, 1)
  assert.match(body, /<script/)
})

test('a post that is hidden or not there is not answered as one that is, and the app is there all the same', async () => {
  for (const path of ['/p/2', '/p/nonsense', '/p/2.php']) {
    const { statusCode, headers, body } = await get(path)
    assert.equal(statusCode, 404)
    assert.equal(headers['cache-control'], 'no-cache')
    assert.equal(body, shell)
  }
})
