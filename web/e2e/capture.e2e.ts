import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { photographs } from '../../bench/photographs.ts'
import { buildHeic, takeCodedPicture } from '../../server/test/corpus/heic-builder.ts'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { choosePhotographs } from './helpers/people.ts'
import type { PickedFile } from './helpers/photographs.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

// What a camera wrote, from choosing the photograph to what somebody else reads of it.

let world: World
let lea: Person
let mia: Person
let phone: Phone
let other: Phone

before(async () => {
  world = await openWorld()
  lea = await buildPerson(world.app.client, { username: 'lea' })
  mia = await buildPerson(world.app.client, { username: 'mia' })
  await lea.call('PATCH /api/me', { body: { timeZone: 'Europe/Lisbon' } })
  await follow(mia, lea)
  phone = await world.openPhone({ token: lea.token })
  other = await world.openPhone({ token: mia.token })
})
after(async () => {
  await phone[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const corpus = new URL('../../server/test/corpus/files/', import.meta.url)
const line = 'Nikon Z 6 · NIKKOR Z 35mm f/1.8 S · 35 mm · f/1.8 · 1/250 s · ISO 100'
const exif = {
  IFD0: { Make: 'NIKON CORPORATION', Model: 'NIKON Z 6' },
  IFD2: {
    ExposureTime: '1/250',
    FNumber: '18/10',
    ISOSpeedRatings: '100',
    FocalLength: '35/1',
    DateTimeOriginal: '2025:08:14 19:42:10',
    LensModel: 'NIKKOR Z 35mm f/1.8 S',
    BodySerialNumber: '0815-4711',
  },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '38/1 42/1 45/1',
    GPSLongitudeRef: 'W',
    GPSLongitude: '9/1 8/1 0/1',
  },
}

type Format = 'jpeg' | 'png' | 'webp' | 'avif'
async function taken(format: Format = 'jpeg'): Promise<PickedFile> {
  const picture = sharp(photographs[0]!.path).resize(600, 750, { fit: 'cover' }).withExif(exif)
  const buffer = await picture.toFormat(format, format === 'avif' ? { effort: 0 } : {}).toBuffer()
  return { name: `DSC_1.${format}`, mimeType: `image/${format}`, buffer }
}

async function toWords(page: Page, files: PickedFile[]): Promise<void> {
  await page.goto('/share')
  await page
    .getByRole('button', { name: 'Start anew' })
    .click({ timeout: 1500 })
    .catch(() => undefined)
  await choosePhotographs(page, files)
  while (!(await page.getByLabel('Caption').isVisible()))
    await page.getByRole('button', { name: 'Next' }).click()
}

const details = (page: Page) => page.getByRole('switch', { name: /Show camera details/ })
const suggestion = (page: Page) => page.getByRole('button', { name: 'Add Lisbon, Portugal' })

describe('what a photograph knows of itself', { timeout: 300_000 }, () => {
  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const)
    it(`is read before anything is sent: ${format}`, async () => {
      await toWords(phone.page, [await taken(format)])
      await phone.page.getByText(line).waitFor()
      await suggestion(phone.page).waitFor()
      assert.equal(await details(phone.page).isChecked(), false)
    })

  it('is read of what the browser cannot show: heic', async () => {
    const { buffer } = await taken()
    const { exif: block } = await sharp(buffer).metadata()
    assert.ok(block)
    const coded = takeCodedPicture(await readFile(new URL('photograph.heic', corpus)))
    // sharp's block begins with "Exif\0\0"; in HEIC an offset stands there.
    const heic = buildHeic(coded, { exif: block.subarray(6) })
    const file = { name: 'IMG_1.heic', mimeType: 'image/heic', buffer: heic }
    await toWords(phone.page, [file])
    await phone.page.getByText(line).waitFor()
  })

  it('never is an error where nothing, or nonsense, is written', async () => {
    const plain = await sharp(photographs[0]!.path).resize(300).jpeg().toBuffer()
    const garbled = await taken()
    for (let at = garbled.buffer.indexOf('Exif') + 20; at < 300; at += 3) garbled.buffer[at] = at & 255
    const files = [{ name: 'a.jpg', mimeType: 'image/jpeg', buffer: plain }, garbled]
    await toWords(phone.page, files)
    await phone.page.getByLabel('Place').waitFor()
    assert.deepEqual(phone.complaints, [])
  })

  it('is shown to others as its owner chose, place and day too, and gone when taken back', async () => {
    const { page } = phone
    await toWords(page, [await taken()])
    await suggestion(page).waitFor()
    await assertAccessible(page, 'words with suggestions')
    await page.getByLabel('Caption').fill('Evening by the river')
    await suggestion(page).click()
    assert.equal(await page.getByLabel('Place').inputValue(), 'Lisbon, Portugal')
    assert.equal(await suggestion(page).isVisible(), false, 'what is added is not offered again')
    await details(page).check()
    const day = page.getByRole('switch', { name: /under the day it was taken/ })
    await page.getByText('14 August 2025 at 19:42. It stands there in your profile').waitFor()
    await day.check()
    await page.getByRole('button', { name: 'Share', exact: true }).click()

    const shared = await publishedOf(lea)
    assert.equal(shared.displayAt, '2025-08-14T18:42:10.000Z', 'by the clocks of the person’s time zone')
    assert.deepEqual(shared.place, { name: 'Lisbon, Portugal', lat: 38.7251, lng: -9.1498 })
    const feed = await mia.call('GET /api/feed')
    assert.deepEqual(feed.items, [], 'what is back-dated is in nobody’s feed')

    await other.page.goto(`/p/${shared.id}`)
    await other.page.getByText(`${line} · Taken 14 August 2025 at 19:42`).waitFor()
    await assertAccessible(other.page, 'a post with camera details')

    await page.goto(`/p/${shared.id}`)
    await page.getByRole('button', { name: 'More about this post' }).click()
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByText('Everybody who sees the post reads this:').waitFor()
    await details(page).uncheck()
    await page.getByText('Nobody but you sees this:').waitFor()
    await assertAccessible(page, 'editing camera details')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText('Changes saved').waitFor()
    await page.getByText(line).waitFor({ state: 'detached' })

    await other.page.reload()
    await other.page.getByText('Evening by the river').waitFor()
    assert.equal(await other.page.getByText(line).count(), 0)
    assert.deepEqual([...phone.complaints, ...other.complaints], [])
  })

  it('never goes out unless it is chosen', async () => {
    const { page } = phone
    await toWords(page, [await taken()])
    await suggestion(page).waitFor()
    await page.getByLabel('Caption').fill('As it is')
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    const shared = await publishedOf(lea, 2)
    assert.equal(shared.place, null)
    assert.equal(shared.showMetadata, false)
    const seen = await mia.call('GET /api/posts/:id', { params: { id: shared.id } })
    assert.equal(seen.media[0]?.metadata, undefined)
  })
})

/** The newest of a person's posts, once there are so many and all are ready. */
async function publishedOf(person: Person, count = 1) {
  for (;;) {
    const { items } = await person.call('GET /api/users/:username/posts', {
      params: { username: person.username },
    })
    const [newest] = items.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    if (newest && items.length === count && newest.status === 'ready') return newest
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
