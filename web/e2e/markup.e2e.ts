import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

// Whatever people can write is markup here, and every page of the app is opened by somebody who may open them all. The
// pages come from the list of routes: a new one is in the long run by itself.

/** Each way out of a text, an attribute or an address into markup that runs. */
const payload =
  '"\'><img src=hit onerror=hit()><svg onload=hit()></svg><script>hit()</script><a href="javascript:hit()">x</a>{{hit()}}'
const short = '"><img src=hit onerror=hit()>'
const markup = '[onerror], [onload], script:not([src]), img[src="hit"], a[href^="javascript:" i], iframe'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
/** The others are opened by the long run. */
const withMostWords = new Set([
  '/',
  '/signin',
  '/about',
  '/moderation',
  '/p/:id',
  '/:username',
  '/settings/security',
])

let world: World
let eve: Person
let reader: Person
let phone: Phone
let postId: string

before(async () => {
  world = await openWorld()
  const { client } = world.app
  eve = await buildPerson(client, { username: 'eve', fullName: payload.slice(0, 100) })
  reader = await buildPerson(client, { username: 'reader', fullName: short })
  await world.app.modules.accounts.api.setRoles(reader.id, ['owner'])
  await Promise.all([follow(reader, eve), follow(eve, reader)])
  await eve.call('PATCH /api/me', { body: { bio: payload } })
  postId = await publish(eve, { caption: `${payload} #light @reader`, altText: payload })
  await publish(reader, { caption: payload, altText: payload })
  const params = { id: postId }
  const place = { name: payload, lat: 52, lng: 13 }
  await eve.call('PATCH /api/posts/:id', { params, body: { place } })
  const said = await eve.call('POST /api/posts/:id/comments', { params, body: { text: payload } })
  await reader.call('POST /api/posts/:id/comments', { params, body: { text: payload, parentId: said.id } })
  for (const way of ['PUT /api/posts/:id/like', 'PUT /api/posts/:id/save'] as const)
    await reader.call(way, { params })
  const mallory = await buildPerson(client, { username: 'mallory', fullName: payload.slice(0, 100) })
  const note = { reason: 'other', note: payload } as const
  await mallory.call('POST /api/reports', { body: { postId, ...note } })
  await mallory.call('POST /api/reports', { body: { postId, commentId: said.id, ...note } })
  await mallory.call('POST /api/reports', { body: { username: 'eve', ...note } })
  await reader.call('PATCH /api/me', { body: { bio: payload, isPrivate: true } })
  await mallory.call('PUT /api/users/:username/follow', { params: { username: 'reader' } })
  const blocked = await buildPerson(client, { username: 'blocked', fullName: payload.slice(0, 100) })
  await reader.call('PUT /api/users/:username/block', { params: { username: blocked.username } })
  await reader.call('PUT /api/me/hidden-words', { body: { words: [short], useList: false } })
  await reader.call('PUT /api/admin/instance', {
    body: {
      name: short,
      description: payload,
      rules: [payload],
      contact: payload,
      terms: payload,
      languages: ['en'],
      sourceUrl: null,
    },
  })
  await fetch(`${world.app.url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': payload },
    body: JSON.stringify({ login: 'reader', password: reader.password }),
  })
  phone = await world.openPhone({ token: reader.token })
  await phone.page.exposeFunction('told', (text: string) => void phone.complaints.push(text))
  await phone.page.addInitScript(() => {
    const { told } = window as unknown as { told(text: string): void }
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      told(`policy: ${violatedDirective} ${blockedURI} ${sample}`),
    )
  })
  phone.page.on('dialog', (dialog) => {
    phone.complaints.push(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch(() => undefined)
  })
})
after(() => world?.[Symbol.asyncDispose]())

async function pagesOfTheApp(): Promise<string[]> {
  const source = await readFile(new URL('../src/shell/routes.ts', import.meta.url), 'utf8')
  const patterns = [...source.matchAll(/pattern: '([^']+)'/g)].map(([, pattern = '']) => pattern)
  assert.ok(patterns.length > 30, `${patterns.length} pages`)
  const values: Record<string, string> = { id: postId, username: 'eve', tag: 'light' }
  const chosen = isLong ? patterns : patterns.filter((pattern) => withMostWords.has(pattern))
  return chosen.map((pattern) => pattern.replace(/:(\w+)/g, (_, name: string) => values[name] ?? short))
}

test('what people wrote never becomes part of a page, on none of them', {
  timeout: isLong ? 600_000 : 200_000,
}, async () => {
  const { page, complaints } = phone
  const inQuery = `?next=${encodeURIComponent(`javascript:hit()//${payload}`)}&code=${encodeURIComponent(payload)}`
  const asked = [
    ...(await pagesOfTheApp()),
    `/tags/${encodeURIComponent(payload)}`,
    `/${encodeURIComponent(short)}`,
  ]
  for (const path of asked) {
    await page.goto(path + inQuery)
    await page.locator('h1, h2, img[src^="/m/"]').first().waitFor()
    // What a service worker that has just taken over asks for is never told as finished.
    await page.waitForLoadState('networkidle', { timeout: 4000 }).catch(() => undefined)
    assert.equal(await page.locator(markup).count(), 0, path)
    const heard = complaints.filter((text) => /policy|dialog|hit|Content Security/i.test(text))
    assert.deepEqual(heard, [], path)
  }
})

test('what people wrote is shown as they wrote it', { timeout: 120_000 }, async () => {
  const { page } = phone
  for (const path of ['/eve', `/p/${postId}`, '/about', '/moderation']) {
    await page.goto(path)
    await page.getByText('<script>hit()</script>', { exact: false }).first().waitFor()
  }
})
