import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
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

const modeButton = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Order of the feed' }).getByRole('button', { name, exact: true })
const firstPicture = (page: Page) => page.getByRole('article').first().getByRole('img').first()

async function choose(page: Page, mode: string): Promise<void> {
  const answered = page.waitForResponse(
    (response) => response.url().endsWith('/api/me') && response.request().method() === 'PATCH',
  )
  await modeButton(page, mode).click()
  await answered
}

/** By the signals that the app sends. */
async function lookAtNewest(person: Person, limit: number): Promise<void> {
  const { items } = await person.call('GET /api/feed', { query: { mode: 'chronological', limit } })
  const at = new Date().toISOString()
  const signals = items.map(({ id }) => ({
    id: `seen-${id}`,
    kind: 'impression' as const,
    postId: id,
    at,
    dwellMs: 2000,
  }))
  await person.call('POST /api/signals', { body: { signals } })
  await world.app.settle()
}

/** Until the page has read again what came between its first reading and its line: what is new after that has a pill. */
async function openWholly(page: Page): Promise<void> {
  let asked = 0
  const again = page.waitForRequest(
    (request) => request.url().endsWith('/api/me') && request.method() === 'GET' && ++asked === 2,
  )
  await page.goto('/')
  await again
}

describe('the order of the feed', () => {
  test('is changed by one tap, and remembered on the next phone too', { timeout: 90_000 }, async () => {
    await using phone = await world.openPhone({ token: reader.token })
    const { page } = phone
    const asked: string[] = []
    page.on('request', (request) => {
      const mode = new URL(request.url()).searchParams.get('mode')
      if (mode) asked.push(mode)
    })
    await page.goto('/')
    await firstPicture(page).waitFor()
    assert.equal(await modeButton(page, 'For you').getAttribute('aria-pressed'), 'true')
    await choose(page, 'Latest')
    await firstPicture(page).waitFor()
    assert.deepEqual([...new Set(asked)], ['ranked', 'chronological'])
    await assertAccessible(page, 'the feed and its orders')
    assert.equal((await reader.call('GET /api/me')).feedMode, 'chronological')

    await using next = await world.openPhone({ token: reader.token })
    await next.page.goto('/')
    await firstPicture(next.page).waitFor()
    assert.equal(await modeButton(next.page, 'Latest').getAttribute('aria-pressed'), 'true')
    await choose(next.page, 'For you')
    assert.deepEqual([phone.complaints, next.complaints], [[], []])
  })

  test('has favourites, who are marked on their profile and unmarked in the settings', {
    timeout: 90_000,
  }, async () => {
    await publish(friend, { caption: 'By a friend', altText: 'A fox' })
    await using phone = await world.openPhone({ token: reader.token })
    const { page } = phone
    await page.goto('/')
    await choose(page, 'Favourites')
    await page.getByRole('heading', { name: 'Nothing from favourites yet' }).waitFor()
    await assertAccessible(page, 'favourites without one')

    await page.goto('/fox')
    const star = page.getByRole('button', { name: 'Favourite: fox' })
    await star.click()
    await page.getByText('fox is one of your favourites').waitFor()
    assert.equal(await star.getAttribute('aria-pressed'), 'true')
    await assertAccessible(page, 'the profile of a favourite')
    await page.getByRole('link', { name: 'Home', exact: true }).click()
    await page.getByRole('article', { name: 'Post by Fox Friend' }).waitFor()
    assert.equal(await page.getByRole('article', { name: /^Post by/ }).count(), 1)

    await page.goto('/settings/favourites')
    await page.getByRole('button', { name: 'Remove fox from your favourites' }).waitFor()
    await assertAccessible(page, 'the list of favourites')
    await page.getByRole('button', { name: 'Remove fox from your favourites' }).click()
    await page.getByRole('heading', { name: 'No favourites yet' }).waitFor()
    assert.deepEqual(phone.complaints, [])
  })

  test('does not keep a new post from its pill, and never offers one that is not in it', {
    timeout: 90_000,
  }, async () => {
    await reader.call('PUT /api/users/:username/favourite', { params: { username: 'fox' } })
    await using phone = await world.openPhone({ token: reader.token })
    const { page } = phone
    await openWholly(page)
    for (const mode of ['Latest', 'For you', 'Favourites']) {
      await choose(page, mode)
      await firstPicture(page).waitFor()
    }
    await publish(author, { caption: 'Not by a favourite', altText: 'Elsewhere' })
    await publish(friend, { caption: 'By a favourite', altText: 'A vixen' })
    await page.getByRole('button', { name: '1 new post' }).click()
    await page.getByRole('img', { name: 'A vixen' }).waitFor()
    assert.equal(await page.getByRole('img', { name: 'Elsewhere' }).count(), 0)
    const read: (string | null)[] = []
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname === '/api/feed') read.push(searchParams.get('mode'))
    })
    for (const [mode, asked] of [
      ['For you', 'ranked'],
      ['Latest', 'chronological'],
    ] as const) {
      read.length = 0
      await choose(page, mode)
      const pill = page.getByRole('button', { name: '2 new posts' })
      const shown = page.getByRole('img', { name: 'Elsewhere' })
      // A line that was opened again meanwhile makes a page read its other feeds anew: then they stand in it already.
      await pill.or(shown).first().waitFor()
      if (await pill.isVisible()) await pill.click()
      else assert.ok(read.includes(asked), 'one that was not read anew has its pill')
      await shown.waitFor()
    }
    await choose(page, 'For you')
  })
})

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

