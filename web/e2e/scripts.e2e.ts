import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
let reader: Person
let postId: string
const fullName = 'ليلى الضوء'
const bio = 'ضوء الصباح #نور'
const caption = 'صباح الخير من برلين #हिन्दी #ภาษาไทย #写真 👩🏽‍🚀 @reader #می‌خواهم'
const tags = ['हिन्दी', 'ภาษาไทย', '写真', 'میخواهم']

before(async () => {
  world = await openWorld()
  reader = await buildPerson(world.app.client, { username: 'reader', fullName: 'מיה אור' })
  const laila = await buildPerson(world.app.client, { username: 'laila', fullName: `\u202e${fullName}` })
  await laila.call('PATCH /api/me', { body: { bio } })
  await follow(reader, laila)
  postId = await publish(laila, { caption, altText: 'زهرة' })
  await laila.call('PATCH /api/posts/:id', { params: { id: postId }, body: { place: { name: 'القاهرة' } } })
  await reader.call('POST /api/posts/:id/comments', {
    params: { id: postId },
    body: { text: 'מדהים, 3 פעמים! @laila' },
  })
})
after(() => world?.[Symbol.asyncDispose]())

for (const size of [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
])
  test(`words of all scripts keep their direction, and nothing sticks out of a mirrored page at ${size.width}`, {
    timeout: 120_000,
  }, async () => {
    await using phone = await world.openPhone({ token: reader.token, size })
    const { page } = phone
    for (const path of ['/', '/laila', '/settings/preferences']) {
      await page.goto(`${path}?dir=rtl`)
      if (path === '/settings/preferences') await page.getByLabel('Language').waitFor()
      else await page.locator('img[src^="/m/"]').first().waitFor()
      await assertFits(page, path)
    }
    await assertAccessible(page, 'mirrored preferences')

    await page.goto('/laila')
    const shown = page.locator('.profile-words')
    await shown.getByText(fullName, { exact: true }).waitFor()
    const bioDirection = await shown.locator('.prose').evaluate((one) => getComputedStyle(one).direction)
    assert.equal(bioDirection, 'rtl')

    await page.goto(`/p/${postId}?dir=rtl`)
    await assertFits(page, 'a post')
    for (const tag of tags)
      await page
        .locator(`a[href="/tags/${encodeURIComponent(tag)}"]`)
        .first()
        .waitFor()
    const back = await page.getByRole('button', { name: 'Back' }).boundingBox()
    const heading = await page.getByRole('heading', { level: 1 }).boundingBox()
    assert.ok((back?.x ?? 0) > (heading?.x ?? 0), 'the way back stands at the other side')
    const arrow = page.getByRole('button', { name: 'Back' }).locator('svg')
    assert.match(await arrow.evaluate((one) => getComputedStyle(one).transform), /^matrix\(-1/)
  })

async function assertFits(page: Page, where: string): Promise<void> {
  assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl')
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(tooWide <= 0, `${where} sticks out by ${tooWide} pixels`)
}
