import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

let world: World
let guest: Person
before(async () => {
  world = await openWorld()
  const author = await buildPerson(world.app.client, { username: 'finn' })
  guest = await buildPerson(world.app.client, { username: 'gina' })
  await follow(guest, author)
  for (const which of [0, 1]) await publish(author, { altText: `Picture ${which}`, which })
})
after(() => world[Symbol.asyncDispose]())

/** Sharp enough that the large rendition is wanted. */
const openPhone = () => world.openPhone({ token: guest.token, density: 3 })

test('a photograph comes in medium size first, and large once it is looked at', async () => {
  await using phone = await openPhone()
  const asked = renditionsOf(phone.page)
  await phone.page.goto('/')
  await sharpened(phone)
  const first = asked.filter((address) => fileOf(address) === fileOf(asked[0]!))
  assert.deepEqual(first.map(sizeOf), ['medium', 'large'])
})

test('no large photograph comes for who saves data, by our setting or by the browser’s', async () => {
  await guest.call('PATCH /api/me', { body: { dataSaver: true } })
  try {
    await using phone = await openPhone()
    assert.deepEqual(new Set(await lookAround(phone.page)), new Set(['medium']))
  } finally {
    await guest.call('PATCH /api/me', { body: { dataSaver: false } })
  }
  await using phone = await openPhone()
  await phone.page.addInitScript(() => {
    Object.defineProperty(Object.getPrototypeOf(navigator), 'connection', { value: { saveData: true } })
  })
  assert.deepEqual(new Set(await lookAround(phone.page)), new Set(['medium']))
})

/** Sizes that were asked for by the time that a look at each photograph would have brought the large ones. */
async function lookAround(page: Page): Promise<string[]> {
  const asked = renditionsOf(page)
  await page.goto('/')
  for (const which of [1, 0]) {
    const picture = page.getByRole('img', { name: `Picture ${which}` })
    await picture.scrollIntoViewIfNeeded()
    await picture.evaluate((image: HTMLImageElement) => image.decode())
    await page.waitForTimeout(1000)
  }
  assert.ok(asked.length >= 2)
  return asked.map(sizeOf)
}

async function sharpened({ page }: Phone): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLImageElement>('.card img')].some(
      ({ currentSrc, complete }) => complete && currentSrc.includes('/large/'),
    ),
  )
}

function renditionsOf(page: Page): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    if (/\/photos\/.+\/(?:medium|large)\//.test(request.url())) asked.push(request.url())
  })
  return asked
}

function sizeOf(address: string): string {
  return /\/(medium|large)\//.exec(address)?.[1] ?? ''
}

/** Medium and token are the same for all sizes of a photograph. */
function fileOf(address: string): string {
  return /\/([^/]+)_\d+\.\w+$/.exec(address)?.[1] ?? ''
}
