import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { block, buildPerson, follow } from '../../server/test/helpers/factories.ts'
import { until } from '../../server/test/helpers/until.ts'
import { assertAccessible } from './helpers/axe.ts'
import { assertFocused } from './helpers/focus.ts'
import { smallPhotograph } from './helpers/photographs.ts'
import { publish } from './helpers/posts.ts'
import { openWorld, type World } from './helpers/world.ts'

let world: World
before(async () => {
  world = await openWorld({ hasMicrophone: true })
})
after(() => world[Symbol.asyncDispose]())

const wide = { width: 1280, height: 800 }
const field = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true })
const log = (page: Page) => page.getByRole('log')
const said = (page: Page, text: string) => log(page).getByText(text, { exact: true })

/** With a click too many, as impatient thumbs make it: neither a second message nor a recording comes of that. */
async function say(page: Page, text: string): Promise<void> {
  await field(page).fill(text)
  await page.getByRole('button', { name: 'Send', exact: true }).dblclick()
  assert.ok(await field(page).isVisible(), 'nothing is recorded')
}

/** What the short run leaves out: screens made of what others are made of. */
async function assertInLongRun(page: Page, screen: string): Promise<void> {
  if (process.env.HELIOGRAPH_TEST_LONG) await assertAccessible(page, screen)
}

/** What stands in the conversation, in order. */
const bubbles = (page: Page) => log(page).locator('.talk-bubble').allInnerTexts()

async function more(page: Page, text: string, action: string | RegExp): Promise<void> {
  await page
    .getByRole('listitem')
    .filter({ has: page.getByText(text, { exact: true }) })
    .getByRole('button', { name: /^More about the message/ })
    .evaluate((button: HTMLElement) => button.click())
  await page.getByRole('dialog').getByRole('button', { name: action }).click()
}

