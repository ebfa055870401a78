import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { captionsFile, film, padded, publishFilm } from './helpers/films.ts'
import { assertFocused } from './helpers/focus.ts'
import { choosePhotographs } from './helpers/people.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { shownCaption, untilPlaying, untilStill, videosOf } from './helpers/playing.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
let author: Person
let guest: Person
before(async () => {
  world = await openWorld()
  author = await buildPerson(world.app.client, { username: 'hugo', fullName: 'Hugo Film' })
  guest = await buildPerson(world.app.client, { username: 'iris' })
  await follow(guest, author)
})
after(() => world[Symbol.asyncDispose]())

test('a film with captions goes from one phone to another and plays there in silence', {
  timeout: 150_000,
}, async () => {
  await using maker = await world.openPhone({ token: author.token })
  await using phone = await world.openPhone({ token: guest.token, inMotion: true })
  await phone.page.goto('/')
  const answers = await spoilOnePiece(maker.page)
  await shareFilm(maker.page)
  await phone.page.getByRole('button', { name: '1 new post' }).click()

  const player = phone.page.getByRole('group', { name: /^Video 1\/2, 0:04\. A running clock/ })
  await player.waitFor()
  assert.deepEqual(answers.slice(0, 4), [204, 460, 204, 204], 'a piece that was spoiled is sent again')
  assert.equal(answers.filter((status) => status !== 204).length, 1)
  await untilPlaying(phone.page)
  const [video] = await videosOf(phone.page)
  assert.equal(video?.muted, true)
  assert.equal(video?.width, 320)
  assert.equal(await shownCaption(phone.page), 'The clock is running.')

  await player.tap({ position: { x: 100, y: 60 } })
  await player.getByRole('button', { name: 'Turn the sound off' }).waitFor()
  assert.equal((await videosOf(phone.page))[0]?.muted, false)

  const { x, y } = (await player.boundingBox())!
  await phone.page.touchscreen.tap(x + 60, y + 60)
  await phone.page.touchscreen.tap(x + 60, y + 60)
  await phone.page.getByRole('button', { name: '1 like', exact: true }).waitFor()
  assert.equal((await videosOf(phone.page))[0]?.muted, false, 'two taps like, and touch nothing else')

  await phone.page.getByRole('button', { name: 'More about this post' }).click()
  await untilStill(phone.page)
  await phone.page.keyboard.press('Escape')
  await untilPlaying(phone.page)
  const complaints = maker.complaints.filter((text) => !text.includes('460'))
  assert.deepEqual([complaints, phone.complaints], [[], []])
})

/** The second piece comes to the server with the checksum of another. What was answered to pieces that had one is given. */
async function spoilOnePiece(page: Page): Promise<number[]> {
  const answers: number[] = []
  let pieces = 0
  page.on('response', (answer) => {
    if (answer.request().headers()['upload-checksum']) answers.push(answer.status())
  })
  await page.route('**/api/uploads/*', async (route) => {
    const headers = route.request().headers()
    if (headers['upload-checksum']) pieces += 1
    else return await route.continue()
    const another = `sha256 ${Buffer.alloc(32).toString('base64')}`
    await route.continue(pieces === 2 ? { headers: { ...headers, 'upload-checksum': another } } : {})
  })
  return answers
}

/** Beyond what is compared as a whole once it is there: each piece is told with its checksum. */
const largeBytes = 17 * 2 ** 20

/** Two in one post, with captions for the film; the card tells how far it is. */
async function shareFilm(page: Page): Promise<void> {
  await page.goto('/share')
  await choosePhotographs(page, [padded(await film(), largeBytes), await smallPhotograph(1)])
  await page.getByRole('img', { name: 'Video 1 of 2, 0:04' }).waitFor()
  await assertAccessible(page, 'a film is chosen')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('radio', { name: 'Silver' }).check()
  await page.getByRole('tab', { name: 'Adjust' }).click()
  assert.equal(await page.getByRole('radio', { name: 'Vignette' }).count(), 0, 'what a film has no use for')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Describe video 1').fill('A running clock')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Add captions' }).click()
  await (await chooser).setFiles([captionsFile])
  await page.getByText('film.en.vtt').waitFor()
  await assertAccessible(page, 'the words for a film')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('article', { name: 'Post by Hugo Film' }).waitFor()
}

