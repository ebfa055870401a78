import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { createPushKeys } from '../../server/test/helpers/push-messages.ts'
import { until } from '../../server/test/helpers/until.ts'
import { findChromium, findFullChromium } from '../../test-browser/chromium.mjs'
import { assertAccessible } from './helpers/axe.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
/** What came for browsers, encrypted, to a push service of the test's own. */
const pushed: Buffer[] = []
const pushService = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  pushed.push(Buffer.concat(parts))
  response.writeHead(201).end()
})
let pushOrigin: string
before(async () => {
  pushService.listen(0, '127.0.0.1')
  await once(pushService, 'listening')
  pushOrigin = `http://127.0.0.1:${(pushService.address() as AddressInfo).port}`
  world = await openWorld({ env: { OUTBOUND_TRUSTED_ORIGINS: pushOrigin } })
})
after(async () => {
  await world[Symbol.asyncDispose]()
  pushService.closeAllConnections()
  pushService.close()
})

const like = (who: Person, id: string) => who.call('PUT /api/posts/:id/like', { params: { id } })
const say = (who: Person, id: string, text: string) =>
  who.call('POST /api/posts/:id/comments', { params: { id }, body: { text } })
const shots = process.env.HELIOGRAPH_SHOTS
async function shoot(page: Page, name: string): Promise<void> {
  if (!shots) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `${shots}/${name}-${colorScheme}.png` })
  }
}

test('what others do arrives live, counts agree on all devices, and requests are answered in the list', {
  timeout: 240_000,
}, async () => {
  const lea = await buildPerson(world.app.client, { username: 'lea', fullName: 'Lea Strahl' })
  const [ben, ida, tom] = await Promise.all(
    ['ben', 'ida', 'tom'].map((username) => buildPerson(world.app.client, { username })),
  )
  await using phone = await world.openPhone({ token: lea.token })
  await using desk = await world.openPhone({ token: lea.token, size: { width: 1280, height: 800 } })
  const { page } = phone

  await page.goto('/notifications')
  await page.getByRole('heading', { name: 'Nothing yet' }).waitFor()
  await assertAccessible(page, 'no notifications')
  await shoot(page, 'empty-390')
  const id = await publish(lea, { caption: 'Harbour', altText: 'Boats' })
  await page.goto('/')
  await desk.page.goto('/')
  const heart = page.getByRole('link', { name: /^Notifications/ }).first()
  const bell = desk.page.getByRole('link', { name: 'Notifications' }).first()
  await heart.waitFor()
  const counts = async (expected: number) => {
    await page
      .getByRole('link', { name: `Notifications: ${expected} new` })
      .first()
      .waitFor()
    await bell.locator('.badge', { hasText: String(expected) }).waitFor()
  }
  await like(ben!, id)
  await counts(1)
  for (const who of [ida!, tom!]) await like(who, id)
  await say(ida!, id, 'The light on the water is wonderful')
  await follow(tom!, lea)
  await counts(3)

  await heart.click()
  await page.getByText('tom follows you').waitFor()
  await page.getByText('tom and 2 others liked your post').waitFor()
  await page.getByText('ida commented: The light on the water is wonderful').waitFor()
  await page.getByRole('heading', { name: 'New' }).waitFor()
  await page.locator('.told-picture').first().waitFor()
  await assertAccessible(page, 'notifications')
  await shoot(page, 'list-390')
  // Seen here, it is new nowhere.
  await bell.locator('.badge').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Follow back: tom' }).click()
  await until(async () => {
    const { relationship } = await lea.call('GET /api/users/:username', { params: { username: 'tom' } })
    return relationship?.following === 'yes'
  })

  // What comes while one looks on is there at once.
  await lea.call('PATCH /api/me', { body: { isPrivate: true } })
  await ida!.call('PUT /api/users/:username/follow', { params: { username: 'lea' } })
  await page.getByText('ida asks to follow you').waitFor()
  await assertAccessible(page, 'a request')
  await shoot(page, 'request-390')
  await page.getByRole('button', { name: 'Accept ida' }).click()
  await page.getByText('ida asks to follow you').waitFor({ state: 'detached' })
  await until(async () => {
    const { relationship } = await ida!.call('GET /api/users/:username', { params: { username: 'lea' } })
    return relationship?.following === 'yes'
  })
  await desk.page.goto('/notifications')
  await desk.page.getByText('ida and 1 other follow you').waitFor()
  await assertAccessible(desk.page, 'notifications on a wide screen')
  await shoot(desk.page, 'list-1280')

  // An answer to a Story leads to the conversation that it is in.
  await follow(lea, ben!)
  await follow(ben!, lea)
  const { buffer } = await smallPhotograph(3, 720, 1280)
  const uploadId = await lea.upload(buffer, { purpose: 'story' })
  const { id: storyId } = await lea.call('POST /api/stories', { body: { uploadId } })
  await until(
    async () => (await lea.call('GET /api/stories/:id', { params: { id: storyId } })).status === 'ready',
  )
  const { id: talkId } = await ben!.call('POST /api/conversations', { body: { members: ['lea'] } })
  const { id: messageId } = await ben!.call('POST /api/conversations/:id/messages', {
    params: { id: talkId },
    body: {
      clientId: 'to-the-story',
      text: 'So bright',
      attachments: [{ type: 'story', storyId, isReply: true }],
    },
  })
  const answer = desk.page.getByRole('link', { name: /ben replied to your Story: So bright/ })
  await answer.locator('.told-picture').waitFor()
  await shoot(desk.page, 'story-reply-1280')
  // In a page that stays open its picture goes with the Story, and nothing tells it so.
  await world.app.database.main
    .updateTable('stories')
    .set({ expires_at: new Date(Date.now() + 8000) })
    .where('id', '=', storyId)
    .execute()
  await ben!.call('PATCH /api/conversations/:id/messages/:messageId', {
    params: { id: talkId, messageId },
    body: { text: 'So bright!' },
  })
  await desk.page.reload()
  await desk.page.getByText('So bright!').waitFor()
  await answer.locator('.told-picture').waitFor({ state: 'detached' })
  await answer.click()
  await desk.page.getByRole('log').getByText('So bright!', { exact: true }).waitFor()

  // Whom one blocks is told of no more.
  await lea.call('PUT /api/users/:username/block', { params: { username: 'tom' } })
  await page.reload()
  await page.getByText('ida and 1 other liked your post').waitFor()
  assert.equal(await page.getByText('tom').count(), 0)
  await page.getByText('ida and 1 other liked your post').click()
  await page.getByRole('heading', { name: /./ }).first().waitFor()
  await until(() => new URL(page.url()).pathname === `/p/${id}`)
  assert.deepEqual([...phone.complaints, ...desk.complaints], [])
})

