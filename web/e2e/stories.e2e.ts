import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { film } from './helpers/films.ts'
import { assertFocused } from './helpers/focus.ts'
import { openLine } from './helpers/line.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { untilPlaying } from './helpers/playing.ts'
import { drag, touch } from './helpers/touch.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
let author: Person
let guest: Person
before(async () => {
  world = await openWorld({ hasMicrophone: true })
  author = await buildPerson(world.app.client, { username: 'ana', fullName: 'Ana Sol' })
  guest = await buildPerson(world.app.client, { username: 'ben', fullName: 'Ben Licht' })
  await follow(guest, author)
  await follow(author, guest)
})
after(() => world[Symbol.asyncDispose]())

test('a Story comes to a friend’s screen by itself, is looked at, and its author sees by whom', {
  timeout: 150_000,
}, async () => {
  await using ana = await world.openPhone({ token: author.token })
  await using ben = await world.openPhone({ token: guest.token })
  const tray = ben.page.getByRole('region', { name: 'Stories' })
  await ben.page.goto('/')
  await tray.getByRole('link', { name: 'Share a Story' }).waitFor()

  await shareTwo(ana.page)
  const ring = tray.getByRole('button', { name: 'ana: 2 Stories, with something new' })
  await ring.waitFor()
  await assertAccessible(ben.page, 'the feed with a tray')

  await ring.press('Enter')
  const viewer = ben.page.getByRole('dialog', { name: 'Stories of ana' })
  await untilShown(viewer.getByRole('img', { name: 'Tulips' }))
  await viewer.getByText('Good morning').waitFor()
  await viewer.getByRole('link', { name: '@ben' }).waitFor()
  await assertAccessible(ben.page, 'a Story')
  const reacting = viewer.getByRole('button', { name: 'React' })
  await reacting.focus()
  await ben.page.keyboard.press('ArrowRight')
  await viewer.getByText('ana, 2 of 2').waitFor()
  await assertFocused(reacting, 'after the next Story came')
  await ben.page.keyboard.press('ArrowLeft')
  await viewer.getByText('ana, 1 of 2').waitFor()
  await assertFocused(reacting, 'and the one before')
  await reacting.click()
  await viewer.getByRole('button', { name: 'Fire' }).click()
  await viewer.getByRole('button', { name: /^Your reaction/ }).waitFor()
  const field = viewer.getByRole('textbox', { name: 'Answer ana' })
  await drag(ben.page, { x: 195, y: 560 }, { x: 195, y: 400 })
  await assertFocused(field, 'after a finger drew it up')
  await ben.page.keyboard.type('Where is that?')
  await ben.page.keyboard.press('Enter')
  await viewer.getByRole('status').getByText('Sent to ana.').waitFor()
  const [talk] = (await author.call('GET /api/conversations')).items
  assert.equal(talk?.lastMessage?.text, 'Where is that?')
  assert.deepEqual(
    talk.lastMessage.attachments.map((one) => one.type === 'story' && one.isReply && one.story?.altText),
    ['Tulips'],
  )
  await passOn(ben.page, viewer)
  await viewer.getByRole('status').getByText('Sent.').waitFor()
  await ben.page.keyboard.press('ArrowRight')
  await ben.page.keyboard.press('ArrowRight')
  await viewer.waitFor({ state: 'detached' })
  const seen = tray.getByRole('button', { name: 'ana: 2 Stories, seen' })
  await seen.waitFor()
  await assertFocused(seen, 'after the last Story')

  const own = ana.page.getByRole('dialog', { name: 'Stories of ana' })
  await ana.page.getByRole('button', { name: 'Your Story: 2 pictures' }).click()
  await own.getByRole('button', { name: 'Seen by 1' }).click()
  const viewers = ana.page.getByRole('list', { name: 'Who has seen it' })
  await viewers.getByRole('link', { name: 'ben' }).waitFor()
  await viewers.getByRole('img', { name: 'Reacted with 🔥' }).waitFor()
  await assertAccessible(ana.page, 'who has seen a Story')
  await ana.page.keyboard.press('Escape')

  for (const left of [1, 0]) {
    await own.getByRole('button', { name: 'More about this Story' }).click()
    await ana.page.getByRole('button', { name: 'Delete', exact: true }).click()
    await ana.page
      .getByRole('dialog', { name: 'Delete this Story?' })
      .getByRole('button', { name: 'Delete' })
      .click()
    if (left > 0) await tray.getByRole('button', { name: 'ana: 1 Story, seen' }).waitFor()
  }
  await tray.getByRole('button', { name: /^ana/ }).waitFor({ state: 'detached' })
  await own.waitFor({ state: 'detached' })
  const place = ana.page.getByRole('link', { name: 'Share a Story' })
  await place.waitFor()
  await untilFocused(place)
  assert.deepEqual([ana.complaints, ben.complaints], [[], []])
})

