import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { firstPicture, lookAtNewest, openWholly } from './helpers/feed.ts'
import { publish } from './helpers/posts.ts'
import { drag } from './helpers/touch.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
let reader: Person
let author: Person
let friend: Person
before(async () => {
  world = await openWorld()
  author = await buildPerson(world.app.client, { username: 'ada', fullName: 'Ada Author' })
  friend = await buildPerson(world.app.client, { username: 'fox', fullName: 'Fox Friend' })
  reader = await buildPerson(world.app.client, { username: 'rea' })
  for (const other of [author, friend]) await follow(reader, other)
  await Promise.all(
    Array.from({ length: 8 }, (_, which) =>
      publish(author, { caption: `Picture ${which}`, altText: `Picture ${which}`, which }),
    ),
  )
})
after(() => world[Symbol.asyncDispose]())

test('what the pill announces and what one shares stand first, whatever their rank', {
  timeout: 90_000,
}, async () => {
  const stranger = await buildPerson(world.app.client, { username: 'sid' })
  const guest = await buildPerson(world.app.client, { username: 'guy' })
  for (const other of [author, stranger]) await follow(guest, other)
  const { items } = await guest.call('GET /api/feed')
  for (const { id } of items) await guest.call('PUT /api/posts/:id/like', { params: { id } })
  await world.app.settle()
  await using phone = await world.openPhone({ token: guest.token })
  const { page } = phone
  await page.goto('/')
  await firstPicture(page).waitFor()
  await publish(stranger, { altText: 'Announced' })
  await publish(stranger, { altText: 'Announced later' })
  await page.getByRole('button', { name: '2 new posts' }).click()
  const articles = page.getByRole('article', { name: /^Post by/ })
  await articles.nth(0).getByRole('img', { name: 'Announced later' }).waitFor()
  await articles.nth(1).getByRole('img', { name: 'Announced', exact: true }).waitFor()
  assert.equal(await page.getByRole('img', { name: 'Announced', exact: true }).count(), 1)

  await publish(guest, { altText: 'My own' })
  await articles.nth(0).getByRole('img', { name: 'My own' }).waitFor()
  await page.reload()
  await articles.nth(0).getByRole('img', { name: 'My own' }).waitFor()
  assert.deepEqual(phone.complaints, [])
})

test('a new post that is gone again is not announced any more', { timeout: 60_000 }, async () => {
  await using phone = await world.openPhone({ token: reader.token })
  const { page } = phone
  await openWholly(page)
  await firstPicture(page).waitFor()
  const id = await publish(friend, { altText: 'Soon gone' })
  const pill = page.getByRole('button', { name: '1 new post' })
  await pill.waitFor()
  await friend.call('DELETE /api/posts/:id', { params: { id } })
  await pill.waitFor({ state: 'detached' })
  assert.deepEqual(phone.complaints, [])
})

test('the pill does not announce what stands on the page, whatever was asked before it came there', {
  timeout: 60_000,
}, async () => {
  await using phone = await world.openPhone({ token: reader.token })
  const { page } = phone
  const [published, cleared, looked] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ]
  let readings = 0
  await page.route('**/api/feed?*', async (route) => {
    const query = new URL(route.request().url()).searchParams
    const isLook = query.get('mode') === 'chronological' && !query.has('limit')
    if (isLook) {
      await published.promise
      const response = await route.fetch()
      await cleared.promise
      await route.fulfill({ response })
      looked.resolve()
      return
    }
    if (query.get('mode') === 'ranked' && ++readings === 2) {
      cleared.resolve()
      await looked.promise
    }
    await route.continue()
  })
  const asked = page.waitForRequest((request) => request.url().endsWith('mode=chronological'))
  await page.goto('/')
  await firstPicture(page).waitFor()
  await asked
  await publish(author, { altText: 'In between' })
  published.resolve()
  const pill = page.getByRole('button', { name: '1 new post' })
  await pill.click()
  await page.getByRole('img', { name: 'In between' }).waitFor()
  assert.equal(await pill.count(), 0)
})

describe('the feed is read again', () => {
  for (const inMotion of [true, false]) {
    test(`by pulling it down${inMotion ? '' : ', where nothing moves either'}`, {
      timeout: 60_000,
    }, async () => {
      await using phone = await world.openPhone({ token: reader.token, inMotion })
      const { page } = phone
      await page.goto('/')
      await firstPicture(page).waitFor()
      const altText = `Pulled ${inMotion}`
      await publish(author, { altText })
      await page.getByRole('button', { name: '1 new post' }).waitFor()
      const article = (await page.getByRole('article').first().boundingBox())!
      await drag(page, { x: 200, y: article.y + 200 }, { x: 200, y: article.y + 240 })
      assert.equal(await page.getByRole('button', { name: '1 new post' }).count(), 1, 'a short pull is none')
      await drag(page, { x: 200, y: article.y + 200 }, { x: 210, y: article.y + 440 })
      await page.getByRole('img', { name: altText }).waitFor()
      await page.getByText('The feed is up to date.').waitFor({ state: 'attached' })
      assert.equal(await page.getByRole('button', { name: '1 new post' }).count(), 0)
      await page.locator('.pull[data-state="still"]').waitFor()
    })
  }

  test('by a button and by a key on wide screens', { timeout: 60_000 }, async () => {
    await using phone = await world.openPhone({ token: reader.token, size: { width: 1280, height: 800 } })
    const { page } = phone
    await page.goto('/')
    await firstPicture(page).waitFor()
    const isFeed = (request: { url(): string }) => request.url().includes('/api/feed')
    const [byButton] = await Promise.all([
      page.waitForRequest(isFeed),
      page.getByRole('button', { name: 'Read the feed again' }).click(),
    ])
    const [byKey] = await Promise.all([page.waitForRequest(isFeed), page.keyboard.press('r')])
    assert.ok(byButton !== byKey)
  })
})

test('no pill announces what was there before the feed was read, however far down its rank', {
  timeout: 90_000,
}, async () => {
  const guest = await buildPerson(world.app.client, { username: 'pia' })
  const prolific = await buildPerson(world.app.client, { username: 'pro' })
  await follow(guest, prolific)
  for (let which = 0; which < 24; which++) await publish(prolific, { altText: `Old ${which}`, which })
  await lookAtNewest(world, guest, 10)
  // What came in the two seconds before a reading may have come too late for it.
  await setTimeout(2500)
  await using phone = await world.openPhone({ token: guest.token })
  const { page } = phone
  const looked = page.waitForResponse(
    (response) => response.url().includes('mode=chronological') && response.request().method() === 'GET',
  )
  await page.goto('/')
  await firstPicture(page).waitFor()
  await looked
  await page.getByRole('button', { name: /new posts?$/ }).waitFor({ state: 'detached' })
  await publish(prolific, { altText: 'New' })
  await page.getByRole('button', { name: '1 new post' }).waitFor()
  assert.deepEqual(phone.complaints, [])
})
