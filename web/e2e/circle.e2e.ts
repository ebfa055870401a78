import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildPerson, follow } from '../../server/test/helpers/factories.ts'
import { assertAccessible } from './helpers/axe.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world[Symbol.asyncDispose]())

test('a private account is opened by its person, and closed again by a block', {
  timeout: 90_000,
}, async () => {
  const gil = await buildPerson(world.app.client, { username: 'gil', isPrivate: true })
  const hao = await buildPerson(world.app.client, { username: 'hao' })
  const postId = await publish(gil, { caption: 'Only for friends', altText: 'A door' })
  await using owner = await world.openPhone({ token: gil.token })
  await using friend = await world.openPhone({ token: hao.token })

  await friend.page.goto(`/p/${postId}`)
  await friend.page.getByRole('heading', { name: 'This post is not here' }).waitFor()
  await friend.page.goto('/gil')
  await friend.page.getByRole('heading', { name: 'This account is private' }).waitFor()
  await friend.page.getByRole('button', { name: 'Follow: gil' }).click()
  await friend.page.getByRole('button', { name: 'Requested: gil' }).waitFor()
  assert.equal(await friend.page.getByRole('img', { name: 'A door' }).count(), 0)

  await owner.page.goto('/')
  await owner.page.getByRole('link', { name: 'Follow requests: 1 waiting' }).click()
  await owner.page.getByRole('button', { name: 'Accept hao' }).click()
  await owner.page.getByRole('heading', { name: 'No requests waiting' }).waitFor()
  await friend.page.reload()
  await friend.page.getByRole('link', { name: /^Post of/ }).click()
  await friend.page.getByRole('img', { name: 'A door' }).waitFor()

  await owner.page.goto('/hao')
  await owner.page.getByRole('button', { name: 'More about hao' }).click()
  await owner.page.getByRole('button', { name: 'Block' }).click()
  await owner.page.getByRole('button', { name: 'Block', exact: true }).last().click()
  await owner.page.getByRole('heading', { name: 'You have blocked hao' }).waitFor()
  // What lies open on the friend's screen goes without a reload.
  await friend.page.getByRole('img', { name: 'A door' }).waitFor({ state: 'detached' })
  await friend.page.goto('/gil')
  await friend.page.getByRole('heading', { name: 'There is no such account' }).first().waitFor()
})

test('what is for followers does not stay away from the profile after following', {
  timeout: 90_000,
}, async () => {
  const rui = await buildPerson(world.app.client, { username: 'rui' })
  const sol = await buildPerson(world.app.client, { username: 'sol' })
  const postId = await publish(rui, { caption: 'Inside' })
  await rui.call('PATCH /api/posts/:id', { params: { id: postId }, body: { audience: 'followers' } })
  await using phone = await world.openPhone({ token: sol.token })
  const { page } = phone
  await page.goto('/rui')
  await page.getByRole('heading', { name: 'No posts yet' }).waitFor()
  await page.getByRole('button', { name: 'Follow: rui' }).click()
  await page.getByRole('link', { name: /^Post of/ }).waitFor()
})

test('a hashtag leads to its posts, and what was saved is found again', { timeout: 90_000 }, async () => {
  const ida = await buildPerson(world.app.client, { username: 'ida' })
  const jon = await buildPerson(world.app.client, { username: 'jon' })
  await follow(jon, ida)
  await publish(ida, { caption: 'Morning #harbour', altText: 'Boats' })
  await publish(ida, { caption: 'Evening #Harbour', altText: 'Nets', which: 1 })
  await using phone = await world.openPhone({ token: jon.token })
  const { page } = phone

  await page.goto('/')
  await page.getByRole('link', { name: '#Harbour', exact: true }).click()
  await page.getByRole('heading', { name: '#harbour' }).waitFor()
  await page
    .getByRole('link', { name: /^Post of/ })
    .nth(1)
    .waitFor()
  await page
    .getByRole('link', { name: /^Post of/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('heading', { name: 'Saved' }).waitFor()
  await page
    .getByRole('link', { name: /^Post of/ })
    .first()
    .waitFor()
  assert.equal(await page.getByRole('link', { name: /^Post of/ }).count(), 1)
  assert.deepEqual(phone.complaints, [])
})

test('a link works for visitors, and says what it leads to', { timeout: 60_000 }, async () => {
  const kim = await buildPerson(world.app.client, { username: 'kim', fullName: 'Kim Sonne' })
  const id = await publish(kim, { caption: 'For everybody', altText: 'A field' })
  const preview = await (await fetch(`${world.app.url}/p/${id}`)).text()
  assert.match(preview, /property="og:image" content="http/)
  await using phone = await world.openPhone()
  await phone.page.goto(`/p/${id}`)
  await phone.page.getByRole('img', { name: 'A field' }).waitFor()
  await phone.page.getByText('For everybody').waitFor()
  await phone.page.getByRole('link', { name: 'Sign in' }).first().waitFor()
})

test('a picture of oneself is cut to the square one chose', { timeout: 60_000 }, async () => {
  const lou = await buildPerson(world.app.client, { username: 'lou' })
  await using phone = await world.openPhone({ token: lou.token })
  const { page } = phone
  await page.goto('/lou')
  await page.getByRole('button', { name: 'Edit profile' }).click()
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Change picture' }).click()
  await (await chooser).setFiles([await smallPhotograph(4, 1600, 900)])
  await page.getByRole('slider', { name: 'Zoom' }).fill('2')
  await assertAccessible(page, 'cutting a picture of oneself')
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Remove picture' }).waitFor()
  await page.getByRole('dialog').locator('img[src*="/avatars/"]').waitFor()
  assert.equal((await lou.call('GET /api/me')).avatarStatus, 'ready')
  assert.deepEqual(phone.complaints, [])
})