test('settings say honestly what this device can do, and keep what is chosen', {
  timeout: 180_000,
}, async () => {
  const mia = await buildPerson(world.app.client, { username: 'mia' })
  await using phone = await world.openPhone({ token: mia.token })
  const { page } = phone
  await page.goto('/settings/notifications')
  await page.getByRole('switch', { name: /^Push to this device/ }).waitFor()
  const quiet = async (from: string, to: string) => {
    const { quietHours } = await mia.call('GET /api/me')
    return quietHours?.from === from && quietHours.to === to
  }
  await page.getByRole('switch', { name: /^Quiet hours/ }).click()
  await until(() => quiet('22:00', '07:00'), 30_000)
  await page.getByLabel('From', { exact: true }).fill('21:30')
  await until(() => quiet('21:30', '07:00'), 30_000)
  await page.getByLabel('Until', { exact: true }).fill('06:45')
  await until(() => quiet('21:30', '06:45'), 30_000)
  await page.getByRole('switch', { name: /^Show what somebody wrote/ }).click()
  await page.getByLabel('Mail me what is new').selectOption({ label: 'Every week' })
  await until(async () => {
    const { pushText, digest } = await mia.call('GET /api/me')
    return pushText && digest === 'weekly'
  }, 30_000)
  await assertAccessible(page, 'settings of notifications')
  await shoot(page, 'settings-390')
  assert.deepEqual(phone.complaints, [])
})

/**
 * The browser that the suite drives is a headless shell: it refuses notifications of the system, and ends whoever puts a number
 * on the app's icon. Its worker notes both instead. All else of it is the worker that people have.
 */
const notesWhatItShows = `
const note = async (what) => {
  const shelf = await caches.open('shown-by-the-worker');
  const before = await shelf.match('/shown');
  const all = before ? await before.json() : [];
  await shelf.put('/shown', new Response(JSON.stringify([...all, what])));
};
self.registration.showNotification = (title, { tag, data }) => note({ title, tag, path: data.path });
WorkerNavigator.prototype.setAppBadge = (icon) => note({ icon });
`

async function noteShown(context: BrowserContext): Promise<void> {
  await context.route('**/sw.js', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: notesWhatItShows + (await response.text()) })
  })
}

