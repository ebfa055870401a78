import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { choosePhotographs } from './helpers/people.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

let world: World
let lea: Person
let postId: string
before(async () => {
  world = await openWorld()
  lea = await buildPerson(world.app.client, { username: 'lea', fullName: 'Lea Strahl' })
  await world.app.modules.media.api.quotas.setOwn(lea.id, 50 * 1024 * 1024)
  const mia = await buildPerson(world.app.client, { username: 'mia', isPrivate: true })
  await follow(mia, lea)
  await mia.call('PUT /api/users/:username/follow', { params: { username: 'lea' } })
  const nur = await buildPerson(world.app.client, { username: 'nur' })
  await lea.call('PATCH /api/me', { body: { isPrivate: true, bio: 'Light and #shade, with @mia' } })
  await nur.call('PUT /api/users/:username/follow', { params: { username: 'lea' } })
  postId = await publish(lea, { caption: 'Two of #light', photographs: 2 })
  await mia.call('PUT /api/posts/:id/like', { params: { id: postId } })
  await lea.call('PUT /api/posts/:id/save', { params: { id: postId } })
  await lea.call('PUT /api/posts/:id/like', { params: { id: postId } })
  const said = await mia.call('POST /api/posts/:id/comments', {
    params: { id: postId },
    body: { text: 'Good' },
  })
  const answer = { text: 'Thank you @mia', parentId: said.id }
  await lea.call('POST /api/posts/:id/comments', { params: { id: postId }, body: answer })
})
after(() => world[Symbol.asyncDispose]())

/** What a screen shows when it is there. */
type Ready = (page: Page) => Promise<unknown>
const heading =
  (name: string | RegExp): Ready =>
  (page) =>
    page.getByRole('heading', { name }).first().waitFor()
const picture: Ready = (page) => page.locator('img[src^="/m/"]').first().waitFor()

const signedIn: [path: string, ready: Ready][] = [
  ['/', picture],
  ['/search', heading('Find people and hashtags')],
  ['/saved', picture],
  ['/likes', picture],
  ['/requests', (page) => page.getByRole('button', { name: 'Accept nur' }).waitFor()],
  ['/settings', (page) => page.getByRole('link', { name: /^Preferences/ }).waitFor()],
  ['/settings/account', (page) => page.getByRole('meter', { name: / of 50 MB used$/ }).waitFor()],
  ['/settings/security', (page) => page.getByText('This device').waitFor()],
  ['/settings/privacy', (page) => page.getByRole('switch', { name: /^Private account/ }).waitFor()],
  ['/settings/preferences', (page) => page.getByLabel('Language').waitFor()],
  ['/settings/stories', (page) => page.getByRole('switch', { name: /^Keep Stories/ }).waitFor()],
  ['/settings/story-archive', heading('Nothing here yet')],
  ['/stories/new/highlight', heading('Nothing to keep yet')],
  ['/stories/mia', (page) => page.getByText('There is nothing here any more').waitFor()],
  ['/settings/notifications', (page) => page.getByLabel('Likes').waitFor()],
  ['/settings/blocked', heading(/./)],
  ['/settings/muted', heading(/./)],
  ['/lea', picture],
  ['/mia', heading('This account is private')],
  ['/lea/followers', (page) => page.getByRole('button', { name: 'Remove follower: mia' }).waitFor()],
  ['/p/:post', (page) => page.getByText('Good', { exact: true }).waitFor()],
  ['/tags/light', picture],
  ['/p/1', heading('This post is not here')],
  ['/nobody/at/all', heading('There is nothing here')],
]
const signedOut: [path: string, ready: Ready][] = [
  ['/', (page) => page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()],
  ['/signup', heading('Create your account')],
  ['/signin', heading('Sign in')],
  ['/lea', heading('This account is private')],
]

