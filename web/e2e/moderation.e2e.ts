import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type Phone, type World } from './helpers/world.ts'

let world: World
let mona: Person
let kim: Person
let lea: Person
let moderator: Phone
let owner: Phone
let reader: Phone

before(async () => {
  world = await openWorld()
  const { client, modules } = world.app
  mona = await buildPerson(client, { username: 'mona', fullName: 'Mona Rat' })
  kim = await buildPerson(client, { username: 'kim', fullName: 'Kim Brenner' })
  lea = await buildPerson(client, { username: 'lea', fullName: 'Lea Strahl' })
  await modules.accounts.api.setRoles(mona.id, ['moderator'])
  await follow(lea, kim)
  moderator = await world.openPhone({ token: mona.token, size: { width: 1280, height: 800 } })
  owner = await world.openPhone({ token: kim.token })
  reader = await world.openPhone({ token: lea.token, scheme: 'dark' })
})
after(async () => {
  for (const phone of [moderator, owner, reader]) await phone[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const cases = (page: Page) => page.getByRole('article')

describe('a report', () => {
  let postId: string

  it('is sent from the menu of a post, with a thank-you and the offer to block', async () => {
    postId = await publish(kim, { caption: 'Buy my miracle cure', photographs: 1 })
    const { page } = reader
    await page.goto('/')
    await page.getByRole('button', { name: 'More about this post' }).click()
    await page.getByRole('button', { name: 'Report', exact: true }).click()
    const sheet = page.getByRole('dialog', { name: 'Report this post' })
    await sheet.getByRole('button', { name: 'Report', exact: true }).click()
    await sheet.getByRole('alert').waitFor()
    await sheet.getByRole('radio', { name: 'Spam' }).check()
    await sheet.getByLabel('What should the moderators know? (optional)').fill('The third one today.')
    await assertAccessible(page, 'the sheet for reports')
    await sheet.getByRole('button', { name: 'Report', exact: true }).click()
    await sheet.getByText('Thank you').waitFor()
    await sheet.getByRole('button', { name: 'Block kim as well' }).waitFor()
    await assertAccessible(page, 'thanks for a report')
    await sheet.getByRole('button', { name: 'Done' }).click()
  })

  it('waits for moderators, blurred, with its reasons; marked as sensitive it is covered for others', async () => {
    const { page } = moderator
    await page.goto('/settings')
    await page.getByRole('link', { name: 'Moderation' }).click()
    const waiting = cases(page).filter({ hasText: 'Post by kim' })
    await waiting.getByText('1 report: Spam', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Moderation' }).getByText('1', { exact: true }).waitFor()
    await waiting.getByText('The third one today.').waitFor()
    const picture = waiting.getByRole('img')
    assert.match(await picture.evaluate((image) => getComputedStyle(image).filter), /blur/)
    await waiting.getByRole('button', { name: 'Show the pictures' }).click()
    assert.equal(await picture.evaluate((image) => getComputedStyle(image).filter), 'none')
    await assertAccessible(page, 'the queue of moderators')
    await waiting.getByRole('button', { name: 'Mark sensitive' }).click()
    await page.getByRole('heading', { name: 'Nothing waits' }).waitFor()
    await assertAccessible(page, 'the empty queue')
  })

  it('that made a post sensitive covers it in feed, grid and on its page, until one asks', async () => {
    const { page } = reader
    for (const path of ['/', `/p/${postId}`]) {
      await page.goto(path)
      await page.getByText('Not for everybody').waitFor()
      assert.equal(await page.locator(`[data-photo] img`).count(), 0, path)
    }
    await assertAccessible(page, 'a covered post')
    await page.goto('/kim')
    await page.getByRole('link', { name: /Marked as sensitive/ }).click()
    await page.getByRole('button', { name: 'Show' }).click()
    await page.locator('.post-photos img[src^="/m/"]').waitFor()
    await page.goBack()
    await page.locator('.grid img[src^="/m/"]').waitFor()
    // To its author it is as before.
    await owner.page.goto(`/p/${postId}`)
    await owner.page.locator('.post-photos img[src^="/m/"]').waitFor()
  })
})

describe('a post with rude words', () => {
  it('is in review for its owner, and for nobody else; removed, its owner reads why', async () => {
    const uploadId = await kim.upload((await smallPhotograph(2)).buffer)
    await owner.page.goto('/kim')
    const { id } = await kim.call('POST /api/posts', {
      body: { media: [{ uploadId }], caption: 'Du Arschloch, #morning' },
    })
    while ((await kim.call('GET /api/posts/:id', { params: { id } })).status === 'processing')
      await new Promise((resolve) => setTimeout(resolve, 50))
    await owner.page.goto(`/p/${id}`)
    await owner.page.getByText('In review: a person looks at this post').waitFor()
    await assertAccessible(owner.page, 'one’s own post in review')
    await reader.page.goto(`/p/${id}`)
    await reader.page.getByRole('heading', { name: 'This post is not here' }).waitFor()

    const { page } = moderator
    await page.goto('/moderation')
    const waiting = cases(page).filter({ hasText: 'Post by kim' })
    await waiting.getByText('Strong words in the caption').waitFor()
    assert.equal(await waiting.locator('mark').textContent(), 'Arschloch')
    await waiting.getByRole('button', { name: 'Remove' }).focus()
    await page.keyboard.press('Enter')
    const sheet = page.getByRole('dialog', { name: 'Remove this post?' })
    await sheet.getByLabel('Why? (optional)').fill('Be kind to each other.')
    await assertAccessible(page, 'removing a post')
    await sheet.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'Nothing waits' }).waitFor()

    // Told live: the page is open all the while.
    await owner.page.getByText('The moderators of this server removed this post').waitFor()
    await owner.page.getByText('Be kind to each other.').waitFor()
    await assertAccessible(owner.page, 'one’s own removed post')
    await owner.page.goto('/kim')
    await owner.page.getByText('Removed').waitFor()

    await page.getByRole('link', { name: 'Log' }).click()
    await page.getByText('Reason: Be kind to each other.').waitFor()
    await assertAccessible(page, 'the log of moderators')
  })
})

it('a post that is changed while a moderator looks at it is shown anew, and never decided about unseen', async () => {
  const uploadId = await kim.upload((await smallPhotograph(3)).buffer)
  const { id } = await kim.call('POST /api/posts', {
    body: { media: [{ uploadId }], caption: 'Du Arschloch' },
  })
  while ((await kim.call('GET /api/posts/:id', { params: { id } })).status === 'processing')
    await new Promise((resolve) => setTimeout(resolve, 50))
  const { page } = moderator
  await page.goto('/moderation')
  const waiting = cases(page).filter({ hasText: 'Post by kim' })
  await waiting.getByText('Du Arschloch').waitFor()
  await kim.call('PATCH /api/posts/:id', { params: { id }, body: { caption: 'Quite another caption' } })
  await waiting.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('This was changed meanwhile').waitFor()
  await waiting.getByText('Quite another caption').waitFor()
  assert.equal((await kim.call('GET /api/posts/:id', { params: { id } })).status, 'review')
  await waiting.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor()
})

it('is nothing for people without a role', async () => {
  await reader.page.goto('/moderation')
  await reader.page.getByRole('heading', { name: 'This is for those who look after this server' }).waitFor()
  assert.deepEqual(
    [moderator, owner, reader].map(({ complaints }) =>
      complaints.filter((line) => !/40[0349]|410/.test(line)),
    ),
    [[], [], []],
  )
})
