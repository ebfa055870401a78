import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildPerson, follow } from '../../server/test/helpers/factories.ts'
import { until } from '../../server/test/helpers/until.ts'
import { assertAccessible } from './helpers/axe.ts'
import { choosePhotographs } from './helpers/people.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld } from './helpers/world.ts'

test('what is shared with close friends is never shown to others, and everybody knows what they are looking at', {
  timeout: 180_000,
}, async () => {
  await using world = await openWorld()
  const [ann, mia, ben] = await Promise.all(
    ['ann', 'mia', 'ben'].map((username) => buildPerson(world.app.client, { username })),
  )
  assert.ok(ann && mia && ben)
  for (const other of [mia, ben]) {
    await follow(ann, other)
    await follow(other, ann)
  }
  await using phone = await world.openPhone({ token: ann.token })
  await using friends = await world.openPhone({ token: mia.token, scheme: 'dark' })
  await using others = await world.openPhone({ token: ben.token, size: { width: 1280, height: 800 } })
  const { page } = phone

  await page.goto('/settings/privacy')
  await page.getByRole('link', { name: 'Close friends' }).click()
  await page.getByText('Nobody is on your list').waitFor()
  await assertAccessible(page, 'an empty list of close friends')
  await page.getByRole('searchbox', { name: 'Find among people you follow' }).fill('mi')
  await page.getByRole('button', { name: 'Add mia to your close friends' }).click()
  await page.getByRole('button', { name: 'Remove mia from your close friends' }).waitFor()
  await page.goto('/settings/privacy')
  await page.getByLabel('New posts are for').selectOption('Close friends')
  await page.getByRole('switch', { name: 'Hide who likes my posts' }).click()
  await page.getByLabel('Who sees whom I follow, and who follows me').selectOption('Only me')
  await assertAccessible(page, 'the privacy settings')

  await others.page.goto('/')
  await page.goto('/share')
  await choosePhotographs(page, [await smallPhotograph()])
  for (let step = 0; step < 2; step++) await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Caption').fill('among us')
  assert.equal(await page.getByRole('radio', { name: /^Close friends/ }).isChecked(), true)
  await assertAccessible(page, 'the words of a post, with its audience')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const card = (which: typeof phone, words: string) =>
    which.page.locator('article').filter({ hasText: words })
  const mark = 'For close friends only'
  await card(phone, 'among us').getByRole('img', { name: mark }).waitFor()

  await until(async () => (await mia.call('GET /api/feed')).items.length > 0)
  await friends.page.goto('/')
  await card(friends, 'among us').getByRole('img', { name: mark }).waitFor()
  await assertAccessible(friends.page, 'a card for close friends')
  await publish(ann, { caption: 'not for ben, and to all' })
  const { items } = await ben.call('GET /api/feed')
  assert.deepEqual(items, [], 'what has no audience goes where its author’s posts go')

  await card(phone, 'among us').getByRole('button', { name: 'More' }).click()
  await page
    .getByRole('menuitem', { name: 'Edit' })
    .or(page.getByRole('button', { name: 'Edit' }))
    .first()
    .click()
  await page.getByRole('radio', { name: /^Everyone/ }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Changes saved').waitFor()
  await card(phone, 'among us').getByRole('img', { name: mark }).waitFor({ state: 'detached' })
  await others.page.goto('/')
  await card(others, 'among us').waitFor()
  await ben.call('PUT /api/posts/:id/like', {
    params: { id: (await ben.call('GET /api/feed')).items[0]!.id },
  })
  await others.page.goto('/ann/followers')
  await others.page.getByText('This list is not open to you.').waitFor()
  await others.page.goto('/')
  assert.equal(
    await card(others, 'among us')
      .getByText(/likes?$/)
      .count(),
    0,
  )

  // Narrowed while somebody looks: it leaves their page.
  const [post] = (
    await ann.call('GET /api/users/:username/posts', { params: { username: 'ann' } })
  ).items.filter(({ caption }) => caption === 'among us')
  await card(others, 'among us').waitFor()
  await ann.call('PATCH /api/posts/:id', { params: { id: post!.id }, body: { audience: 'close_friends' } })
  await card(others, 'among us').waitFor({ state: 'detached' })
  assert.deepEqual([phone.complaints, friends.complaints], [[], []])
})
