import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildPerson } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

test('one damaged file does not keep the others, and is told by its place', { timeout: 90_000 }, async () => {
  const dee = await buildPerson(world.app.client, { username: 'dee' })
  const fine = [(await smallPhotograph(0)).buffer, (await smallPhotograph(1)).buffer]
  const damaged = fine[1]!.subarray(0, 3000)
  const media = []
  for (const [at, buffer] of [fine[0]!, damaged, fine[1]!].entries())
    media.push({ uploadId: await dee.upload(buffer), altText: `Picture ${at + 1}` })
  const { id } = await dee.call('POST /api/posts', { body: { caption: 'Not lost', media } })
  await using phone = await world.openPhone({ token: dee.token })
  const { page } = phone
  // Whoever closed the app meanwhile finds it among the notifications.
  await page.goto('/notifications')
  const told = page.getByRole('link', { name: /^Your post could not be prepared/ })
  await told.waitFor()
  await assertAccessible(page, 'a notification of a post that failed')
  if (process.env.HELIOGRAPH_SHOTS)
    await page.screenshot({ path: `${process.env.HELIOGRAPH_SHOTS}/failed.png` })
  await told.click()
  await page.getByText('Number 2 of 3: The file is damaged and cannot be read.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0, 'it cannot help')
  await assertAccessible(page, 'a post that failed')
  await page.getByRole('button', { name: 'Share without it' }).click()
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Like', exact: true }).waitFor()
  const post = await world.app.client.call('GET /api/posts/:id', { params: { id } })
  assert.deepEqual(
    [post.caption, post.media.map(({ altText }) => altText)],
    ['Not lost', ['Picture 1', 'Picture 3']],
  )
  // Visitors, and so previews, know nothing of the post before it is out.
  assert.deepEqual(
    phone.complaints.filter((text) => !text.includes('404')),
    [],
  )
})

test('a post that failed while its author was away stands on top of their feed and is named in their profile', {
  timeout: 90_000,
}, async () => {
  const eli = await buildPerson(world.app.client, { username: 'eli' })
  await using phone = await world.openPhone({ token: eli.token })
  const { page } = phone
  await page.goto('/share')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose photographs or videos' }).click()
  const html = { name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<!doctype html><p>Hi') }
  await (await chooser).setFiles([html])
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const told = page.getByRole('feed').getByRole('alert')
  await told.getByText('This post could not be prepared').waitFor()

  // Long after, when the server's own feed has no word of it.
  await page.route('**/api/feed?*', (route) =>
    route.fulfill({ json: { items: [], nextCursor: null, mode: 'ranked', caughtUpAfter: null } }),
  )
  await page.reload()
  await told.getByText('This kind of file cannot be shown.').waitFor()
  await page.goto('/eli')
  await page.getByRole('link', { name: /^Post of .+: Not prepared$/ }).waitFor()
  await assertAccessible(page, 'a profile with a post that failed')
  await page.goBack()
  await told.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await told.waitFor({ state: 'detached' })
})
