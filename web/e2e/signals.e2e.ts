import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { openLine } from './helpers/line.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
let author: Person
const posts: string[] = []
before(async () => {
  world = await openWorld()
  author = await buildPerson(world.app.client, { username: 'ivo', fullName: 'Ivo Author' })
  for (let which = 0; which < 3; which++)
    posts.push(
      await publish(author, { caption: `Number ${which} of #light`, altText: `Picture ${which}`, which }),
    )
})
after(() => world[Symbol.asyncDispose]())

async function buildReader(username: string): Promise<Person> {
  const reader = await buildPerson(world.app.client, { username })
  await follow(reader, author)
  await reader.call('PATCH /api/me', { body: { feedMode: 'chronological' } })
  return reader
}

/** Each post in turn, for longer than it takes to scroll past. */
async function lookAtAll(page: Page): Promise<void> {
  for (const which of [2, 1, 0]) {
    const picture = page.getByRole('img', { name: `Picture ${which}` })
    await picture.evaluate(bringIntoSight)
    await page.waitForTimeout(600)
  }
}

/** Until the browser says that it is: on a busy machine that may take longer than the look itself. */
async function bringIntoSight(image: Element): Promise<void> {
  image.scrollIntoView({ block: 'center' })
  await new Promise<void>((resolve) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting && entry.intersectionRatio >= 0.5)) return
        observer.disconnect()
        resolve()
      },
      { threshold: 0.5 },
    )
    observer.observe(image)
  })
}

/** The page goes, and with it what it has not told yet. */
const leave = (page: Page) => page.goto('about:blank')

interface Kept {
  kind: string
  postId: string | null
  username: string | null
  tag: string | null
  dwellMs: number | null
}

async function keptOf(reader: Person, isComplete: (kept: Kept[]) => boolean): Promise<Kept[]> {
  for (;;) {
    const { items } = await reader.call('GET /api/me/signals', { query: { limit: 50 } })
    if (isComplete(items)) return items
    await pause(100)
  }
}

const impressions = (kept: Kept[]) => kept.filter(({ kind }) => kind === 'impression')

function sentBy(page: Page): { ids: string[] } {
  const ids: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname !== '/api/signals') return
    for (const { id } of JSON.parse(request.postData() ?? '').signals as { id: string }[]) ids.push(id)
  })
  return { ids }
}

test('what one looks at is counted once, and not lost with the page on which it was seen', {
  timeout: 60_000,
}, async () => {
  const reader = await buildReader('jon')
  await using phone = await world.openPhone({ token: reader.token })
  const { page } = phone
  await page.goto('/')
  await page.getByRole('img', { name: 'Picture 2' }).waitFor()
  await lookAtAll(page)
  // Shorter than two seconds is no visit.
  await page.waitForTimeout(2000)
  await page.getByRole('link', { name: '#light' }).last().click()
  await page.getByRole('heading', { name: '#light' }).waitFor()
  await page.goto('/ivo')
  await page.getByRole('button', { name: 'Following: ivo' }).waitFor()
  await page.waitForTimeout(2000)
  await leave(page)
  // What the closing page said may be lost on the way: the next one says it again, and it counts once.
  await page.goto('/settings')

  const kept = await keptOf(reader, (all) =>
    ['session', 'hashtag_tap', 'profile_visit'].every(
      (kind) => impressions(all).length >= posts.length && all.some((one) => one.kind === kind),
    ),
  )
  assert.deepEqual(
    impressions(kept)
      .map(({ postId }) => postId)
      .sort(),
    [...posts].sort(),
  )
  assert.ok(impressions(kept).every(({ dwellMs }) => dwellMs! >= 300 && dwellMs! < 20_000))
  const of = (kind: string) => kept.filter((one) => one.kind === kind)
  assert.deepEqual(
    of('hashtag_tap').map(({ tag }) => tag),
    ['light'],
  )
  assert.deepEqual(
    of('profile_visit').map(({ username }) => username),
    ['ivo'],
  )
  assert.deepEqual(phone.complaints, [])
})

