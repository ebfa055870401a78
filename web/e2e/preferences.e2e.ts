import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { buildPerson } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { openWorld } from './helpers/world.ts'

test('what is chosen on one device holds on the other without a reload, and a refusal is put back', {
  timeout: 120_000,
}, async () => {
  await using world = await openWorld()
  const lea = await buildPerson(world.app.client, { username: 'lea' })
  await using phone = await world.openPhone({ token: lea.token })
  await using desk = await world.openPhone({ token: lea.token, size: { width: 1280, height: 800 } })
  const { page } = phone
  await desk.page.goto('/settings/preferences')
  await desk.page.getByLabel('Language').waitFor()
  await page.goto('/settings')
  await page.getByRole('link', { name: /^Preferences/ }).click()

  await page.getByRole('button', { name: /^Time zone/ }).click()
  const sheet = page.getByRole('dialog', { name: 'Time zone' })
  await sheet.getByRole('searchbox').fill('kathm')
  await assertAccessible(page, 'the search for a time zone')
  await sheet.getByRole('button', { name: /^Kat/ }).click()
  await page.getByRole('button', { name: /^Time zone.*UTC\+5:45/ }).waitFor()

  await page.getByLabel('Videos begin by themselves').selectOption('Never')
  await page.getByLabel('The feed opens with').selectOption('Latest')
  await page.getByLabel('Theme').selectOption('Dark')
  await page.getByLabel('Language').selectOption('Deutsch')
  await page.getByRole('heading', { name: 'Vorlieben' }).waitFor()

  await desk.page.getByRole('heading', { name: 'Vorlieben' }).waitFor()
  await desk.page.locator('html[data-theme="dark"][lang="de"]').waitFor({ state: 'attached' })
  await desk.page.getByRole('button', { name: /^Zeitzone.*UTC\+5:45/ }).waitFor()
  assert.equal(await desk.page.getByLabel('Videos beginnen von selbst').inputValue(), 'never')
  assert.equal(await desk.page.getByLabel('Der Feed öffnet mit').inputValue(), 'chronological')

  await page.route('**/api/me', (route) =>
    route.request().method() === 'PATCH' ? route.abort() : route.continue(),
  )
  await page.getByLabel('Sprache').selectOption('English')
  await page.getByRole('heading', { name: 'Vorlieben' }).waitFor()
  await page.locator('html[lang="de"]').waitFor({ state: 'attached' })

  // A copy of everything of one's own is not lost on its way through the pages.
  await desk.page.goto('/settings/account')
  await desk.page.getByRole('link', { name: 'Eine Kopie von allem' }).click()
  await desk.page.getByRole('button', { name: 'Kopie anfordern' }).click()
  await desk.page.getByRole('meter', { name: 'Deine Kopie wird erstellt' }).waitFor()
  await world.app.settle()
  const download = desk.page.getByRole('button', { name: 'Herunterladen' })
  await download.waitFor()
  await assertAccessible(desk.page, 'a copy that is ready')
  const [file] = await Promise.all([desk.page.waitForEvent('download'), download.click()])
  assert.match(file.suggestedFilename(), /^heliograph-lea-[0-9-]+\.zip$/)
  assert.equal((await readFile(await file.path())).subarray(0, 2).toString(), 'PK')
})
