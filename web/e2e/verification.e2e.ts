import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildPerson, follow } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld } from './helpers/world.ts'

test('who asks to be verified is looked at by an admin, wears the mark everywhere, and is warned before a name takes it', {
  timeout: 120_000,
}, async () => {
  await using world = await openWorld()
  const lea = await buildPerson(world.app.client, { username: 'lea', fullName: 'Lea Strahl' })
  const ada = await buildPerson(world.app.client, { username: 'ada' })
  await world.app.modules.accounts.api.setRoles(ada.id, ['admin'])
  await using phone = await world.openPhone({ token: lea.token })
  await using desk = await world.openPhone({ token: ada.token, size: { width: 1280, height: 800 } })
  const { page } = phone

  const { buffer } = await smallPhotograph(0)

  await page.goto('/settings/account')
  await page.getByRole('link', { name: 'Verification' }).click()
  await page.getByLabel('Full name').fill('Lea Marie Strahl')
  await page.getByLabel('Where others write about you').fill('magazine.example')
  await page.getByText(/^Write whole addresses/).waitFor()
  await page.getByLabel('Where others write about you').fill('https://magazine.example/lea')
  await page.locator('input[type=file]').setInputFiles([
    { name: 'card.jpg', mimeType: 'image/jpeg', buffer },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no') },
  ])
  await page.getByText(/^notes.txt is not/).waitFor()
  await page.locator('input[type=file]').setInputFiles({ name: 'card.jpg', mimeType: 'image/jpeg', buffer })
  await page.getByText('card.jpg', { exact: true }).waitFor()
  await assertAccessible(page, 'a request to be verified')
  await page.getByRole('button', { name: 'Send the request' }).click()
  await page.getByRole('heading', { name: 'Your request is being looked at' }).waitFor()
  await assertAccessible(page, 'a request that waits')

  await desk.page.goto('/admin')
  await desk.page.getByRole('link', { name: 'Requests to be verified 1' }).waitFor()
  await desk.page.getByRole('link', { name: 'Verification 1', exact: true }).click()
  const card = desk.page.getByRole('article', { name: 'Request by lea' })
  const show = card.getByRole('button', { name: 'Look at what was sent' })
  await show.waitFor()
  assert.equal(await card.getByRole('img').count(), 0, 'nothing is looked at before one means to')
  assert.equal(await card.getByText('Lea Marie Strahl').count(), 0, 'nor is the legal name told')
  await show.click()
  await card.getByText('Lea Marie Strahl').waitFor()
  const shown = card.getByRole('img', { name: 'Evidence 1' })
  await shown.evaluate((image: HTMLImageElement) => image.decode())
  await assertAccessible(desk.page, 'the queue of requests')
  await card.getByRole('button', { name: 'Verify' }).click()
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Verify' }).click()
  await desk.page.getByRole('heading', { name: 'No request waits' }).waitFor()
  await desk.page.getByRole('link', { name: 'Verification', exact: true }).waitFor()

  await page.getByRole('heading', { name: 'Your account is verified' }).waitFor()
  await page.goto('/lea')
  await page.getByRole('img', { name: 'Verified' }).waitFor()
  await page.getByRole('button', { name: 'Edit profile' }).click()
  const sheet = page.getByRole('dialog', { name: 'Edit profile' })
  await sheet.getByLabel('Name', { exact: true }).fill('Somebody else')
  await sheet.getByRole('button', { name: 'Save' }).click()
  const warning = page.getByRole('dialog', { name: 'Change the name and lose the mark?' })
  await warning.getByRole('button', { name: 'Cancel' }).click()
  assert.equal((await lea.call('GET /api/me')).isVerified, true)
  await sheet.getByRole('button', { name: 'Save' }).click()
  await warning.getByRole('button', { name: 'Change and lose the mark' }).click()
  await page.getByRole('img', { name: 'Verified' }).waitFor({ state: 'detached' })
  await page.goto('/settings/verification')
  await page.getByRole('heading', { name: 'The mark went with the name' }).waitFor()

  await desk.page.goto('/admin/accounts/lea')
  await desk.page.getByRole('button', { name: 'Verify' }).click()
  await desk.page.getByRole('dialog').getByText('“Somebody else”').waitFor()
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Verify' }).click()
  await desk.page.getByRole('img', { name: 'Verified' }).waitFor()
  await page.goto('/lea')
  await page.getByRole('img', { name: 'Verified' }).waitFor()
  const id = await publish(ada)
  await follow(lea, ada)
  await lea.call('POST /api/posts/:id/comments', { params: { id }, body: { text: 'Good light' } })
  const talk = await lea.call('POST /api/conversations', { body: { members: ['ada'] } })
  const body = { clientId: 'first-words-1', text: 'Hello', attachments: [] }
  await lea.call('POST /api/conversations/:id/messages', { params: { id: talk.id }, body })
  for (const path of [`/p/${id}`, '/notifications', '/messages/requests', `/messages/${talk.id}`]) {
    await desk.page.goto(path)
    await desk.page.getByRole('main').getByRole('img', { name: 'Verified' }).first().waitFor()
  }
  await desk.page.goto('/admin/accounts/lea')
  await desk.page.getByRole('button', { name: 'Take the mark away' }).click()
  const taking = desk.page.getByRole('dialog')
  await taking.getByText('lea reads the reason').waitFor()
  await taking.getByLabel('Why? The person reads it.').fill('It is not her.')
  await assertAccessible(desk.page, 'taking the mark away')
  await taking.getByRole('button', { name: 'Take the mark away' }).click()
  await desk.page.getByRole('button', { name: 'Verify' }).waitFor()
  await desk.page.getByText('ada took the verification of lea back').waitFor()
  await page.goto('/settings/verification')
  await page.getByRole('heading', { name: 'The mark was taken away' }).waitFor()
  await page.getByText('It is not her.').waitFor()
})