test('two films never play at once, and the one in view does', { timeout: 90_000 }, async () => {
  await publishFilm(author, { altText: 'Lower film', size: '180x320' })
  await publishFilm(author, { altText: 'Upper film', size: '180x320', hasSound: false })
  await using phone = await world.openPhone({ token: guest.token, inMotion: true })
  const { page } = phone
  await page.goto('/')
  for (const name of ['Upper film', 'Lower film', 'Upper film']) {
    const player = page.getByRole('group', { name })
    await player.evaluate((element) => element.scrollIntoView({ block: 'center' }))
    await page.waitForFunction(
      (label) =>
        document.querySelector(`.player[aria-label*="${label}"]`)?.getAttribute('data-state') === 'playing',
      name,
    )
    await untilPlaying(page)
    assert.equal((await videosOf(page)).filter(({ paused }) => !paused).length, 1)
  }
  assert.deepEqual(phone.complaints, [])
})

test('nothing of a film comes before the tap for who wants stillness or saves data', {
  timeout: 90_000,
}, async () => {
  await publishFilm(author, { altText: 'On tap' })
  await assertOnTap({ inMotion: false })
  await guest.call('PATCH /api/me', { body: { dataSaver: true } })
  try {
    await assertOnTap({ inMotion: true })
  } finally {
    await guest.call('PATCH /api/me', { body: { dataSaver: false } })
  }
})

async function assertOnTap({ inMotion }: { inMotion: boolean }): Promise<void> {
  await using phone = await world.openPhone({ token: guest.token, inMotion })
  const { page } = phone
  const asked: string[] = []
  page.on('request', (request) => {
    if (/\/videos\/.+\.(?:mp4|m3u8|m4s)$/.test(request.url())) asked.push(request.url())
  })
  await page.goto('/')
  const player = page.getByRole('group', { name: /On tap/ })
  const start = player.getByRole('button', { name: 'Play 0:04' })
  await start.waitFor()
  await page.waitForTimeout(1000)
  assert.deepEqual(asked, [])
  await assertAccessible(page, 'a film that waits')
  if (inMotion) await page.emulateMedia({ reducedMotion: 'no-preference' })
  await start.tap()
  await untilPlaying(page)
  assert.ok(asked.length > 0)
}

test('a film obeys keys, and says what it does', { timeout: 90_000 }, async () => {
  const id = await publishFilm(author, { altText: 'By keys', seconds: 12, hasCaptions: true })
  await using desk = await world.openPhone({
    token: guest.token,
    size: { width: 1280, height: 800 },
    inMotion: true,
  })
  const { page } = desk
  await page.goto(`/p/${id}`)
  const player = page.getByRole('group', { name: /By keys/ })
  await player.waitFor()
  await untilPlaying(page)
  await player.focus()
  for (const [key, said] of [
    ['k', 'Paused'],
    [' ', 'Playing'],
    ['m', 'Sound on'],
    ['m', 'Sound off'],
    ['c', 'Captions off'],
    ['c', 'Captions on'],
  ] as const) {
    await page.keyboard.press(key)
    await page.getByRole('status').filter({ hasText: said }).waitFor({ state: 'attached' })
  }
  await page.keyboard.press('k')
  await untilStill(page)
  const before = (await videosOf(page))[0]!.at
  await page.keyboard.press('ArrowRight')
  await page.waitForFunction((from) => document.querySelector('video')!.currentTime >= from + 4.5, before)
  await page.keyboard.press('ArrowLeft')
  await page.waitForFunction((from) => document.querySelector('video')!.currentTime <= from + 0.5, before)
  await assertFocused(player, 'after the keys')
  await assertAccessible(page, 'the page of a film')
  assert.deepEqual(desk.complaints, [])
})

test('a film whose addresses are refused says so and tries again when asked', {
  timeout: 90_000,
}, async () => {
  const id = await publishFilm(author, { altText: 'Refused' })
  await using phone = await world.openPhone({ token: guest.token, inMotion: true })
  const { page } = phone
  await page.goto(`/p/${id}`)
  await untilPlaying(page)
  await page.route(/\/videos\/.+\.(?:mp4|m3u8|m4s)$/, (route) => route.fulfill({ status: 403 }))
  await page.reload()
  await page.getByText('This video could not be played.').waitFor()
  await assertAccessible(page, 'a film that cannot be played')
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await page.unroute(/\/videos\/.+\.(?:mp4|m3u8|m4s)$/)
  await page.getByRole('button', { name: 'Try again' }).tap()
  await untilPlaying(page)
})

test('a film whose stream is refused plays as one file', { timeout: 60_000 }, async () => {
  const id = await publishFilm(author, { altText: 'As a file' })
  await using phone = await world.openPhone({ token: guest.token, inMotion: true })
  const { page } = phone
  await page.route(/\/videos\/.+\.m3u8$/, (route) => route.fulfill({ status: 403 }))
  await page.goto(`/p/${id}`)
  await untilPlaying(page)
  assert.match((await videosOf(page))[0]!.source, /\.mp4$/)
})

