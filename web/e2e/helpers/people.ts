import type { Page } from 'playwright-core'

export const password = 'a long enough phrase'

/** As a stranger does it: the door, the form, the empty feed. */
export async function signUpInBrowser(page: Page, username: string, fullName: string): Promise<void> {
  await page.goto('/')
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByRole('heading', { name: 'Create your account' }).waitFor()
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Name', { exact: true }).fill(fullName)
  await page.getByLabel('E-mail').fill(`${username}@people.example`)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('heading', { name: 'Your feed starts with you' }).waitFor()
}

/** Up to the feed: the photographs are on their way then. */
export async function shareInBrowser(
  page: Page,
  files: { name: string; mimeType: string; buffer: Buffer }[],
  { caption = '', altText = '' } = {},
): Promise<void> {
  await page.goto('/share')
  await choosePhotographs(page, files)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Caption').fill(caption)
  if (altText) await page.getByLabel('Describe it for people who cannot see it').fill(altText)
  await page.getByRole('button', { name: 'Share', exact: true }).click()
}

export async function choosePhotographs(
  page: Page,
  files: { name: string; mimeType: string; buffer: Buffer }[],
): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose photographs' }).click()
  await (await chooser).setFiles(files)
  await page.getByRole('img', { name: `Photograph ${files.length} of ${files.length}` }).waitFor()
}