test('fingers lead from person to person, hold the time and close; a ring tells less when a Story has ended', {
  timeout: 120_000,
}, async () => {
  const [fay, dora, emil] = await Promise.all(
    ['fay', 'dora', 'emil'].map((username) => buildPerson(world.app.client, { username })),
  )
  for (const one of [dora!, emil!]) await follow(fay!, one)
  const ending = await shareOne(dora!, 4)
  await shareOne(emil!, 5)
  await using phone = await world.openPhone({ token: fay!.token })
  const { page } = phone
  await page.goto('/')
  const ring = page.getByRole('button', { name: 'dora: 1 Story, new' })
  await ring.waitFor()
  await page.getByRole('button', { name: 'emil: 1 Story, new' }).waitFor()
  const first = (await page.locator('.tray .tray-open').nth(1).getAttribute('aria-label'))?.split(':')[0]
  const [one, other] = first === 'dora' ? ['dora', 'emil'] : ['emil', 'dora']
  const storiesOf = (name: string) => page.getByRole('dialog', { name: `Stories of ${name}` })
  await page.getByRole('button', { name: `${one}: 1 Story, new` }).press('Enter')
  await untilShown(storiesOf(one).getByRole('img', { name: 'A hill' }))
  await drag(page, { x: 300, y: 400 }, { x: 120, y: 410 })
  await untilShown(storiesOf(other).getByRole('img', { name: 'A hill' }))
  await drag(page, { x: 120, y: 400 }, { x: 300, y: 390 })
  await untilShown(storiesOf(one).getByRole('img', { name: 'A hill' }))
  await drag(page, { x: 195, y: 300 }, { x: 200, y: 520 })
  const seen = page.getByRole('button', { name: `${one}: 1 Story, seen` })
  await seen.waitFor()
  await untilFocused(seen)

  await page.getByRole('button', { name: `${other}: 1 Story, seen` }).press('Enter')
  await untilShown(storiesOf(other).getByRole('img', { name: 'A hill' }))
  const lift = await touch(page, { x: 195, y: 400 })
  await page.locator('.stories[data-held="true"]').waitFor()
  // Whoever wants things to stand still starts the time by themselves.
  await page.keyboard.press('Space')
  await storiesOf(other).getByRole('button', { name: 'Pause' }).waitFor()
  assert.equal(await barAfterFrames(page), 'scaleX(0)', 'no time passes under a finger')
  await lift()
  await page.locator('dialog.stories').waitFor({ state: 'detached' })

  const end = new Date(Date.now() + 3000)
  await world.app.database.main
    .updateTable('stories')
    .set({ expires_at: end })
    .where('id', '=', ending)
    .execute()
  await shareOne(dora!, 6)
  await ring.waitFor()
  assert.deepEqual(phone.complaints, [])

  // Nobody is kept at a picture that does not come.
  await phone.context.route('**/image/**', (route) => route.abort())
  await ring.press('Enter')
  await storiesOf('dora').getByText('This picture could not be loaded.').waitFor()
  // In front of the first there is none; the focus that a tap leaves there takes Space from nobody.
  await page.touchscreen.tap(60, 400)
  await page.keyboard.press('Space')
  await page.locator('dialog.stories').waitFor({ state: 'detached' })
})

async function shareOne(author: Person, which: number): Promise<string> {
  const { buffer } = await smallPhotograph(which, 360, 640)
  const uploadId = await author.upload(buffer, { purpose: 'story' })
  return (await author.call('POST /api/stories', { body: { uploadId, altText: 'A hill' } })).id
}

/** Once it has been drawn often enough that time would have shown. */
function barAfterFrames(page: Page): Promise<string | undefined> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame)
    return document.querySelector<HTMLElement>('.story-bar:not(.past) > span')?.style.transform
  })
}

async function untilFocused(locator: Locator): Promise<void> {
  await locator.and(locator.page().locator(':focus')).waitFor()
}

/** To its own author: the conversation with them is there. */
async function passOn(page: Page, viewer: ReturnType<Page['getByRole']>): Promise<void> {
  await viewer.getByRole('button', { name: 'Send to others' }).click()
  const sheet = page.getByRole('dialog', { name: 'Send to' })
  await sheet.getByRole('checkbox').first().check()
  await assertAccessible(page, 'whom a Story is sent to')
  await sheet.getByRole('button', { name: 'Send', exact: true }).click()
  await sheet.waitFor({ state: 'detached' })
  const passed = async () => (await author.call('GET /api/conversations')).items[0]?.lastMessage?.attachments
  while (!(await passed())?.some((one) => one.type === 'story' && !one.isReply && one.story)) await pause(50)
  await assertFocused(viewer.getByRole('button', { name: 'Send to others' }), 'after it was sent')
}

