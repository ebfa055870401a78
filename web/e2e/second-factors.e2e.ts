import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { limits } from '@heliograph/contract/limits'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { assertAccessible } from './helpers/axe.ts'
import { password, signUpInBrowser } from './helpers/people.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

/**
 * What unlocks a phone, with a finger that is always there. By itself it would also choose a passkey of those that the
 * browser offers for the field of the name, at any moment: only where `offer` says so.
 */
async function addFinger(page: Page): Promise<{ countPasskeys(): Promise<number> }> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.addInitScript(() => {
    if (localStorage.getItem('offer') === null)
      PublicKeyCredential.isConditionalMediationAvailable = async () => false
  })
  return {
    async countPasskeys() {
      return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length
    },
  }
}

async function signOut(page: Page): Promise<void> {
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Username or e-mail').waitFor()
}

async function enterPassword(page: Page, username: string): Promise<void> {
  await page.goto('/signin')
  await page.getByLabel('Username or e-mail').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'One more step' }).waitFor()
}

/** As if ten minutes had gone by since this person showed who they are. */
async function forgetProofs(username: string): Promise<void> {
  const { database, events } = world.app
  await database.transaction(async (tx) => {
    const { id, bucket } = await tx
      .selectFrom('users')
      .select(['id', 'bucket'])
      .where('username', '=', username)
      .executeTakeFirstOrThrow()
    const [session] = await tx
      .updateTable('sessions')
      .set({ proved_at: null })
      .where('bucket', '=', bucket)
      .where('user_id', '=', id)
      .returning('id')
      .execute()
    const data = { sessionId: session?.id ?? id }
    await events.emit(tx, 'accounts.proved', { bucket, subjectId: id, data })
  })
}

const isIn = (page: Page) => page.getByRole('heading', { name: 'Your feed starts with you' }).waitFor()

test('a passkey, codes of an app and recovery codes: switched on, asked for, used and removed', {
  timeout: 180_000,
}, async () => {
  await using phone = await world.openPhone()
  const { page } = phone
  await signUpInBrowser(page, 'ada', 'Ada')
  const finger = await addFinger(page)

  // Where everybody needs one, whoever was in already finds nothing else either.
  const { accounts } = world.app.config
  accounts.requireSecondFactor = 'everybody'
  world.app.coherence.forget()
  // Recovery codes are told once: nothing that brings them can be begun while what shows them cannot be loaded.
  const shown = '**/assets/recovery-codes-sheet-*'
  await page.route(shown, (route) => route.abort())
  await page.goto('/')
  const again = page.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  assert.equal(await page.getByRole('button', { name: 'Add a passkey' }).count(), 0)
  await page.unroute(shown)
  await page.reload()
  const isWanted = page.getByText('until you have one, nothing else opens')
  await isWanted.waitFor()
  await assertAccessible(page, 'settings, security, where a second factor is wanted')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  const codesSheet = page.getByRole('dialog', { name: 'Your recovery codes' })
  await codesSheet.waitFor()
  await assertAccessible(page, 'recovery codes')
  const recoveryCodes = await codesSheet.getByRole('listitem').allInnerTexts()
  assert.equal(recoveryCodes.length, 10)
  const download = page.waitForEvent('download')
  await codesSheet.getByRole('button', { name: 'Download' }).click()
  assert.match((await download).suggestedFilename(), /recovery-codes-ada\.txt$/)
  await page.keyboard.press('Escape')
  await codesSheet.getByRole('button', { name: 'I have kept them' }).click()
  await isWanted.waitFor({ state: 'detached' })
  await page.goto('/')
  await isIn(page)
  accounts.requireSecondFactor = 'nobody'

  await page.goto('/settings/security')
  await page.getByRole('button', { name: /^Rename / }).click()
  await page.getByLabel('Name', { exact: true }).fill('x'.repeat(limits.passkeyNameLength + 13))
  await page.getByText('13 characters too many').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('My phone')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Remove My phone' }).waitFor()
  await assertAccessible(page, 'settings, security')

  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('img', { name: 'QR code with the key below' }).waitFor()
  await assertAccessible(page, 'setting up an app')
  const key = await page.getByRole('definition').innerText()
  const totp = new TOTP({ secret: Secret.fromBase32(key.replace(/\s/g, '')) })
  await page.getByLabel('Code that the app shows').fill(totp.generate())
  await page.getByRole('button', { name: 'Switch on' }).click()
  await page.getByRole('button', { name: 'Switch off' }).waitFor()

  await signOut(page)
  await enterPassword(page, 'ada')
  await assertAccessible(page, 'second step')
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await isIn(page)

  await signOut(page)
  await page.goto('/signin')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await isIn(page)

  // Chosen where the browser offers names for the field, without a button.
  await signOut(page)
  await page.evaluate(() => localStorage.setItem('offer', 'yes'))
  await page.goto('/signin')
  await isIn(page)
  await page.evaluate(() => localStorage.removeItem('offer'))

  await signOut(page)
  await enterPassword(page, 'ada')
  await page.getByRole('button', { name: 'Use a code from your app instead' }).click()
  const field = page.getByLabel('Code from your app')
  await field.and(page.locator(':focus')).waitFor()
  assert.equal(await field.getAttribute('autocomplete'), 'one-time-code')
  // The password was right: nobody is asked any more whether they forgot it, or are new.
  assert.equal(await page.getByRole('link', { name: /Forgot|Create an account/ }).count(), 0)
  await field.fill('000000')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('That is not right, or was used before.').waitFor()
  assert.equal(await field.getAttribute('aria-invalid'), 'true')
  // Of the next half minute, whose code is good already: the one of this was used to switch it on.
  await field.fill(totp.generate({ timestamp: Date.now() + 30_000 }))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await isIn(page)

  await signOut(page)
  await enterPassword(page, 'ada')
  await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
  await page.getByLabel('Recovery code').fill(recoveryCodes[0]!)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await isIn(page)

  await page.goto('/settings/security')
  await page.getByText('9 codes left').waitFor()
  await forgetProofs('ada')
  await page.getByRole('button', { name: 'Make new ones' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make new ones' }).click()
  const asked = page.getByRole('dialog', { name: 'Is it you?' })
  await asked.getByLabel('Password', { exact: true }).fill(password)
  await asked.getByRole('button', { name: 'Go on' }).click()
  await asked.getByRole('button', { name: 'Use a recovery code instead' }).click()
  await assertAccessible(page, 'a code beside the password')
  await asked.getByLabel('Recovery code').fill(recoveryCodes[1]!)
  await asked.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('dialog', { name: 'Your recovery codes' }).getByRole('listitem').first().waitFor()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByRole('button', { name: 'Remove My phone' }).click()
  await forgetProofs('ada')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove passkey' }).click()
  const proof = page.getByRole('dialog', { name: 'Is it you?' })
  await proof.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('Passkey removed').waitFor()
  assert.equal(await finger.countPasskeys(), 1, 'the device still has it')
  await signOut(page)
  await page.goto('/signin')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('This passkey does not open an account here.').waitFor()
  // The browser's own word for the one answer that asked for proof.
  assert.deepEqual(
    phone.complaints.filter((words) => !words.includes('403')),
    [],
  )
})