test('two people who write to each other see the same, at once, and nothing twice after a lost connection', {
  timeout: 180_000,
}, async () => {
  const [ana, ben] = await Promise.all(
    ['ana', 'ben'].map((username) => buildPerson(world.app.client, { username })),
  )
  await follow(ana!, ben!)
  await follow(ben!, ana!)
  const postId = await publish(ana!, { caption: 'Harbour', altText: 'Boats' })
  await using phone = await world.openPhone({ token: ana!.token })
  await using desk = await world.openPhone({ token: ben!.token, size: wide })
  await desk.page.goto('/messages')
  await desk.page.getByRole('heading', { name: 'No messages yet' }).waitFor()
  await phone.page.goto('/messages')
  await phone.page.getByRole('heading', { name: 'No messages yet' }).waitFor()
  await assertInLongRun(phone.page, 'no messages yet')

  await phone.page.goto('/ben')
  await phone.page.getByRole('button', { name: 'Message ben' }).click()
  await phone.page.getByText('Encrypted on the way, not end to end', { exact: false }).waitFor()
  await say(phone.page, 'Hello Ben')
  await said(phone.page, 'Hello Ben').waitFor()

  await desk.page.getByTitle('Messages: 1 unread').waitFor()
  await desk.page.getByRole('link', { name: /ana.*Hello Ben/ }).click()
  await said(desk.page, 'Hello Ben').waitFor()
  await phone.page.getByText('Seen', { exact: true }).waitFor()
  await desk.page.getByTitle('Messages', { exact: true }).waitFor()

  await field(desk.page).pressSequentially('Hi')
  await phone.page.getByText('ben is writing').waitFor()
  await field(desk.page).fill('Hi Ana, look at https://example.org/light.')
  await desk.page.keyboard.press('Enter')
  await phone.page.getByText('ben is writing').waitFor({ state: 'detached' })
  await phone.page.getByRole('link', { name: 'example.org/light' }).waitFor()

  await more(desk.page, 'Hello Ben', '❤️')
  await phone.page.getByRole('button', { name: '❤️ of ben' }).waitFor()
  await more(phone.page, 'Hello Ben', 'Edit')
  await field(phone.page).fill('Hello dear Ben')
  await phone.page.getByRole('button', { name: 'Save the change' }).click()
  await said(desk.page, 'Hello dear Ben').waitFor()
  await more(desk.page, 'Hello dear Ben', 'Reply')
  await assertFocused(field(desk.page), 'after “Reply”')
  await desk.page.getByText('In reply to ana').waitFor()
  await field(desk.page).fill('Dear?')
  await assertFocused(field(desk.page), 'while writing')
  await desk.page.keyboard.press('Enter')
  await phone.page.getByRole('button', { name: /In reply to you/ }).waitFor()
  await assertAccessible(phone.page, 'a conversation')
  await more(phone.page, 'Dear?', '😂')
  await desk.page.getByRole('button', { name: '😂 of ana' }).waitFor()
  await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await phone.page.reload()
  await said(phone.page, 'Dear?').waitFor()
  await say(desk.page, 'Look at it soon')
  await until(async () => (await savedMessages(phone.page)).includes('Look at it soon'))

  await phone.context.setOffline(true)
  await say(phone.page, 'one')
  await say(phone.page, 'two')
  await phone.page.getByText('Goes out when the connection is back').nth(1).waitFor()
  await assertInLongRun(phone.page, 'a conversation without a connection')
  await ben!.call('POST /api/conversations/:id/messages', {
    params: { id: idOf(phone.page) },
    body: { clientId: 'meanwhile-1', text: 'meanwhile' },
  })
  await said(desk.page, 'meanwhile').waitFor()
  // Closed meanwhile, and opened again elsewhere in the app: what was written goes out all the same.
  const talk = new URL(phone.page.url()).pathname
  await until(async () => (await keptMessages(phone.page)) === 2)
  await phone.page.reload()
  // It came while the conversation was open.
  await said(phone.page, 'Look at it soon').waitFor()
  await phone.page.goto('about:blank')
  await phone.context.setOffline(false)
  await phone.page.goto('/saved')
  await said(desk.page, 'two').waitFor()
  await phone.page.goto(talk)
  await said(phone.page, 'meanwhile').waitFor()
  const all = [
    'Hello dear Ben',
    'Hi Ana, look at example.org/light.',
    'Dear?',
    'Look at it soon',
    'meanwhile',
    'one',
    'two',
  ]
  await until(async () => (await bubbles(desk.page)).join() === all.join())
  await until(async () => (await bubbles(phone.page)).join() === all.join())

  await more(phone.page, 'two', 'Take back')
  await phone.page.getByRole('button', { name: 'Take back' }).click()
  await said(desk.page, 'This message was taken back').waitFor()
  // What is left of it, and anything else, goes from one's own list alone.
  await more(desk.page, 'This message was taken back', 'Delete for yourself')
  await desk.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await said(desk.page, 'This message was taken back').waitFor({ state: 'detached' })
  await more(phone.page, 'meanwhile', 'Delete for yourself')
  await phone.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await said(phone.page, 'meanwhile').waitFor({ state: 'detached' })
  await until(async () => !(await savedMessages(phone.page)).includes('meanwhile'))
  assert.ok(await said(desk.page, 'meanwhile').isVisible())
  assert.ok(await said(phone.page, 'This message was taken back').isVisible())

  await field(phone.page).fill('begun')
  await until(async () => {
    const { draft } = await ana!.call('GET /api/conversations/:id', { params: { id: idOf(phone.page) } })
    return draft === 'begun'
  })
  await phone.page.goto('/messages')
  await phone.page.getByText('Draft: begun').click()
  assert.equal(await field(phone.page).inputValue(), 'begun')

  await phone.page.goto(`/p/${postId}`)
  await phone.page.getByRole('button', { name: 'Share' }).first().click()
  // What is taken back meanwhile is not left on a device that shows something else.
  const params = { id: talk.split('/')[2]! }
  assert.match(await savedMessages(phone.page, params.id), /Look at it soon/)
  const { items } = await ben!.call('GET /api/conversations/:id/messages', { params, query: {} })
  const { id: messageId } = items.find(({ text }) => text === 'Look at it soon')!
  await ben!.call('DELETE /api/conversations/:id/messages/:messageId', { params: { ...params, messageId } })
  await until(async () => !(await savedMessages(phone.page, params.id)).includes('Look at it soon'))
  assert.match(await savedMessages(phone.page, params.id), /Dear\?/, 'all else stays')
  await phone.page.getByRole('button', { name: 'Send in a message' }).click()
  await phone.page.getByRole('checkbox', { name: /ben/ }).first().check()
  await assertInLongRun(phone.page, 'send to')
  await phone.page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
  await log(desk.page)
    .getByRole('link', { name: /Harbour/ })
    .waitFor()
  await ana!.call('DELETE /api/posts/:id', { params: { id: postId } })
  await desk.page.reload()
  await said(desk.page, 'This post is not available').waitFor()

  await phone.page.goto(talk)
  const chooser = phone.page.waitForEvent('filechooser')
  await phone.page.getByRole('button', { name: 'Send photographs or videos' }).click()
  await (await chooser).setFiles([await smallPhotograph(1)])
  // At once: what was chosen is not left behind by who is quicker than the look at it.
  await say(phone.page, 'Look')
  const photograph = desk.page.getByRole('button', { name: 'Photograph, open it' })
  await photograph.click()
  await desk.page.getByRole('dialog').getByRole('img').waitFor()
  await desk.page.keyboard.press('Escape')

  await phone.page.getByRole('button', { name: 'Record a voice note' }).click()
  await phone.page.getByRole('timer').getByText('0:01').waitFor()
  await assertAccessible(phone.page, 'recording')
  await phone.page.getByRole('button', { name: 'Stop, and listen to it first' }).click()
  await phone.page.getByRole('button', { name: 'Send the voice note' }).dblclick()
  await desk.page.getByRole('button', { name: 'Play the voice note' }).and(enabled(desk.page)).click()
  await desk.page.getByRole('button', { name: 'Pause the voice note' }).waitFor()

  await phone.context.setOffline(true)
  await say(phone.page, 'late')
  await phone.page.getByText('Goes out when the connection is back').waitFor()
  await block(ben!, ana!)
  await phone.context.setOffline(false)
  await phone.page.getByText(/^Not sent/).waitFor()
  await phone.page.getByRole('list').getByRole('button', { name: 'Try again' }).waitFor()
  await assertAccessible(phone.page, 'a message that was refused')
  await until(async () => (await keptMessages(phone.page)) === 1)
  await phone.page.goto('/settings')
  await phone.page.getByRole('button', { name: 'Sign out' }).click()
  await phone.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await phone.page.getByLabel('Username or e-mail').waitFor()
  await until(async () => (await keptMessages(phone.page)) === 0)
  assert.deepEqual(
    [...phone.complaints, ...desk.complaints].filter((line) => !/net::ERR_|40[34]/.test(line)),
    [],
  )
})

