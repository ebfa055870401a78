import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { buildPerson, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

let world: World
let kim: Person
let ada: Person
let owner: Phone
let nobody: Phone

before(async () => {
  world = await openWorld()
  const { client, modules } = world.app
  ada = await buildPerson(client, { username: 'ada', fullName: 'Ada Licht' })
  kim = await buildPerson(client, { username: 'kim', fullName: 'Kim Brenner' })
  const lea = await buildPerson(client, { username: 'lea', fullName: 'Lea Strahl' })
  await modules.accounts.api.setRoles(ada.id, ['owner'])
  owner = await world.openPhone({ token: ada.token })
  nobody = await world.openPhone({ token: lea.token, scheme: 'dark', size: { width: 1280, height: 800 } })
})
after(async () => {
  for (const phone of [owner, nobody]) await phone?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

it('a server is described by its owner, and everybody reads that', async () => {
  const { page } = owner
  await page.goto('/admin')
  await page.getByText('All accounts').waitFor()
  await assertAccessible(page, 'the overview of the server')
  await page.getByRole('link', { name: 'Server', exact: true }).click()
  await page.getByLabel('Name').fill('Harbour pictures')
  await page.getByLabel('Rules').fill('Be kind.\n\nShare what you made.')
  await page.getByLabel('Address of the source').fill('no address')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('This is not as it should be.').waitFor()
  await assertAccessible(page, 'what a server says of itself, with a mistake')
  await page.getByLabel('Address of the source').fill('https://code.example/harbour')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Everybody can read it now').waitFor()

  const reader = nobody.page
  await reader.goto('/about')
  await reader.getByRole('heading', { name: 'Harbour pictures' }).waitFor()
  assert.deepEqual(await reader.getByRole('listitem').allInnerTexts(), ['Be kind.', 'Share what you made.'])
  await assertAccessible(reader, 'about this server')
})

it('an account is found, suspended with a reason, given back, and given a role; all of it stands in the log', async () => {
  const { page } = owner
  await page.goto('/admin/accounts')
  await page.getByLabel('Name').fill('bren')
  await page.getByText('No such account').waitFor()
  await page.getByLabel('Name').fill('kim')
  await page.getByRole('link', { name: /kim/ }).click()
  await assertAccessible(page, 'an account')

  await page.getByRole('button', { name: 'Suspend' }).click()
  const sheet = page.getByRole('dialog', { name: 'Suspend kim?' })
  await sheet.getByRole('button', { name: 'Suspend' }).click()
  await sheet.getByText('Say why.').waitFor()
  await sheet.getByLabel('Why?').fill('Sold cures.')
  await assertAccessible(page, 'the sheet that suspends')
  await sheet.getByRole('button', { name: 'Suspend' }).click()
  await page.getByText('Reason: Sold cures.').first().waitFor()
  await assertAccessible(page, 'a suspended account')
  // Changed for another reason it never becomes shorter by itself.
  await page.getByRole('button', { name: 'Change the suspension' }).click()
  assert.equal(
    await sheet
      .getByLabel('For how long?')
      .evaluate((field: HTMLSelectElement) => field.selectedOptions[0]?.text),
    'As it is',
  )
  await page.keyboard.press('Escape')

  const visitor = await world.openPhone()
  try {
    await visitor.page.goto('/signup')
    await visitor.page.getByRole('listitem').filter({ hasText: 'Be kind.' }).waitFor()
    await assertAccessible(visitor.page, 'signing up where rules hold')
    await visitor.page.goto('/signin')
    await visitor.page.getByLabel('Username').fill('kim')
    await visitor.page.getByLabel('Password', { exact: true }).fill(kim.password)
    await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await visitor.page.getByText('Sold cures.').waitFor()
    await assertAccessible(visitor.page, 'signing in to a suspended account')
  } finally {
    await visitor[Symbol.asyncDispose]()
  }

  await page.getByRole('button', { name: 'End the suspension' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End the suspension' }).click()
  await page.getByText('kim is back').waitFor()
  await page.getByRole('button', { name: 'Change the role' }).click()
  await page.getByRole('radio', { name: /^Moderator/ }).check()
  await page.getByRole('button', { name: 'Save the role' }).click()
  await page.getByText('The role was changed').waitFor()

  await page.getByRole('link', { name: 'Log', exact: true }).click()
  await page.getByText('changed the role of kim: from No role to Moderator').waitFor()
  await page.getByText('ended the suspension of kim').waitFor()
  await page.getByText('changed what this server says of itself').first().waitFor()
  await assertAccessible(page, 'the log')
  await page.getByLabel('Show').selectOption('decision')
  await page.getByText('Nothing stands here').waitFor()
  assert.deepEqual(
    owner.complaints.filter((one) => !one.includes('400')),
    [],
  )
})

it('an invitation that somebody made is found and withdrawn by an admin', async () => {
  const { page } = owner
  await world.app.modules.accounts.api.invitations.create(null, { maxUses: 3, days: 7, note: 'for the club' })
  await page.goto('/admin')
  await page.getByRole('link', { name: 'Open invitations' }).click()
  await page.getByText(/0 of 3 used/).waitFor()
  assert.equal(await page.getByText('for the club').count(), 0, 'the note is its maker’s')
  await assertAccessible(page, 'all invitations')
  await page.getByRole('button', { name: 'Withdraw the invitation by The operator' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await page.getByText('No open invitations').waitFor()
})

it('whoever has no role is shown none of it', async () => {
  const { page } = nobody
  for (const path of ['/admin', '/admin/accounts/kim', '/admin/log', '/admin/server', '/moderation']) {
    await page.goto(path)
    await page.getByText('This is for those who look after this server').waitFor()
  }
  await assertAccessible(page, 'pages for those with a role')
})