/** With words and a name over the first, moved by keys; what others hear of it instead of seeing it. */
async function shareTwo(page: Page): Promise<void> {
  await page.goto('/stories/new')
  await page.getByRole('heading', { name: 'A moment for today' }).waitFor()
  await assertAccessible(page, 'choosing for a Story')
  await choose(page, [await smallPhotograph(2, 720, 1280), await smallPhotograph(1, 1080, 810)])
  await page.getByRole('button', { name: 'Text', exact: true }).click()
  await page.getByLabel('Your words').fill('Good morning')
  await page.getByRole('radio', { name: 'Boxed' }).check({ force: true })
  await assertAccessible(page, 'words for a Story')
  await page.getByRole('button', { name: 'Done' }).click()
  const words = page.getByRole('button', { name: 'Text: Good morning' })
  const before = await words.boundingBox()
  await words.press('ArrowUp')
  await words.press('+')
  const after = await words.boundingBox()
  assert.ok(before && after && after.y < before.y && after.width > before.width, 'keys move and size it')
  await drag(page, middleOf(after), { ...middleOf(after), y: after.y - 80 })
  const dragged = await words.boundingBox()
  assert.ok(dragged && dragged.y < after.y - 40, 'a finger moves it')
  await page.locator('.edit-frame').click({ position: { x: 12, y: 12 } })
  await page.getByRole('button', { name: 'Person' }).click()
  await page.getByLabel('Whom?').fill('be')
  await page.getByRole('button', { name: 'ben Ben Licht' }).click()
  await page.locator('.edit-frame').click({ position: { x: 12, y: 12 } })
  await page.getByRole('button', { name: 'Describe' }).click()
  await page.getByLabel('Describe it for people who cannot see it').fill('Tulips')
  await page.getByRole('button', { name: 'Done' }).click()
  await assertAccessible(page, 'a Story in the making')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
}

async function choose(page: Page, files: Awaited<ReturnType<typeof smallPhotograph>>[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose photographs or videos' }).click()
  await (await chooser).setFiles(files)
  const thumb = page.getByRole('button', { name: `1 of ${files.length}` })
  await thumb.waitFor()
  const [own, cross] = await Promise.all([
    thumb.boundingBox(),
    page.getByRole('button', { name: 'Remove 1' }).boundingBox(),
  ])
  assert.ok(own && cross && cross.y + cross.height <= own.y + own.height, 'the cross lies on its picture')
}

function middleOf({ x, y, width, height }: { x: number; y: number; width: number; height: number }) {
  return { x: x + width / 2, y: y + height / 2 }
}

async function untilShown(picture: ReturnType<Page['getByRole']>): Promise<void> {
  await picture.waitFor()
  await picture.evaluate((image: HTMLImageElement) => image.decode())
}

test('a picture and a film that were looked at are there without a connection, and a finger closes it', {
  timeout: 120_000,
}, async () => {
  const cleo = await buildPerson(world.app.client, { username: 'cleo' })
  await follow(guest, cleo)
  const { buffer } = await smallPhotograph(3, 720, 1280)
  const uploadId = await cleo.upload(buffer, { purpose: 'story' })
  await cleo.call('POST /api/stories', { body: { uploadId, altText: 'A ridge' } })
  const moving = await film({ seconds: 2, size: '90x160', hasSound: false })
  const filmed = await cleo.upload(moving.buffer, { purpose: 'story' })
  await cleo.call('POST /api/stories', { body: { uploadId: filmed } })
  await using line = await openLine(world.app.url)
  await using phone = await world.openPhone({ token: guest.token, url: line.url })
  const { page } = phone
  await page.goto('/')
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.reload()
  await page.getByRole('button', { name: 'cleo: 2 Stories, with something new' }).click()
  await untilShown(page.getByRole('img', { name: 'A ridge' }))
  await playFilm(page)
  await page.getByRole('button', { name: 'cleo: 2 Stories, seen' }).waitFor()
  await untilKept(page, ['/image/', '/video/', '/api/users/cleo/stories', '/api/stories'])

  // In the place of a film that does not come stands its picture, and nobody is kept at that.
  const viewer = page.getByRole('dialog', { name: 'Stories of cleo' })
  await page.getByRole('button', { name: 'cleo: 2 Stories, seen' }).click()
  await viewer.getByText('cleo, 1 of 2').waitFor()
  await page.keyboard.press('ArrowRight')
  await viewer.locator('video').dispatchEvent('error')
  await viewer.getByRole('button', { name: 'Play', exact: true }).click()
  await viewer.waitFor({ state: 'detached' })

  await line.cut()
  await page.reload()
  await page.getByText('What you see was saved earlier').waitFor()
  await page.getByRole('button', { name: /^cleo: 2 Stories/ }).click()
  await untilShown(viewer.getByRole('img', { name: 'A ridge' }))
  await drag(page, { x: 195, y: 300 }, { x: 195, y: 520 })
  await viewer.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^cleo: 2 Stories/ }).click()
  await playFilm(page)
})