const enabled = (page: Page) => page.locator(':enabled')

/** Of what lies on this device to be sent. */
function keptMessages(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('heliograph-messages')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const counting = opening.result.transaction('outgoing').objectStore('outgoing').count()
          counting.onsuccess = () => resolve(counting.result)
          counting.onerror = () => reject(counting.error)
        }
      }),
  )
}

/** What is kept of the open conversation for looking at it without a connection. */
function savedMessages(page: Page, ofTalk = idOf(page)): Promise<string> {
  return page.evaluate(async (id) => {
    const kept = await caches.match(`/api/conversations/${id}/messages`)
    return kept ? await kept.text() : ''
  }, ofTalk)
}

function idOf(page: Page): string {
  return new URL(page.url()).pathname.split('/')[2] ?? ''
}

test('three in a group have one conversation, and a stranger learns nothing before they are accepted', {
  timeout: 180_000,
}, async () => {
  const [cleo, dan, eve, zoe] = await Promise.all(
    ['cleo', 'dan', 'eve', 'zoe'].map((username) => buildPerson(world.app.client, { username })),
  )
  for (const one of [cleo!, dan!, eve!])
    for (const other of [cleo!, dan!, eve!]) if (one !== other) await follow(one, other)
  await using first = await world.openPhone({ token: cleo!.token })
  await using second = await world.openPhone({ token: dan!.token })
  await using third = await world.openPhone({ token: eve!.token, size: wide })
  await first.page.goto('/messages/new')
  for (const name of [/dan/, /eve/]) await first.page.getByRole('checkbox', { name }).check()
  await first.page.getByLabel('Name of the group').fill('Harbour walk')
  await assertAccessible(first.page, 'a new group')
  await first.page.getByRole('button', { name: 'Begin the group' }).click()
  await first.page.getByText('You began the group').waitFor()
  await say(first.page, 'Saturday?')

  for (const { page, context } of [second, third]) {
    // A server that is too busy for it is told again what was read.
    const busy = { status: 503, json: { code: 'server.unavailable' } }
    await context.route('**/read', (route) => route.fulfill(busy), { times: 1 })
    await page.goto('/messages')
    await page.getByRole('link', { name: /Harbour walk/ }).click()
    await said(page, 'Saturday?').waitFor()
  }
  await first.page.getByText('Seen by all').waitFor()
  await say(second.page, 'Yes')
  await field(third.page).fill('Me too')
  await third.page.keyboard.press('Enter')
  const all = ['Saturday?', 'Yes', 'Me too']
  for (const { page } of [first, second, third])
    await until(async () => (await bubbles(page)).toSorted().join() === all.toSorted().join())
  assert.deepEqual(await bubbles(second.page), await bubbles(third.page))
  await assertInLongRun(third.page, 'a group, wide')

  await first.page.getByRole('link', { name: 'About this conversation' }).click()
  await first.page.getByRole('heading', { name: '3 people' }).waitFor()
  await assertAccessible(first.page, 'about a group')
  const eves = first.page.getByRole('listitem').filter({ hasText: 'eve' })
  const act = async (name: string) => {
    await first.page.getByRole('button', { name: 'More about eve' }).click()
    await first.page.getByRole('button', { name, exact: true }).click()
  }
  await act('Make admin')
  await eves.getByText('Admin', { exact: true }).waitFor()
  await third.page.getByText('cleo made you an admin', { exact: true }).first().waitFor()
  await act('Make admin no longer')
  await eves.getByText('Admin', { exact: true }).waitFor({ state: 'detached' })
  await third.page.getByText('cleo made you an admin no longer').first().waitFor()
  // On wide screens the list of all stays beside it.
  await third.page.getByRole('link', { name: 'About this conversation' }).click()
  await third.page.getByRole('heading', { name: '3 people' }).waitFor()
  const listed = third.page.getByRole('complementary', { name: 'Messages' })
  await listed.locator('[aria-current]').getByText('Harbour walk').waitFor()
  await assertInLongRun(third.page, 'about a group, wide')
  await third.page.getByRole('button', { name: 'Back' }).click()
  await said(third.page, 'Saturday?').waitFor()
  await first.page.getByRole('button', { name: 'More about eve' }).click()
  await first.page.getByRole('button', { name: 'Remove from the group' }).click()
  await first.page.getByRole('dialog').getByRole('button', { name: 'Remove from the group' }).click()
  await first.page.getByRole('heading', { name: '2 people' }).waitFor()
  await third.page.getByText(/You cannot write here any more|This conversation is not here/).waitFor()
  await first.page.getByRole('button', { name: 'Leave the group' }).click()
  await first.page.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click()
  await first.page.getByRole('heading', { name: 'Messages', exact: true }).waitFor()
  await second.page.getByText('cleo left').waitFor()

  const { id } = await zoe!.call('POST /api/conversations', { body: { members: ['dan'] } })
  await zoe!.call('POST /api/conversations/:id/messages', {
    params: { id },
    body: { clientId: 'from-zoe-1', text: 'Do you sell prints?' },
  })
  await second.page.goto('/messages')
  await second.page.getByRole('link', { name: '1 message request' }).click()
  await assertInLongRun(second.page, 'message requests')
  await second.page.getByRole('link', { name: /zoe/ }).click()
  await said(second.page, 'Do you sell prints?').waitFor()
  await assertAccessible(second.page, 'a request')
  const seenByDan = async () => {
    const { members } = await zoe!.call('GET /api/conversations/:id', { params: { id } })
    return members.find(({ user }) => user?.username === 'dan')?.readSequence ?? 0
  }
  assert.equal(await seenByDan(), 0)
  await second.page.getByRole('button', { name: 'Accept' }).click()
  await field(second.page).waitFor()
  await until(async () => (await seenByDan()) > 0)
  // Whoever is out of it asks once more, and is told that it is not there.
  const complaints = [first, second, third].flatMap((one) => one.complaints)
  assert.deepEqual(
    complaints.filter((line) => !/404|503/.test(line)),
    [],
  )
})