/** As the browser's own push service would, to a worker that may have stopped long ago. */
async function deliver(context: BrowserContext, elsewhere: Page, data: string): Promise<void> {
  const tools = await context.newCDPSession(elsewhere)
  const found = Promise.withResolvers<string>()
  tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    const own = registrations.find(({ scopeURL }) => scopeURL === `${world.app.url}/`)
    if (own) found.resolve(own.registrationId)
  })
  await tools.send('ServiceWorker.enable')
  const registrationId = await found.promise
  await tools.send('ServiceWorker.deliverPushMessage', { origin: world.app.url, registrationId, data })
}

test('what is pushed while no page is open is shown by the worker, and says where it leads', {
  timeout: 180_000,
}, async () => {
  const [eva, max] = await Promise.all(
    ['eva', 'max'].map((username) => buildPerson(world.app.client, { username })),
  )
  const id = await publish(eva!, { caption: 'Harbour', altText: 'Boats' })
  await using phone = await world.openPhone({ token: eva!.token })
  const { page, context } = phone
  await noteShown(context)
  await page.goto('/')
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  const { keys, decrypt } = createPushKeys()
  const endpoint = `${pushOrigin}/eva`
  await eva!.call('POST /api/push-subscriptions', { body: { endpoint, keys, expirationTime: null } })
  const elsewhere = await context.newPage()
  await page.close()

  await like(max!, id)
  await until(() => pushed.length > 0, 30_000)
  await deliver(context, elsewhere, decrypt(pushed[0]!).toString())
  const again = await context.newPage()
  await again.goto('/notifications')
  const shown = () =>
    again.evaluate(async () => {
      const kept = await (await caches.open('shown-by-the-worker')).match('/shown')
      return kept ? ((await kept.json()) as unknown[]) : []
    })
  await until(async () => (await shown()).length === 2, 30_000)
  assert.deepEqual(await shown(), [
    { icon: 1 },
    { title: '@max liked your post', tag: 'heliograph', path: `/p/${id}` },
  ])
  await again.getByText('max liked your post').waitFor()

  // Whoever looks at the app is told there, by the app.
  await again.bringToFront()
  await deliver(context, elsewhere, JSON.stringify({ title: 'Another', path: '/', unreadCount: 2 }))
  await until(async () => (await shown()).length > 2, 30_000)
  assert.deepEqual((await shown()).slice(2), [{ icon: 2 }])
  assert.deepEqual(phone.complaints, [])
})

const fullChromium = findFullChromium()
const whereSystemShows = fullChromium
  ? false
  : 'only a full browser has it: Debian’s chromium, or CHROMIUM_PATH'

test('what is pushed while no page is open stands among the notifications of the system, once', {
  timeout: 180_000,
  skip: whereSystemShows,
}, async (t) => {
  const [fay, gus] = await Promise.all(
    ['fay', 'gus'].map((username) => buildPerson(world.app.client, { username })),
  )
  const { args } = await findChromium()
  await using browser = await chromium.launch({ executablePath: fullChromium!, args })
  await using phone = await world.openPhone({ token: fay!.token, browser })
  const { page, context } = phone
  await context.grantPermissions(['notifications'], { origin: world.app.url })
  await page.goto('/')
  if ((await page.evaluate(() => Notification.permission)) !== 'granted') return t.skip('a headless shell')
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  const { keys, decrypt } = createPushKeys()
  const body = { endpoint: `${pushOrigin}/fay`, keys, expirationTime: null }
  await fay!.call('POST /api/push-subscriptions', { body })
  const elsewhere = await context.newPage()
  await page.close()

  const id = await publish(fay!, { caption: 'Harbour', altText: 'Boats' })
  pushed.length = 0
  await like(gus!, id)
  await until(() => pushed.length > 0, 30_000)
  /** By a page of ours, which is closed again: where one is looked at nothing is shown. */
  const listShown = async () => {
    const looking = await context.newPage()
    await looking.goto('/healthz')
    const all = await looking.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/')
      const shown = (await registration?.getNotifications()) ?? []
      return shown.map(({ title, silent, data }) => ({ title, silent, path: data.path as string }))
    })
    await looking.close()
    return all
  }
  const told = decrypt(pushed[0]!).toString()
  const one = { title: '@gus liked your post', path: `/p/${id}` }
  for (const silent of [false, true]) {
    await deliver(context, elsewhere, told)
    let shown: { silent: boolean | null }[] = []
    await until(async () => {
      shown = await listShown()
      return shown.some((other) => other.silent === silent)
    }, 30_000)
    assert.deepEqual(shown, [{ ...one, silent }])
  }
  assert.deepEqual(phone.complaints, [])
})