test('the end of what is new is told, and older posts follow', { timeout: 60_000 }, async () => {
  const guest = await buildPerson(world.app.client, { username: 'gus' })
  await follow(guest, author)
  await using phone = await world.openPhone({ token: guest.token })
  const { page } = phone
  for (const mode of ['For you', 'Latest']) {
    await lookAtNewest(guest, 50)
    await publish(author, { altText: `New in ${mode}` })
    await page.goto('/')
    if (mode !== 'For you') await choose(page, mode)
    const articles = page.getByRole('article')
    await articles
      .nth(0)
      .getByRole('img', { name: `New in ${mode}` })
      .waitFor()
    await articles.nth(1).getByRole('heading', { name: 'You’re all caught up' }).waitFor()
    await articles.nth(2).getByRole('img').first().waitFor()
    const older = articles.nth(1).getByText('Older posts follow.')
    assert.equal(await older.count(), mode === 'For you' ? 0 : 1, 'by rank what was seen may be younger')
    await assertAccessible(page, `the end of what is new, ${mode}`)
    for (const key of ['j', 'j']) await page.keyboard.press(key)
    const [focused, top] = await page.evaluate(() => {
      const { className } = document.activeElement!
      return [className, document.activeElement!.getBoundingClientRect().top] as const
    })
    assert.ok(focused === 'caught-up' && top >= 50, `the bar covers nothing of it: ${focused}, ${top}`)
  }
  assert.deepEqual(phone.complaints, [])
})

test('who follows nobody is not told that they have seen everything, but where people are', {
  timeout: 60_000,
}, async () => {
  const guest = await buildPerson(world.app.client, { username: 'eve' })
  await publish(guest, { altText: 'Mine' })
  await using phone = await world.openPhone({ token: guest.token })
  const { page } = phone
  await page.goto('/')
  await page.getByText('What the people you follow share will stand here too.').waitFor()
  assert.equal(await page.getByText('You have seen everything.').count(), 0)
  await assertAccessible(page, 'a feed of one’s own posts')
  await page.getByRole('link', { name: 'Find people' }).click()
  await page.getByRole('searchbox').waitFor()
  assert.deepEqual(phone.complaints, [])
})

