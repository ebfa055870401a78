import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { listKeptMails } from '../../server/src/platform/mail/mail.ts'
import { buildPerson } from '../../server/test/helpers/factories.ts'
import { until } from '../../server/test/helpers/until.ts'
import { assertAccessible } from './helpers/axe.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

/** The link of the last mail to this address that has such a one. */
async function linkIn(address: string, page: string): Promise<string> {
  let link = ''
  await until(async () => {
    const mails = (await listKeptMails(`${world.app.dataFolder}/mail`)).filter(({ to }) => to === address)
    link = mails.flatMap(({ text }) => new RegExp(`${page}\\S*`).exec(text)?.[0] ?? []).at(-1) ?? ''
    return link !== ''
  })
  return link
}

test('an address is changed, a forgotten password set anew by mail, and an account deleted and taken back', {
  timeout: 150_000,
}, async () => {
  const ola = await buildPerson(world.app.client, { username: 'ola', email: 'ola@people.example' })
  await using phone = await world.openPhone({ token: ola.token })
  const { page } = phone
  await page.goto(await linkIn('ola@people.example', '/verify-email'))
  await page.getByText('Your address is confirmed.').waitFor()
  await page.getByRole('heading', { name: 'Confirmed' }).waitFor()

  await page.goto('/settings/account')
  await page.getByRole('button', { name: 'Change e-mail address' }).click()
  await page.getByLabel('New e-mail address').fill('ola.new@people.example')
  await assertAccessible(page, 'changing the address')
  await page.getByRole('button', { name: 'Send the link' }).click()
  await page.getByText('Not yet: open the link').waitFor()
  await page.goto(await linkIn('ola.new@people.example', '/verify-email'))
  await page.getByText('Your address is confirmed.').waitFor()
  assert.equal((await ola.call('GET /api/me')).email, 'ola.new@people.example')

  await using visitor = await world.openPhone()
  await visitor.page.goto('/signin')
  await visitor.page.getByRole('link', { name: 'Forgot your password?' }).click()
  await visitor.page.getByRole('heading', { name: 'A new password' }).waitFor()
  await visitor.page.getByLabel('Username or e-mail').fill('ola')
  await assertAccessible(visitor.page, 'a forgotten password')
  await visitor.page.getByRole('button', { name: 'Send the link' }).click()
  await visitor.page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
  await visitor.page.goto(await linkIn('ola.new@people.example', '/reset'))
  await visitor.page.getByLabel('New password').fill('a phrase of many words')
  await assertAccessible(visitor.page, 'a new password')
  await visitor.page.getByRole('button', { name: 'Set password' }).click()
  await visitor.page.getByRole('link', { name: 'Sign in' }).click()
  await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await visitor.page.getByLabel('Username or e-mail').fill('ola')
  await visitor.page.getByLabel('Password', { exact: true }).fill('a phrase of many words')
  await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await visitor.page.getByRole('link', { name: 'Share' }).first().waitFor()
  assert.deepEqual(phone.complaints, [])

  const profile = () => world.app.client.call('GET /api/users/:username', { params: { username: 'ola' } })
  await visitor.page.goto('/settings/account')
  await visitor.page.getByRole('button', { name: 'Delete account' }).click()
  const asked = visitor.page.getByRole('dialog', { name: 'Delete your account?' })
  await asked.waitFor()
  await assertAccessible(visitor.page, 'deleting an account')
  await asked.getByRole('button', { name: 'Cancel' }).click()
  await asked.waitFor({ state: 'hidden' })
  assert.equal((await profile()).username, 'ola')
  await visitor.page.getByRole('button', { name: 'Delete account' }).click()
  await asked.getByRole('button', { name: 'Delete account' }).click()
  await visitor.page.getByText('Your account is hidden now.').waitFor()
  await visitor.page.getByRole('link', { name: 'Create an account' }).waitFor()
  await assert.rejects(profile(), { code: 'user.not_found' })
  await linkIn('ola.new@people.example', '/signin')
  await visitor.page.goto('/signin')
  await visitor.page.getByLabel('Username or e-mail').fill('ola')
  await visitor.page.getByLabel('Password', { exact: true }).fill('a phrase of many words')
  await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await visitor.page.getByRole('link', { name: 'Share' }).first().waitFor()
  assert.equal((await profile()).username, 'ola')
  assert.deepEqual(visitor.complaints, [])
})