/** The next one, which nobody moves who wants things to stand still; it is the last one, so the viewer closes behind it. */
async function playFilm(page: Page): Promise<void> {
  const viewer = page.getByRole('dialog', { name: 'Stories of cleo' })
  await viewer.getByText('cleo, 1 of 2').waitFor()
  await page.keyboard.press('ArrowRight')
  await viewer.getByText('cleo, 2 of 2').waitFor()
  await viewer.getByRole('button', { name: 'Play', exact: true }).click()
  await untilPlaying(page)
  await viewer.waitFor({ state: 'detached' })
}

async function untilKept(page: Page, parts: string[]): Promise<void> {
  await page.waitForFunction(async (wanted) => {
    const names = await caches.keys()
    const kept = await Promise.all(
      names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
    )
    return wanted.every((part) => kept.flat().some((url) => url.includes(part)))
  }, parts)
}

test('a page that is gone in the moment of sharing loses no Story, with its words, and shares it once', {
  skip: !process.env.HELIOGRAPH_TEST_LONG,
  timeout: 60_000,
}, async () => {
  const kim = await buildPerson(world.app.client, { username: 'kim' })
  await using phone = await world.openPhone({ token: kim.token })
  const { page } = phone
  await page.goto('/stories/new')
  const { name, mimeType, buffer } = await smallPhotograph(4, 360, 640)
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose photographs or videos' }).click()
  await (await chooser).setFiles([{ name, mimeType, buffer }])
  await page.getByRole('button', { name: 'Describe' }).click()
  await page.getByLabel('Describe it for people who cannot see it').fill('A lake')
  await page.getByRole('button', { name: 'Done' }).click()
  while ((await page.evaluate(keptDrafts)) === 0) await pause(50)
  page.on('dialog', (dialog) => void dialog.accept())
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('gone by then', 'AbortError')
    }
  })
  await page.route('**/api/uploads/*', () => undefined)
  const sending = page.waitForRequest((one) => one.method() === 'PATCH')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await sending
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.goto('/')
  await page.getByRole('button', { name: 'Your Story: 1 picture' }).waitFor()
  const told = async () => (await kim.call('GET /api/users/:username/stories', { params: kim.user })).items
  assert.deepEqual(
    (await told()).map(({ altText }) => altText),
    ['A lake'],
  )
  while ((await page.evaluate(keptDrafts)) > 0) await pause(50)
})

/** In the page. */
function keptDrafts(): Promise<number> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('heliograph-stories')
    opening.onsuccess = () => {
      const count = opening.result.transaction('stories').objectStore('stories').count()
      count.onsuccess = () => {
        opening.result.close()
        resolve(count.result)
      }
    }
  })
}

test('the camera gives a Story what it took, and nothing of what was broken off', {
  timeout: 60_000,
}, async () => {
  await using phone = await world.openPhone({ token: guest.token })
  const { page } = phone
  await page.goto('/stories/new')
  const opener = page.getByRole('button', { name: 'Open the camera' })
  await opener.click()
  const camera = page.getByRole('dialog', { name: 'Camera' })
  const film = camera.getByRole('button', { name: 'Record a video' })
  const shutter = camera.locator('.camera-shutter:enabled')
  await shutter.waitFor()
  await assertAccessible(page, 'the camera')
  await film.click()
  await camera.getByRole('timer').waitFor()
  await camera.getByRole('button', { name: 'Close' }).click()
  await camera.waitFor({ state: 'detached' })
  await assertFocused(opener, 'after the camera was closed')

  await opener.click()
  await shutter.waitFor()
  await camera
    .locator('video')
    .evaluate(
      (video: HTMLVideoElement) => video.videoWidth > 0 || new Promise((seen) => (video.onloadeddata = seen)),
    )
  await shutter.click()
  await page.getByRole('button', { name: '1 of 1' }).waitFor()
  assert.deepEqual(phone.complaints, [])
})
