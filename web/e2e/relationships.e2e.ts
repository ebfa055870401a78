import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildPerson, follow, type Person } from '../../server/test/helpers/factories.ts'
import { until } from '../../server/test/helpers/until.ts'
import { assertAccessible } from './helpers/axe.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

const say = (who: Person, id: string, text: string) =>
  who.call('POST /api/posts/:id/comments', { params: { id }, body: { text } })

test('what a restricted person writes is never seen by others before it is approved', {
  timeout: 120_000,
}, async () => {
  const owner = await buildPerson(world.app.client, { username: 'kim' })
  const troll = await buildPerson(world.app.client, { username: 'lou' })
  const reader = await buildPerson(world.app.client, { username: 'max' })
  const id = await publish(owner, { caption: 'Harbour', altText: 'Boats' })
  await using phone = await world.openPhone({ token: owner.token })
  const { page } = phone

  await page.goto('/lou')
  await page.getByRole('button', { name: 'More about lou' }).click()
  await page.getByRole('button', { name: 'Restrict' }).click()
  await page.getByRole('button', { name: 'Restrict', exact: true }).last().click()
  await page.getByText('lou is restricted').waitFor()
  await say(troll, id, 'unkind words')

  await page.goto(`/p/${id}`)
  await page.getByText('Waits for you').waitFor()
  await assertAccessible(page, 'a comment that waits')
  await using theirs = await world.openPhone({ token: troll.token })
  await theirs.page.goto(`/p/${id}`)
  await theirs.page.getByText('unkind words').waitFor()
  assert.equal(await theirs.page.getByText(/Waits|Approve/).count(), 0, 'its author learns nothing')
  const seen = () => reader.call('GET /api/posts/:id/comments', { params: { id } })
  assert.deepEqual((await seen()).items, [])
  await page.getByRole('button', { name: 'Approve lou' }).click()
  await page.getByText('Waits for you').waitFor({ state: 'detached' })
  assert.equal((await seen()).items.length, 1)

  await page.goto('/settings/privacy')
  await page.getByLabel('Comment', { exact: false }).first().selectOption({ label: 'Nobody' })
  await page.getByRole('link', { name: 'Hidden words' }).click()
  await page.getByLabel('Words and phrases').fill('Idiot\ngo home')
  await assertAccessible(page, 'hidden words')
  await page.getByRole('button', { name: 'Save' }).click()
  await until(async () => (await owner.call('GET /api/me/hidden-words')).words.join() === 'Idiot,go home')
  await theirs.page.reload()
  await theirs.page.getByText('Who may comment here is limited').waitFor()
  await page.goto('/settings/restricted')
  await page.getByRole('button', { name: 'Stop restricting lou' }).click()
  await page.getByRole('heading', { name: 'Nobody is restricted' }).waitFor()

  await page.goto('/max')
  await page.getByRole('button', { name: 'More about max' }).click()
  await page.getByRole('button', { name: 'Mute' }).click()
  await page.getByRole('switch', { name: 'Stories' }).click()
  await assertAccessible(page, 'kinds of mutes')
  await page.getByRole('button', { name: 'Done' }).click()
  await until(async () => {
    const { relationship } = await owner.call('GET /api/users/:username', { params: { username: 'max' } })
    return relationship?.muting.join() === 'stories'
  })
  assert.deepEqual(phone.complaints, [])
})

test('whoever follows few is shown whom they may know, and never again whom they do not want', {
  timeout: 120_000,
}, async () => {
  const [viewer, friend, one, two] = await Promise.all(
    ['nia', 'oli', 'pia', 'quinn'].map((username) => buildPerson(world.app.client, { username })),
  )
  await follow(viewer!, friend!)
  for (const other of [one!, two!]) await follow(friend!, other)
  await using phone = await world.openPhone({ token: viewer!.token })
  const { page } = phone
  for (const path of ['/', '/search']) {
    await page.goto(path)
    await page.getByRole('heading', { name: 'Suggested for you' }).waitFor()
    await page.getByText('Followed by oli').nth(1).waitFor()
    assert.equal(await page.getByText('Followed by oli').count(), 2, path)
    await assertAccessible(page, `suggestions at ${path}`)
  }
  // What is shown at once may not be said to the server yet, and reloading would cut it off.
  const said = (path: string) => page.waitForResponse((answer) => answer.ok() && answer.url().endsWith(path))
  await Promise.all([
    said('/suggestions/pia'),
    page.getByRole('button', { name: 'Do not suggest pia again' }).click(),
  ])
  await page.getByRole('link', { name: /pia/ }).waitFor({ state: 'detached' })
  await Promise.all([said('/quinn/follow'), page.getByRole('button', { name: 'Follow: quinn' }).click()])
  await page.getByRole('button', { name: 'Following: quinn' }).waitFor()
  await page.reload()
  await page.getByRole('searchbox').waitFor()
  assert.deepEqual((await viewer!.call('GET /api/suggestions')).items, [])
  assert.deepEqual(phone.complaints, [])
})
