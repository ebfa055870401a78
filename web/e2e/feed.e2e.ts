import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { firstPicture, lookAtNewest, openWholly } from './helpers/feed.ts'
import { publish } from './helpers/posts.ts'
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
async function choose(page: Page, mode: string): Promise<void> {
  const answered = page.waitForResponse(
    (response) => response.url().endsWith('/api/me') && response.request().method() === 'PATCH',
  )
  await modeButton(page, mode).click()
  await answered
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

test('the end of what is new is told, and older posts follow', { timeout: 60_000 }, async () => {
  const guest = await buildPerson(world.app.client, { username: 'gus' })
  await follow(guest, author)
  await using phone = await world.openPhone({ token: guest.token })
  const { page } = phone
  for (const mode of ['For you', 'Latest']) {
    await lookAtNewest(world, guest, 50)
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
