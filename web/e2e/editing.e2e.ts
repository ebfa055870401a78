import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPerson, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { choosePhotographs } from './helpers/people.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { openWorld, type World } from './helpers/world.ts'

const heic = readFileSync(new URL('../../server/test/corpus/files/quadrants.heic', import.meta.url))

let world: World
let ana: Person
before(async () => {
  world = await openWorld()
  ana = await buildPerson(world.app.client, { username: 'ana', fullName: 'Ana Sol' })
})
after(() => world[Symbol.asyncDispose]())

async function toEditor(page: Page, count = 1): Promise<void> {
  await page.goto('/share')
  const files = await Promise.all(Array.from({ length: count }, (_, at) => smallPhotograph(at, 800, 1000)))
  await choosePhotographs(page, files)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.locator('.edit-preview').waitFor()
}

/** Mean of each channel of what is shown. */
async function shownColor(page: Page, selector: string): Promise<number[]> {
  return await page.locator(selector).evaluate(async (shown: HTMLCanvasElement | HTMLImageElement) => {
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame)
    if (shown instanceof HTMLImageElement) await shown.decode()
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 8
    const context = canvas.getContext('2d')!
    context.drawImage(shown, 0, 0, 8, 8)
    const { data } = context.getImageData(0, 0, 8, 8)
    return [0, 1, 2].map((channel) => {
      let sum = 0
      for (let at = channel; at < data.length; at += 4) sum += data[at]!
      return Math.round(sum / 64)
    })
  })
}

const isBlue = ([red, , blue]: number[]) => blue! > red! + 30

test('filter, adjustments and cut go from the editor through the draft to the post, and can be taken back', {
  timeout: 150_000,
}, async () => {
  await using phone = await world.openPhone({ token: ana.token })
  const { page } = phone
  await toEditor(page)
  await page.getByRole('radio', { name: 'Cyanotype' }).check()
  assert.ok(isBlue(await shownColor(page, '.edit-preview')))
  await page.getByRole('slider', { name: 'Strength' }).fill('80')
  await page.getByRole('tab', { name: 'Crop' }).click()
  await page.getByRole('button', { name: 'Square' }).click()
  await page.getByRole('slider', { name: 'Straighten' }).fill('-4.5')

  // A draft keeps all of it.
  await page.waitForTimeout(800)
  await page.reload()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  assert.ok(await page.getByRole('radio', { name: 'Cyanotype' }).isChecked())
  assert.equal(await page.getByRole('slider', { name: 'Strength' }).inputValue(), '80')

  // The card in the feed shows the picture as it will be, before the server has it.
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('article', { name: 'Post by Ana Sol' }).waitFor()
  assert.ok(isBlue(await shownColor(page, '.photo-shown >> nth=0')))

  const post = await readyPost()
  const { filter, edits, width, height } = post.media[0]!
  assert.deepEqual([filter, edits], ['cyanotype', { strength: 80, straighten: -4.5 }])
  assert.equal(width, height)

  // Later, from the untouched original.
  await page.goto(`/p/${post.id}`)
  await page.getByRole('button', { name: 'More' }).first().click()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('button', { name: 'Edit: 1' }).click()
  await page.locator('.edit-preview').waitFor()
  assert.ok(await page.getByRole('radio', { name: 'Cyanotype' }).isChecked())
  await assertAccessible(page, 'editing a photograph of a post')
  await page.getByRole('radio', { name: 'Original' }).check()
  assert.ok(!isBlue(await shownColor(page, '.edit-preview')))
  await page.getByRole('button', { name: 'Done' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit post' })
  await dialog.locator('.edit-thumb img').first().waitFor()
  assert.ok(
    !isBlue(await shownColor(page, '.edit-thumb img >> nth=0')),
    'what was chosen is shown before it is saved',
  )
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Changes saved. They show in a moment.').waitFor()
  await world.app.settle()
  const after = (await readyPost()).media[0]!
  assert.deepEqual([after.filter, after.edits, after.crop], [null, { straighten: -4.5 }, post.media[0]!.crop])
  assert.deepEqual(phone.complaints, [])
})

async function readyPost() {
  for (;;) {
    const params = { username: 'ana' }
    const { items } = await ana.call('GET /api/users/:username/posts', { params })
    if (items[0]?.status === 'ready') return items[0]
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('everything in the editor is reached and named without a pointer', { timeout: 60_000 }, async () => {
  await using phone = await world.openPhone({ token: ana.token })
  const { page } = phone
  await toEditor(page, 2)
  const keys = async (...pressed: string[]) => {
    for (const key of pressed) await page.keyboard.press(key)
  }
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
    )

  await page.getByRole('radio', { name: 'Original' }).focus()
  await keys('ArrowRight', 'ArrowRight', 'ArrowRight')
  assert.ok(await page.getByRole('radio', { name: 'Noon' }).isChecked())
  await keys('Tab')
  await keys('ArrowLeft')
  assert.equal(await page.getByRole('slider', { name: 'Strength' }).inputValue(), '99')
  const filtered = await shownColor(page, '.edit-preview')

  await page.getByRole('button', { name: 'Show the original' }).focus()
  await keys('Enter')
  await page.getByRole('img', { name: 'Your photograph without filter and adjustments' }).waitFor()
  assert.notDeepEqual(await shownColor(page, '.edit-preview'), filtered)
  await keys('Enter')
  assert.deepEqual(await shownColor(page, '.edit-preview'), filtered)

  await page.getByRole('tab', { name: 'Filter' }).focus()
  await keys('ArrowRight')
  assert.equal(await focused(), 'Adjust')
  await page.getByRole('radio', { name: 'Brightness' }).focus()
  await keys('ArrowRight', 'Tab', 'PageUp')
  assert.notEqual(await page.getByRole('slider', { name: 'Contrast' }).inputValue(), '0')
  await page.getByRole('button', { name: 'Reset: Contrast' }).focus()
  await keys('Enter')
  assert.equal(await page.getByRole('slider', { name: 'Contrast' }).inputValue(), '0')
  await assertAccessible(page, 'adjusting')

  // The second photograph has nothing of the first one's.
  await page.getByRole('tab', { name: 'Filter' }).click()
  await page.getByRole('button', { name: 'Photograph 2 of 2' }).click()
  await page.locator('.edit-preview').waitFor()
  assert.ok(await page.getByRole('radio', { name: 'Original' }).isChecked())
  await assertAccessible(page, 'choosing a filter')
})

test('ten photographs never make the editor wider than the phone', { timeout: 60_000 }, async () => {
  await using phone = await world.openPhone({ token: ana.token })
  const { page } = phone
  await toEditor(page, 10)
  const widest = await page.locator('.share *').evaluateAll((parts) => {
    const inStrip = (part: Element) => part.closest('.crop-strip > *, .edit-tools *')
    return Math.max(
      ...parts.filter((part) => !inStrip(part)).map((part) => part.getBoundingClientRect().right),
    )
  })
  assert.ok(widest <= 390, `something ends at ${widest}`)
})

test('what the browser cannot decode gets its filter by name', { timeout: 60_000 }, async () => {
  await using phone = await world.openPhone({ token: ana.token })
  const { page } = phone
  await page.goto('/share')
  await choosePhotographs(page, [{ name: 'a.heic', mimeType: 'image/heic', buffer: heic }])
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('What you choose here is applied once it is shared.').waitFor()
  await page.getByRole('radio', { name: 'Silver' }).check()
  await assertAccessible(page, 'a filter by name')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('article').first().waitFor()
  for (let post = await readyPost(); post.media[0]?.filter !== 'silver'; ) post = await readyPost()
})
