import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { assertAccessible } from './helpers/axe.ts'
import { choosePhotographs, signUpInBrowser } from './helpers/people.ts'
import { phonePhotograph } from './helpers/photographs.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

const caption = 'First light over the ridge, for @ben #alps'

test('a photograph goes from one phone to the open feed of a friend, who likes it and answers', {
  timeout: 150_000,
}, async (t) => {
  await using ana = await world.openPhone()
  await using ben = await world.openPhone()
  await signUpInBrowser(ana.page, 'ana', 'Ana Sol')
  await signUpInBrowser(ben.page, 'ben', 'Ben Licht')
  await followByName(ben.page, 'ana')
  await ben.page.getByRole('link', { name: 'Home', exact: true }).click()

  const sent = lastByteOf(ana.page)
  await sharePhotograph(ana.page)
  await ben.page.getByRole('button', { name: '1 new post' }).click()
  const card = ben.page.getByRole('article', { name: 'Post by Ana Sol' })
  await waitForPicture(card.getByRole('img', { name: 'A ridge in the morning' }))
  t.diagnostic(`from last byte to visible: ${((Date.now() - (await sent)) / 1000).toFixed(1)} s`)

  assert.ok(await isSquare(card.getByRole('img', { name: 'A ridge in the morning' })), 'the crop is shown')
  await assertAccessible(ben.page, 'the feed with a post')

  await doubleTap(ben.page, card.getByRole('img', { name: 'A ridge in the morning' }))
  await card.getByRole('button', { name: '1 like', exact: true }).waitFor()
  await card.getByRole('button', { name: 'Save', exact: true }).click()
  await comment(ben.page, card, 'What a morning.')
  await answer(ana.page, 'It was cold.')

  const [post] = (
    await world.app.client.call('GET /api/users/:username/posts', { params: { username: 'ana' } })
  ).items
  assert.equal(post?.caption, caption)
  assert.deepEqual([post?.likeCount, post?.commentCount], [1, 2])
  assert.equal(post?.media[0]?.altText, 'A ridge in the morning')
  assert.equal(post?.media[0]?.width, post?.media[0]?.height)
  assert.deepEqual([ana.complaints, ben.complaints], [[], []])
})

async function followByName(page: Page, username: string): Promise<void> {
  await page.getByRole('link', { name: 'Find people' }).click()
  await page.getByRole('searchbox').fill(username)
  await page.getByRole('link', { name: username }).first().click()
  await page.getByRole('button', { name: `Follow: ${username}` }).click()
  await page.getByRole('button', { name: `Following: ${username}` }).waitFor()
}

/** Choose, crop to a square, words. */
async function sharePhotograph(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Share a photograph' }).click()
  await choosePhotographs(page, [await phonePhotograph()])
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('tab', { name: 'Crop' }).click()
  await page.getByRole('button', { name: 'Square' }).click()
  await page.getByRole('application').press('ArrowRight')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Caption').fill(caption)
  await page.keyboard.press('Escape')
  await page.getByLabel('Describe it for people who cannot see it').fill('A ridge in the morning')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('article', { name: 'Post by Ana Sol' }).waitFor()
}

/** When the server has taken the last piece of the first photograph. */
function lastByteOf(page: Page): Promise<number> {
  return new Promise((resolve) => {
    page.on('response', (response) => {
      const request = response.request()
      const isPiece = request.url().includes('/api/uploads') && ['PATCH', 'POST'].includes(request.method())
      const { 'upload-offset': offset } = response.headers()
      if (isPiece && Number(offset) > 0) resolve(Date.now())
    })
  })
}

async function waitForPicture(picture: Locator): Promise<void> {
  await picture.waitFor()
  await picture.evaluate((image: HTMLImageElement) => image.decode())
}

async function isSquare(picture: Locator): Promise<boolean> {
  const { width, height } = (await picture.boundingBox()) ?? { width: 0, height: 1 }
  return Math.abs(width - height) < 1.5
}

async function doubleTap(page: Page, picture: Locator): Promise<void> {
  const box = await picture.boundingBox()
  assert.ok(box)
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 3]
  await page.touchscreen.tap(x, y)
  await page.touchscreen.tap(x, y)
}

async function comment(page: Page, card: Locator, text: string): Promise<void> {
  await card.getByRole('button', { name: 'Comment', exact: true }).click()
  await page.getByLabel('Write a comment').fill(text)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByText(text).waitFor()
}

async function answer(page: Page, text: string): Promise<void> {
  const card = page.getByRole('article', { name: 'Post by Ana Sol' })
  await card.getByRole('button', { name: 'Comment', exact: true }).click()
  await page.getByText('What a morning.').waitFor()
  await page.getByRole('button', { name: 'Reply ben' }).click()
  await page.getByLabel('Write a comment').pressSequentially(text)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.locator('.replies').getByText(text).waitFor()
}