test('no pill announces what was there before the feed was read, however far down its rank', {
  timeout: 90_000,
}, async () => {
  const guest = await buildPerson(world.app.client, { username: 'pia' })
  const prolific = await buildPerson(world.app.client, { username: 'pro' })
  await follow(guest, prolific)
  for (let which = 0; which < 24; which++) await publish(prolific, { altText: `Old ${which}`, which })
  await lookAtNewest(guest, 10)
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

test('a page that does not come leaves its error neither at the edge nor under the bar of no connection', {
  timeout: 60_000,
}, async () => {
  const guest = await buildPerson(world.app.client, { username: 'ned' })
  await Promise.all(
    Array.from({ length: 22 }, (_, which) => publish(guest, { altText: `Mine ${which}`, which })),
  )
  await using phone = await world.openPhone({ token: guest.token })
  const { page, context } = phone
  await page.goto('/')
  await firstPicture(page).waitFor()
  await context.setOffline(true)
  const again = page.locator('.list-end').getByRole('button', { name: 'Try again' })
  await page.waitForFunction(() => {
    window.scrollTo(0, document.documentElement.scrollHeight)
    return document.querySelector('.list-end button') !== null
  })
  await page.locator('.offline').waitFor()
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  const [button, words, bar] = await Promise.all([
    again.boundingBox(),
    page.locator('.list-end p').boundingBox(),
    page.locator('.offline').boundingBox(),
  ])
  assert.ok(Math.min(button!.x, words!.x) >= 16, 'clear of the edge')
  assert.ok(button!.y + button!.height + 16 <= bar!.y, 'clear of the bar')
})

test('why a post stands there is told in a sentence and five measures', { timeout: 60_000 }, async () => {
  await using phone = await world.openPhone({ token: reader.token })
  const { page } = phone
  await page.goto('/')
  await choose(page, 'Latest')
  await firstPicture(page).waitFor()
  const openMenu = () => page.getByRole('button', { name: 'More about this post' }).first().click()
  await openMenu()
  await page.getByRole('button', { name: 'Show less of this' }).waitFor()
  assert.equal(
    await page.getByRole('button', { name: 'Why am I seeing this?' }).count(),
    0,
    'the time says it',
  )
  await page.keyboard.press('Escape')

  await choose(page, 'For you')
  await firstPicture(page).waitFor()
  await openMenu()
  await page.getByRole('button', { name: 'Why am I seeing this?' }).click()
  const sheet = page.getByRole('dialog', { name: 'Why you see this' })
  for (const name of [
    /^You and /,
    'Your interests',
    'How new it is',
    'What people made of it',
    'Your habits',
  ]) {
    const measure = sheet.getByRole('meter', { name })
    await measure.waitFor()
    assert.match((await measure.getAttribute('aria-valuetext')) ?? '', /^\d+%$/)
  }
  await assertAccessible(page, 'why a post is seen')
  await sheet.getByRole('link', { name: 'What the feed knows about you' }).click()
  await page.getByRole('switch', { name: 'Put my feed in order for me' }).waitFor()
  assert.deepEqual(phone.complaints, [])
})

test('J and K go from post to post, not while one types, and not when they are turned off', {
  timeout: 60_000,
}, async () => {
  await using phone = await world.openPhone({ token: reader.token, size: { width: 1280, height: 800 } })
  const { page } = phone
  await page.goto('/')
  await firstPicture(page).waitFor()
  const place = () => page.evaluate(() => document.activeElement?.getAttribute('aria-posinset'))
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
    return await place()
  }
  assert.equal(await press('j'), '1')
  assert.equal(await press('j', 'j'), '3')
  assert.equal(await press('k'), '2')
  assert.equal(await press('PageDown'), '3')
  const top = await page.evaluate(() => document.activeElement!.getBoundingClientRect().top)
  assert.ok(top >= 50, `the bar covers nothing of it: ${top}`)

  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await sheet.waitFor()
  await assertAccessible(page, 'the list of keys')
  await sheet.getByRole('switch', { name: 'Single letters' }).click()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  await page.getByRole('article').nth(2).focus()
  assert.equal(await press('j'), '3', 'turned off')
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await sheet.getByRole('switch', { name: 'Single letters' }).click()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })

  await page.goto('/search')
  await page.getByRole('searchbox').fill('')
  await page.keyboard.type('jk')
  assert.equal(await page.getByRole('searchbox').inputValue(), 'jk')
})