test('only a browser that cannot read playlists fetches the library that can', {
  timeout: 60_000,
}, async () => {
  const id = await publishFilm(author, { altText: 'As a stream', hasCaptions: true })
  for (const isAble of [true, false]) {
    await using phone = await world.openPhone({ token: guest.token, inMotion: true })
    const { page } = phone
    const libraries: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/hls.light-')) libraries.push(request.url())
    })
    if (!isAble)
      await page.addInitScript(() => {
        HTMLVideoElement.prototype.canPlayType = () => ''
      })
    await page.goto(`/p/${id}`)
    await untilPlaying(page)
    assert.equal(libraries.length, isAble ? 0 : 1)
    assert.match((await videosOf(page))[0]!.source, isAble ? /\.m3u8$/ : /^blob:/)
    assert.equal(await shownCaption(page), 'The clock is running.')
    assert.deepEqual(phone.complaints, [], 'the content policy has nothing against it')
  }
})

test('captions and cut of a film that is out are changed, and what plays is the new one', {
  timeout: 90_000,
}, async () => {
  const id = await publishFilm(author, { altText: 'Later captioned' })
  await using phone = await world.openPhone({ token: author.token, inMotion: true })
  const { page } = phone
  await page.goto(`/p/${id}`)
  await editFilm(page, async (sheet) => {
    const chooser = page.waitForEvent('filechooser')
    await sheet.getByRole('button', { name: 'Add captions' }).click()
    await (await chooser).setFiles([captionsFile])
    await sheet.getByText('New captions: film.en.vtt').waitFor()
    await assertAccessible(page, 'captions of a film that is out')
    await page.emulateMedia({ reducedMotion: 'no-preference' })
  })
  await page.locator('track').waitFor({ state: 'attached' })
  assert.equal(await shownCaption(page), 'The clock is running.')
  await editFilm(page, (sheet) => sheet.getByRole('button', { name: 'Remove captions' }).click())
  await page.locator('track').waitFor({ state: 'detached' })
  await editFilm(page, async (sheet) => {
    await sheet.getByRole('button', { name: 'Edit: 1' }).click()
    const cut = page.getByRole('dialog')
    await cut.getByRole('tab', { name: 'Crop' }).click()
    await cut.getByRole('button', { name: 'Square' }).click()
    await cut.getByRole('button', { name: 'Done' }).click()
  })
  await page.waitForFunction(() => {
    const video = document.querySelector('video')
    return video && video.videoWidth > 0 && video.videoWidth === video.videoHeight && !video.paused
  })
})

async function editFilm(page: Page, change: (sheet: Locator) => Promise<void>): Promise<void> {
  await page.getByRole('button', { name: 'More about this post' }).click()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const sheet = page.getByRole('dialog', { name: 'Edit post' })
  await change(sheet)
  await sheet.getByRole('button', { name: 'Save', exact: true }).click()
  await sheet.waitFor({ state: 'detached' })
}

test('a file that is no film ends in a reason on its card', { timeout: 90_000 }, async () => {
  const maker = await buildPerson(world.app.client, { username: 'jonas', fullName: 'Jonas' })
  await using phone = await world.openPhone({ token: maker.token })
  const { page } = phone
  await page.goto('/share')
  const { buffer } = await film()
  const broken = { name: 'broken.mp4', mimeType: 'video/mp4', buffer: buffer.subarray(0, buffer.length / 3) }
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose photographs' }).click()
  await (await chooser).setFiles([broken])
  await page.getByText('This browser cannot show every one of them.').waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const card = page.getByRole('article', { name: 'Post by Jonas' })
  await card.getByText('This post could not be prepared').waitFor()
  await card.getByRole('button', { name: 'Delete' }).waitFor()
  assert.equal(await card.getByRole('button', { name: 'Try again' }).count(), 0, 'it stays broken')
  await assertAccessible(page, 'a film that failed')
})

test('a film too large to be kept says so, and closing the page loses that one alone', {
  timeout: 60_000,
}, async () => {
  const maker = await buildPerson(world.app.client, { username: 'lena' })
  const path = join(world.app.dataFolder, 'holiday.mp4')
  const bytes = 101 * 1024 * 1024
  await writeFile(path, '')
  await truncate(path, bytes)
  await using phone = await world.openPhone({ token: maker.token })
  const { page } = phone
  await page.goto('/share')
  await choosePhotographs(page, [await smallPhotograph()])
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Add more' }).click()
  await (await chooser).setFiles(path)
  await page.getByText('is not kept on this device').waitFor()
  await page.reload()
  await page.getByText('“holiday.mp4” was too large to be kept on this device').waitFor()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('img', { name: 'Photograph 1 of 1' }).waitFor()
})