test('somebody is invited by a link, whoever has a role stays, and everybody else is signed out', {
  timeout: 90_000,
}, async () => {
  const code = (await world.app.modules.accounts.api.newOwnerCode()) ?? ''
  const olga = await buildPerson(world.app.client, { username: 'olga', ownerCode: code })
  const elsewhere = await world.app.client.signIn('olga', olga.password)
  await using phone = await world.openPhone({ token: olga.token })
  const { page } = phone
  await page.goto('/settings/account')
  await page.getByRole('link', { name: 'Invite somebody' }).click()
  await page.getByText('No open invitations').waitFor()
  await page.getByLabel('For whom').fill('Grandmother')
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = (await page.getByText('/signup#invitation=').textContent()) ?? ''
  await assertAccessible(page, 'invitations')
  await using guest = await world.openPhone()
  await guest.page.goto(link.slice(link.indexOf('/signup')))
  await guest.page.getByLabel('Username', { exact: true }).fill('granny')
  await guest.page.getByLabel('E-mail').fill('granny@people.example')
  await guest.page.getByLabel('Password', { exact: true }).fill('a phrase of many words')
  await guest.page.getByRole('button', { name: 'Sign up' }).click()
  await guest.page.getByRole('link', { name: 'Share' }).first().waitFor()
  await page.goto('/settings/account')
  await page.getByText('You have a role on this server. Give it back first').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Delete account' }).count(), 0)
  await page.getByRole('link', { name: 'To your role' }).click()
  await page.waitForURL('**/admin/accounts/olga')
  await page.getByRole('heading', { name: 'olga' }).first().waitFor()
  await page.goto('/settings/security')
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await page.getByRole('button', { name: 'Sign out everywhere else' }).last().click()
  await page.getByText('Signed out everywhere else').waitFor()
  await assert.rejects(elsewhere.call('GET /api/me'), { code: 'auth.invalid' })
  await page.getByRole('button', { name: 'Sign out everywhere, here too' }).click()
  await page.getByRole('button', { name: 'Sign out everywhere, here too' }).last().click()
  await page
    .getByRole('link', { name: 'Sign in' })
    .or(page.getByRole('button', { name: 'Sign in' }))
    .first()
    .waitFor()
  // That somebody was signed in here before stays known.
  const left = (await page.context().cookies()).filter(({ name }) => !name.endsWith('heliograph-device'))
  assert.deepEqual(left, [])
  assert.deepEqual(phone.complaints, [])
})

test('who did not add the app to their account has the account back by the mail about it', {
  timeout: 90_000,
}, async () => {
  const ida = await buildPerson(world.app.client, { username: 'ida', email: 'ida@people.example' })
  const [, code = ''] = /code=(\S+)/.exec(await linkIn('ida@people.example', '/verify-email')) ?? []
  await ida.call('POST /api/email-verifications', { body: { code } })
  const { secret } = await ida.call('POST /api/me/totp')
  const totp = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  await ida.call('PUT /api/me/totp', { body: { code: totp } })
  await using phone = await world.openPhone()
  const { page } = phone
  await page.goto(await linkIn('ida@people.example', '/undo-email'))
  await page.getByRole('heading', { name: 'Take your account back?' }).waitFor()
  await assertAccessible(page, 'taking an account back')
  await page.getByRole('button', { name: 'Take it back' }).click()
  await page.getByLabel('New password').fill('a phrase of many words')
  await page.getByRole('button', { name: 'Set password' }).click()
  await page.getByRole('heading', { name: 'Your password is set' }).waitFor()
  await world.app.client.signIn('ida', 'a phrase of many words')
  assert.deepEqual(phone.complaints, [])
})
