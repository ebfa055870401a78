import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import type { Post, PostMedia } from '@heliograph/contract/posts'
import { type Browser, chromium, type Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { findChromium } from '../../test-browser/chromium.mjs'
import { publishFilm } from './helpers/films.ts'
import { untilPlaying } from './helpers/playing.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

// What is fetched before one comes to it, as the server is asked for it.

const pageSize = 20
let world: World
let author: Person
let reader: Person
let browser: Browser
/** Newest first. */
let posts: Post[]
before(async () => {
  world = await openWorld()
  author = await buildPerson(world.app.client, { username: 'ada' })
  reader = await buildPerson(world.app.client, { username: 'rea' })
  await follow(reader, author)
  await reader.call('PATCH /api/me', { body: { feedMode: 'chronological' } })
  await Promise.all(Array.from({ length: pageSize - 3 }, (_, which) => publish(author, { which })))
  await publish(author, { which: 1 })
  await publishFilm(author, { hasSound: false })
  await publish(author, { which: 2, photographs: 3 })
  await publish(author, { which: 3 })
  await publish(author, { which: 4 })
  await world.app.settle()
  posts = (await reader.call('GET /api/feed', { query: { mode: 'chronological', limit: 50 } })).items
  browser = await launchUnreaching()
})
after(async () => {
  await browser?.close()
  await world[Symbol.asyncDispose]()
})

/** It fetches what is in sight, and nothing that is only near: what else comes, the page has asked for. */
async function launchUnreaching(): Promise<Browser> {
  const found = await findChromium()
  const lines = ['Unknown', 'Offline', 'Slow2G', '2G', '3G', '4G']
  const settings = lines.map((line) => `lazyLoadingImageMarginPx${line}=0`).join(',')
  return await chromium.launch({ ...found, args: [...found.args, `--blink-settings=${settings}`] })
}

/** Tall posts in a low window, on a screen that shows the large renditions: those tell how quick the line is. */
const openDesk = (wish: { inMotion?: boolean } = {}) =>
  world.openPhone({
    ...{ token: reader.token, browser, density: 2, size: { width: 1100, height: 500 } },
    ...wish,
  })

interface Asked {
  /** Files of posts, without what changes in their addresses, and where in them. */
  media: string[]
  pages: number
}

/** Everything that the server is asked for from now on. */
function listen(t: { after: (done: () => void) => void }): Asked {
  const asked: Asked = { media: [], pages: 0 }
  const note = (message: unknown) => {
    const { url = '', headers } = (message as { request: IncomingMessage }).request
    if (url.startsWith('/m/')) asked.media.push([fileOf(url), headers.range].filter(Boolean).join(' '))
    if (/^\/api\/feed\?.*cursor=/.test(url)) asked.pages++
  }
  diagnostics.subscribe('http.server.request.start', note)
  t.after(() => void diagnostics.unsubscribe('http.server.request.start', note))
  return asked
}

function fileOf(address: string): string {
  return /\/(?:photos|videos)\/.+$/.exec(address)?.[0] ?? ''
}

const placeOf = (page: Page) =>
  page.evaluate(() => Number(document.activeElement?.getAttribute('aria-posinset')))

/** Medium first, large when it is looked at: cards are drawn before anything is known of the line. */
const bothOf = ({ mediumUrl, largeUrl }: PostMedia) => [mediumUrl!, largeUrl!].map(fileOf)
const neededOf = ({ media }: Post) => media.slice(0, 2).flatMap(bothOf)

async function openFeed({ page }: Phone): Promise<void> {
  await page.goto('/')
  await page.waitForFunction(
    (count) => document.querySelectorAll('[role=feed] > article').length === count,
    pageSize,
  )
  await page.waitForFunction(
    () =>
      document.querySelector<HTMLImageElement>('.card img.photo-shown')?.currentSrc.includes('/large/') ??
      false,
  )
}

/** Until nothing more was asked for. */
async function settled(page: Page, asked: Asked): Promise<void> {
  for (let before = -1; before !== asked.media.length; ) {
    before = asked.media.length
    await page.waitForTimeout(700)
  }
}

test('on a quick line the media of the next five posts come, each once, and the film begins with what is here', {
  timeout: 150_000,
}, async (t) => {
  const asked = listen(t)
  await using desk = await openDesk({ inMotion: true })
  const { page } = desk
  await openFeed(desk)
  await settled(page, asked)
  const film = fileOf(posts[3]!.media[0]!.videoUrl!)
  const pictures = () => asked.media.filter((file) => !file.includes(film)).sort()
  assert.deepEqual(pictures(), posts.slice(0, 6).flatMap(neededOf).sort())
  assert.ok(asked.media.includes(`${film} bytes=0-`))

  for (let place = 0; place < 4; ) {
    await page.keyboard.press('j')
    place = await placeOf(page)
  }
  await untilPlaying(page)
  await settled(page, asked)
  assert.equal(new Set(asked.media).size, asked.media.length, 'nothing comes twice')
  assert.deepEqual(pictures(), posts.slice(0, 9).flatMap(neededOf).sort())
  assert.deepEqual(desk.complaints, [])
})

test('on a quick line the next page comes before one is at its last five posts', {
  timeout: 90_000,
}, async (t) => {
  const asked = listen(t)
  await using desk = await openDesk()
  const { page } = desk
  await openFeed(desk)
  const walkTo = async (place: number) => {
    while ((await placeOf(page)) < place) await page.keyboard.press('j')
  }
  await walkTo(pageSize - 6)
  await settled(page, asked)
  assert.equal(asked.pages, 0)
  await walkTo(pageSize - 4)
  await page.waitForFunction(
    (count) => document.querySelectorAll('[role=feed] > article').length > count,
    pageSize,
  )
  assert.equal(asked.pages, 1)
})

for (const [where, wish] of Object.entries({
  'where data is saved': { saves: true },
  'where the browser is told to save data': { connection: { saveData: true, effectiveType: '4g' } },
  'on a line that the browser knows to be slow': { connection: { saveData: false, effectiveType: '3g' } },
}))
  test(`nothing comes ahead ${where}`, { timeout: 90_000 }, async (t) => {
    const { saves, connection } = { saves: false, connection: null, ...wish }
    await reader.call('PATCH /api/me', { body: { dataSaver: saves } })
    t.after(() => reader.call('PATCH /api/me', { body: { dataSaver: false } }))
    const asked = listen(t)
    await using desk = await openDesk()
    const { page } = desk
    if (connection)
      await page.addInitScript((value) => {
        Object.defineProperty(Object.getPrototypeOf(navigator), 'connection', { value })
      }, connection)
    await page.goto('/')
    await page.locator('.card img.photo-shown').first().waitFor()
    await settled(page, asked)
    const [medium, large] = bothOf(posts[0]!.media[0]!)
    const isLight = saves || connection?.saveData === true
    assert.deepEqual(asked.media, isLight ? [medium] : [medium, large])
    while ((await placeOf(page)) < pageSize - 4) await page.keyboard.press('j')
    await settled(page, asked)
    assert.equal(asked.pages, 0, 'nor the next page')
  })