/** Sheets and steps, opened from where they are found. */
const opened: [name: string, open: Ready][] = [
  [
    'the menu of a post',
    async (page) => {
      await page.goto('/')
      await page.getByRole('button', { name: 'More about this post' }).click()
      await page.getByRole('dialog').waitFor()
    },
  ],
  [
    'editing a post',
    async (page) => {
      await page.getByRole('button', { name: 'Edit', exact: true }).click()
      await page.getByRole('dialog', { name: 'Edit post' }).waitFor()
    },
  ],
  [
    'editing the profile',
    async (page) => {
      await page.goto('/lea')
      await page.getByRole('button', { name: 'Edit profile' }).click()
      await page.getByRole('dialog', { name: 'Edit profile' }).waitFor()
    },
  ],
  [
    'choosing photographs',
    async (page) => {
      await page.goto('/share')
      await choosePhotographs(page, [await smallPhotograph(0), await smallPhotograph(1, 1200, 800)])
    },
  ],
  [
    'choosing a filter',
    async (page) => {
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('radio', { name: 'Golden' }).check()
    },
  ],
  ['adjusting', (page) => page.getByRole('tab', { name: 'Adjust' }).click()],
  ['cropping', (page) => page.getByRole('tab', { name: 'Crop' }).click()],
  [
    'words',
    async (page) => {
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByLabel('Caption').fill('With @m')
      await page.getByRole('listbox').waitFor()
    },
  ],
  [
    'a draft found again',
    async (page) => {
      await page.goto('/share')
      await page.getByRole('heading', { name: 'Go on with your draft?' }).waitFor()
    },
  ],
]

describe('a slow line', () => {
  it('does not show a blank page until the app is there', async () => {
    await using phone = await world.openPhone({ token: lea.token })
    const { page } = phone
    const outline = page.locator('.outline')
    const shows = async (name: string) =>
      assert.equal(await outline.locator(name).isVisible(), true, `${name} is not there`)
    let letThrough: () => void = () => undefined
    const wait = async () => {
      const open = new Promise<void>((resolve) => {
        letThrough = resolve
      })
      await page.route(/\/assets\/(?:style|index)-/, async (route) => {
        await open
        await route.continue()
      })
    }
    await wait()
    await page.goto('/', { waitUntil: 'commit' })
    await outline.waitFor()
    await shows('.outline-mark')
    letThrough()
    await picture(page)
    assert.equal(await outline.isVisible(), false)

    await wait()
    await page.reload({ waitUntil: 'commit' })
    await outline.waitFor()
    for (const part of ['.outline-bar', '.outline-photo', '.outline-tabs']) await shows(part)
    letThrough()
    await picture(page)
    assert.equal(await outline.isVisible(), false)
    assert.deepEqual(phone.complaints, [])
  })
})

describe('a small screen, long words, colours of one’s own', () => {
  it('does not cut names and titles down to a letter', async () => {
    await using phone = await world.openPhone({ token: lea.token, size: { width: 320, height: 568 } })
    const { page } = phone
    await page.goto('/lea/followers?lang=de')
    await page.getByRole('button', { name: 'Entfernen', exact: false }).first().waitFor()
    // As large as a person may want letters to be.
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%'
    })
    const cut = await page
      .locator('.person-name, .page-bar h1')
      .evaluateAll((all) =>
        all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent),
      )
    assert.deepEqual(cut, [])
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, 'it scrolls sideways')
  })

  it('does not lose what a switch says where the person has colours of their own', async () => {
    await using phone = await world.openPhone({ token: lea.token })
    const { page } = phone
    await page.emulateMedia({ forcedColors: 'active' })
    await page.goto('/settings/privacy')
    const isPrivate = page.getByRole('switch', { name: /^Private account/ })
    await isPrivate.waitFor()
    const [knob, behind] = await isPrivate.evaluate((one) =>
      ['::before', null].map((part) => getComputedStyle(one, part).backgroundColor),
    )
    assert.notEqual(knob, behind)
  })
})

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'

for (const size of [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
]) {
  const isWide = size.width > 1000
  describe(`nothing stands in the way at ${size.width} × ${size.height}`, {
    timeout: 200_000,
    // The marks and words are the same; what differs is looked at in the tests of each part.
    skip: isWide && !isLong && 'only in test:long',
  }, () => {
    let phone: Phone
    let stranger: Phone
    before(async () => {
      phone = await world.openPhone({ token: lea.token, size })
      stranger = await world.openPhone({ size })
    })
    after(async () => {
      await phone[Symbol.asyncDispose]()
      await stranger[Symbol.asyncDispose]()
    })

    for (const [path, ready] of signedIn) {
      it(`on ${path}`, async () => {
        await phone.page.goto(path.replace(':post', postId))
        await ready(phone.page)
        await assertAccessible(phone.page, path)
      })
    }
    for (const [name, open] of opened) {
      it(`in ${name}`, async () => {
        await open(phone.page)
        await assertAccessible(phone.page, name)
      })
    }
    for (const [path, ready] of signedOut) {
      it(`on ${path} for visitors`, async () => {
        await stranger.page.goto(path)
        await ready(stranger.page)
        await assertAccessible(stranger.page, path)
      })
    }
  })
}