test('what one looks at without a connection is told when it is back', { timeout: 60_000 }, async () => {
  const reader = await buildReader('kai')
  await using line = await openLine(world.app.url)
  await using phone = await world.openPhone({ token: reader.token, url: line.url })
  const { page } = phone
  await page.goto('/')
  const picture = page.getByRole('img', { name: 'Picture 0' })
  await picture.scrollIntoViewIfNeeded()
  await picture.evaluate((image: HTMLImageElement) => image.decode())
  await line.cut()
  await page.getByRole('button', { name: 'Like', exact: true }).last().click()
  await page.getByText('What you see was saved earlier').waitFor()
  await lookAtAll(page)
  line.mend()
  await page.getByRole('button', { name: 'Like', exact: true }).last().click()
  await page.getByText('What you see was saved earlier').waitFor({ state: 'detached' })
  await leave(page)
  const kept = await keptOf(reader, (all) => impressions(all).length >= 3)
  assert.deepEqual([...new Set(impressions(kept).map(({ postId }) => postId))].sort(), [...posts].sort())
})

test('nothing is told or kept once personalisation is off, and all of it can be seen and erased before', {
  timeout: 90_000,
}, async () => {
  const reader = await buildReader('lou')
  for (const id of posts) await reader.call('PUT /api/posts/:id/like', { params: { id } })
  await world.app.settle()
  await using phone = await world.openPhone({ token: reader.token })
  const { page } = phone
  await page.goto('/settings/preferences')
  await page.getByRole('link', { name: 'Personalisation' }).click()
  const wanted = page.getByRole('switch', { name: 'Put my feed in order for me' })
  await wanted.waitFor()
  await page.getByRole('heading', { name: 'Hashtags' }).waitFor()
  await page.getByRole('meter', { name: '#light' }).waitFor()
  await assertAccessible(page, 'what the feed has learned')
  await page.getByRole('link', { name: 'Everything, line by line' }).click()
  await page.getByText('Liked a post by ivo').first().waitFor()
  await assertAccessible(page, 'what is kept')

  await page.goBack()
  await page.getByRole('button', { name: 'Erase all of it' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Erase all of it' }).click()
  await page.getByText('Everything is erased').waitFor()
  assert.deepEqual((await reader.call('GET /api/me/signals')).items, [])
  await page.getByRole('heading', { name: 'Nothing learned yet' }).waitFor()

  await wanted.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  assert.equal(await wanted.isChecked(), true)
  await wanted.click()
  await page.getByRole('button', { name: 'Switch off and erase' }).click()
  await page.getByRole('heading', { name: 'Nothing is kept' }).waitFor()
  await assertAccessible(page, 'personalisation switched off')
  assert.equal((await reader.call('GET /api/me')).personalisation, false)

  const sent = sentBy(page)
  await page.goto('/')
  await lookAtAll(page)
  await page.goto('/ivo')
  await page.getByRole('button', { name: 'Following: ivo' }).waitFor()
  await leave(page)
  await world.app.settle()
  assert.deepEqual(sent.ids, [])
  assert.deepEqual((await reader.call('GET /api/me/signals')).items, [])
})

test('less of a post leaves the feed at once, comes back by undo, and stays away otherwise', {
  timeout: 60_000,
}, async () => {
  const reader = await buildReader('max')
  await using phone = await world.openPhone({ token: reader.token })
  const { page } = phone
  const picture = page.getByRole('img', { name: 'Picture 2' })
  const showLess = async () => {
    await page.getByRole('button', { name: 'More about this post' }).first().click()
    await page.getByRole('button', { name: 'Show less of this' }).click()
    await page.getByText('You will see less like this').waitFor()
    await picture.waitFor({ state: 'detached' })
  }
  await page.goto('/')
  await picture.waitFor()
  await showLess()
  assert.equal(
    await page.evaluate(() =>
      document.activeElement?.querySelector('img[alt^="Picture"]')?.getAttribute('alt'),
    ),
    'Picture 1',
    'the focus goes on to the next post',
  )
  await page.getByRole('button', { name: 'Undo' }).click()
  await picture.waitFor()
  await page.getByText('The post is back in your feed.').waitFor({ state: 'attached' })
  await page.reload()
  await picture.waitFor()
  await showLess()
  await page.reload()
  await page.getByRole('img', { name: 'Picture 1' }).waitFor()
  assert.equal(await picture.count(), 0)
  assert.deepEqual(phone.complaints, [])
})
