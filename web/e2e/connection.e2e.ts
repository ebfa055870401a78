import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { buildPerson, follow } from '../../server/test/helpers/factories.ts'
import { openLine } from './helpers/line.ts'
import { choosePhotographs, shareInBrowser } from './helpers/people.ts'
import { phonePhotograph, smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

test('what was seen is there without a connection, and nothing of it after signing out', {
  timeout: 90_000,
}, async () => {
  const cleo = await buildPerson(world.app.client, { username: 'cleo' })
  const dan = await buildPerson(world.app.client, { username: 'dan' })
  await follow(dan, cleo)
  await publish(cleo, { caption: 'Kept for the train', altText: 'Leaves' })
  await using line = await openLine(world.app.url)
  await using phone = await world.openPhone({ token: dan.token, url: line.url })
  const { page } = phone

  await page.goto('/')
  await page.getByRole('img', { name: 'Leaves' }).waitFor()
  await untilSaved(page, ['/api/feed', '/medium/'])
  await line.cut()
  await page.reload()
  await page.getByText('What you see was saved earlier').waitFor()
  await page.getByText('Kept for the train').waitFor()
  const width = await page
    .getByRole('img', { name: 'Leaves' })
    .evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))
  assert.ok(width > 0)

  line.mend()
  await page.goto('/dan')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Create an account' }).waitFor()
  assert.deepEqual(await savedAddresses(page), [])
  const left = await page.evaluate(() => Object.keys(localStorage))
  assert.deepEqual(
    left.filter((name) => !['heliograph.theme', 'heliograph.language'].includes(name)),
    [],
  )
})

test('an upload that is cut off goes on where it was, and makes one post', { timeout: 90_000 }, async () => {
  const eva = await buildPerson(world.app.client, { username: 'eva' })
  await using line = await openLine(world.app.url)
  await using phone = await world.openPhone({ token: eva.token, url: line.url })
  const offsets: number[] = []
  phone.page.on('request', (request) => {
    if (request.method() === 'PATCH' && request.url().includes('/api/uploads'))
      offsets.push(Number(request.headers()['upload-offset']))
  })
  await phone.page.goto('/')
  const cut = line.cut(400_000)
  await shareInBrowser(phone.page, [await phonePhotograph()], { caption: 'Through a tunnel' })
  await cut
  await phone.page.getByText('Waiting for the connection').waitFor()
  line.mend()
  await untilPosts(eva.username, 1)
  assert.equal(offsets[0], 0)
  assert.ok(
    offsets.slice(1).some((offset) => offset > 0),
    `sent from ${offsets.join(', ')}`,
  )
})

test('a photograph that changed on its way is sent again, and makes one post', {
  timeout: 90_000,
}, async () => {
  const gil = await buildPerson(world.app.client, { username: 'gil' })
  await using line = await openLine(world.app.url)
  await using phone = await world.openPhone({ token: gil.token, url: line.url })
  const answers: number[] = []
  phone.page.on('response', (response) => {
    if (response.request().method() === 'PATCH' && response.url().includes('/api/uploads'))
      answers.push(response.status())
  })
  await phone.page.goto('/')
  line.spoil(400_000)
  await shareInBrowser(phone.page, [await phonePhotograph()], { caption: 'Through a bad line' })
  await untilPosts(gil.username, 1)
  assert.deepEqual(answers, [460, 204])
})

test('a page that is closed while sharing loses nothing', { timeout: 90_000 }, async () => {
  const fay = await buildPerson(world.app.client, { username: 'fay' })
  await using line = await openLine(world.app.url)
  await using phone = await world.openPhone({ token: fay.token, url: line.url })
  await phone.page.goto('/')
  await phone.page.getByRole('link', { name: 'Share a photograph' }).waitFor()
  await phone.page.goto('/share')
  await phone.page.getByRole('button', { name: 'Choose photographs' }).waitFor()
  await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  const cut = line.cut(20_000)
  await shareInBrowser(phone.page, [await smallPhotograph(1)], { caption: 'Closed too early' })
  await cut
  await phone.page.getByText('Waiting for the connection').waitFor()
  await phone.page.close()

  line.mend()
  const again = await phone.context.newPage()
  await again.goto('/')
  await again.getByText('Closed too early').waitFor()
  await untilPosts(fay.username, 1)
})

test('a page that is loaded anew while sharing loses nothing where the browser keeps no files, or nothing more', {
  timeout: 60_000,
}, async () => {
  const hal = await buildPerson(world.app.client, { username: 'hal' })
  await using phone = await world.openPhone({ token: hal.token })
  const { page } = phone
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    void dialog.accept()
  })
  await page.addInitScript(refuseFiles)
  const describe = async (caption: string, which: number) => {
    await page.goto('/share')
    await choosePhotographs(page, [await smallPhotograph(which)])
    await untilDraft(page)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByLabel('Caption').fill(caption)
  }
  const shareUpToItsBytes = async () => {
    await page.route('**/api/uploads/*', () => undefined)
    const sending = page.waitForRequest((one) => one.method() === 'PATCH')
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await sending
  }
  const loadAnew = async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.reload()
  }

  await describe('Bytes alone', 1)
  await shareUpToItsBytes()
  await loadAnew()
  await untilPosts(hal.username, 1)
  assert.deepEqual(asked, [], 'what is kept needs no question')

  await describe('Not written', 2)
  await page.evaluate(refuseAll)
  await shareUpToItsBytes()
  await page.getByText('Keep this page open').waitFor()
  await loadAnew()
  await untilPosts(hal.username, 2)
  assert.deepEqual(asked, ['beforeunload'])
  const { items } = await hal.call('GET /api/users/:username/posts', { params: { username: hal.username } })
  assert.deepEqual(items.map(({ caption }) => caption).sort(), ['Bytes alone', 'Not written'])
})

async function untilDraft(page: Page): Promise<void> {
  await until(() =>
    page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          const opening = indexedDB.open('heliograph-drafts')
          opening.onsuccess = () => {
            const count = opening.result.transaction('drafts').objectStore('drafts').count()
            count.onsuccess = () => {
              opening.result.close()
              resolve(count.result > 0)
            }
          }
        }),
    ),
  )
}

/** In the page: as private windows of Safari do it. */
function refuseFiles(): void {
  const put = IDBObjectStore.prototype.put
  const hasFile = (value: unknown): boolean =>
    value instanceof Blob ||
    (typeof value === 'object' && value !== null && Object.values(value).some(hasFile))
  IDBObjectStore.prototype.put = function (value, key) {
    if (hasFile(value)) throw new DOMException('no files here', 'DataCloneError')
    return put.call(this, value, key)
  }
}

/** In the page: a device that is full, or a page that is gone before anything is written. */
function refuseAll(): void {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('no room', 'QuotaExceededError')
  }
}

/** The worker keeps things after it has answered with them. */
async function untilSaved(page: Page, parts: string[]): Promise<void> {
  await until(async () => {
    const addresses = await savedAddresses(page)
    return parts.every((part) => addresses.some((address) => address.includes(part)))
  })
}

function savedAddresses(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.includes('saved'))
    const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
    return keys.flat().map(({ url }) => url)
  })
}

async function untilPosts(username: string, count: number): Promise<void> {
  await until(async () => {
    const { items } = await world.app.client.call('GET /api/users/:username/posts', { params: { username } })
    return items.filter(({ status }) => status === 'ready').length === count
  })
}

/** As long as it takes: the test has its own end. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(100)
}
