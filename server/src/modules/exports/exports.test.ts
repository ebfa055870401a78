import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Client } from '@heliograph/client'
import { strFromU8, unzipSync } from 'fflate'
import { sql } from 'kysely'
import { Registry } from 'prom-client'
import sharp from 'sharp'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import { createTestClock } from '#platform/clock/clock.ts'
import { listKeptMails } from '#platform/mail/mail.ts'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { assertRefused, block, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'
import { createEnding } from './exports-ending.ts'

const day = 86_400_000
const clock = createTestClock()
let app: TestApp
let ada: Person
let ben: Person
let uploads: Buffer[]

before(async () => {
  app = await createTestApp({ clock, env: { EXPORT_PART_MB: '1' } })
  ada = await buildPerson(app.client, { username: 'ada' })
  ben = await buildPerson(app.client, { username: 'ben' })
  const cut = await buildPerson(app.client, { username: 'cut.off' })
  await follow(ada, ben)
  await follow(cut, ada)
  uploads = [await noise(), await noise()]
  for (const [at, bytes] of uploads.entries()) {
    const id = await post(ada, bytes, `Number ${at} as it was first`)
    await ada.call('PATCH /api/posts/:id', { params: { id }, body: { caption: captionOf(at) } })
  }
  const other = await post(ben, await flat('#2a6'), 'Of Ben')
  const hidden = await post(cut, await flat('#62a'), 'Of somebody who is blocked later')
  await app.settle()
  const params = { id: other }
  await ada.call('PUT /api/posts/:id/like', { params })
  await ada.call('PUT /api/posts/:id/like', { params: { id: hidden } })
  await ada.call('PUT /api/posts/:id/save', { params })
  await ada.call('POST /api/posts/:id/comments', { params, body: { text: 'Seen from the hill?' } })
  await ada.call('PATCH /api/me', { body: { bio: 'I photograph hills', keepStoryArchive: true } })
  const storyBytes = await flat('#a26', 720, 1280)
  const uploadId = await ada.upload(storyBytes, { purpose: 'story' })
  await ada.call('POST /api/stories', { body: { uploadId, altText: 'A red evening' } })
  const talk = await converse()
  await say(talk, ben, 'Only for you', await flat('#111'))
  await say(talk, ada, 'Thank you')
  const unsent = await say(talk, ben, 'Never mind this one')
  await ben.call('DELETE /api/conversations/:id/messages/:messageId', {
    params: { id: talk, messageId: unsent },
  })
  const cleared = await say(talk, ben, 'Deleted by ada for herself')
  await ada.call('DELETE /api/conversations/:id/messages/:messageId/mine', {
    params: { id: talk, messageId: cleared },
  })
  await block(ada, cut)
  await app.settle()
  const code = (await mailsTo(ada)).flatMap(({ text }) => /code=(\S+)/.exec(text)?.[1] ?? []).at(-1)!
  await app.client.call('POST /api/email-verifications', { body: { code } })
  // What is asked for in the very millisecond of what was written may come before it: ids of one moment are in no order.
  await clock.advance(1000)
})
after(() => app[Symbol.asyncDispose]())

const captionOf = (at: number) => `Number ${at} <b>& "more"</b> 日本語`

async function noise(): Promise<Buffer> {
  const raw = { width: 900, height: 900, channels: 3 } as const
  return await sharp(randomBytes(900 * 900 * 3), { raw })
    .jpeg({ quality: 85 })
    .toBuffer()
}

async function flat(background: string, width = 400, height = 400): Promise<Buffer> {
  return await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer()
}

async function post(person: Person, bytes: Buffer, caption: string): Promise<string> {
  const media = [{ uploadId: await person.upload(bytes), altText: `alt of ${caption}` }]
  const place = { name: 'Hill', lat: 47.5, lng: 8.7 }
  return (await person.call('POST /api/posts', { body: { caption, place, media } })).id
}

async function converse(): Promise<string> {
  await follow(ben, ada)
  return (await ben.call('POST /api/conversations', { body: { members: ['ada'] } })).id
}

async function say(id: string, person: Person, text: string, picture?: Buffer): Promise<string> {
  const attachments = picture
    ? [{ type: 'media' as const, uploadId: await person.upload(picture, { purpose: 'message' }) }]
    : []
  const body = { clientId: randomBytes(6).toString('hex'), text, attachments }
  return (await person.call('POST /api/conversations/:id/messages', { params: { id }, body })).id
}

async function download(person: Client, range?: string): Promise<Response[]> {
  const { export: one } = await person.call('GET /api/me/exports')
  const { parts } = await person.call('POST /api/me/exports/:id/addresses', { params: { id: one!.id } })
  const headers = { authorization: `Bearer ${person.token}`, ...(range && { range }) }
  return await Promise.all(parts.map(({ url }) => fetch(app.url + url, { headers })))
}

async function unpack(answers: readonly Response[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const answer of answers) {
    assert.equal(answer.status, 200)
    for (const [name, bytes] of Object.entries(unzipSync(new Uint8Array(await answer.arrayBuffer())))) {
      assert.ok(!files.has(name), `${name} stands in two parts`)
      files.set(name, bytes)
    }
  }
  return files
}

type Row = Record<string, unknown>

function read<T = Row[]>(files: Map<string, Uint8Array>, name: string): T {
  return JSON.parse(strFromU8(files.get(`data/${name}.json`)!)) as T
}

interface WrittenPost {
  caption: string
  captionsBefore: { caption: string; until: string }[]
  editedAt: string
  place: Row
  media: { altText: string; files: Row }[]
}

/** Named as what is not to be lost on the way. */
async function assertWhole(files: Map<string, Uint8Array>): Promise<void> {
  const posts = read<WrittenPost[]>(files, 'posts')
  assert.deepEqual(
    posts.map(({ caption, captionsBefore }) => [caption, captionsBefore.map((one) => one.caption)]),
    [1, 0].map((at) => [captionOf(at), [`Number ${at} as it was first`]]),
  )
  for (const { captionsBefore, editedAt } of posts) assert.equal(captionsBefore[0]!.until, editedAt)
  for (const [at, { media, place }] of posts.toReversed().entries()) {
    assert.deepEqual(place, { name: 'Hill', latitude: 47.5, longitude: 8.7 })
    assert.match(media[0]!.altText, /^alt of Number/)
    const { uploaded, shown } = media[0]!.files
    assert.deepEqual(Buffer.from(files.get(String(uploaded))!), uploads[at])
    assert.equal((await sharp(files.get(String(shown))!).metadata()).format, 'jpeg')
    assert.ok(strFromU8(files.get('posts-1.html')!).includes(`src="${String(shown)}"`))
  }
}

test('nothing of somebody’s own is missing in their copy, and it opens without this server', async () => {
  const asked = await ada.call('POST /api/me/exports')
  assert.equal(asked.state, 'preparing')
  await assertRefused(ada.call('POST /api/me/exports'), 'export.waiting')
  await assertRefused(
    ada.call('POST /api/me/exports/:id/addresses', { params: { id: asked.id } }),
    'export.not_found',
  )
  await app.settle()
  const { export: done } = await ada.call('GET /api/me/exports')
  assert.deepEqual([done?.state, done?.progress, done?.missing], ['ready', 1, 0])
  assert.ok(done!.parts.length > 1, 'what is too large for one file comes in several')
  const files = await unpack(await download(ada))
  await assertWhole(files)

  assert.equal(read<Row>(files, 'account').bio, 'I photograph hills')
  assert.equal(read<Row>(files, 'preferences').keepStoryArchive, true)
  assert.deepEqual(
    read(files, 'following').map(({ username }) => username),
    ['ben'],
  )
  assert.deepEqual(
    read(files, 'blocked').map(({ username }) => username),
    ['cut.off'],
  )
  assert.deepEqual(
    read(files, 'comments').map(({ text, author }) => [text, author]),
    [['Seen from the hill?', 'ben']],
  )
  assert.deepEqual(
    read(files, 'likes').map(({ author }) => author),
    [null, 'ben'],
    'whose posts one may not see is named by nothing',
  )
  assert.equal(read(files, 'saves').length, 1)
  const [story] = read<{ altText: string; files: { shown: string } }[]>(files, 'stories')
  assert.equal(story?.altText, 'A red evening')
  assert.ok(files.has(story.files.shown))
  const messages = read<{ text: string; from: string; attachments?: { file: string }[] }[]>(files, 'messages')
  assert.deepEqual(
    messages.map(({ from, text }) => [from, text]),
    [
      ['ada', 'Thank you'],
      ['ben', 'Only for you'],
    ],
  )
  assert.ok(files.has(messages[1]!.attachments![0]!.file), 'pictures that others sent one are there')
  assert.ok(read(files, 'sessions').length > 0)
  const everything = [...files].filter(([name]) => /\.(json|html|txt)$/.test(name))
  const words = everything.map(([, bytes]) => strFromU8(bytes)).join('\n')
  assert.doesNotMatch(
    words,
    /Never mind this one|Deleted by ada|Of somebody who is blocked|argon2|\/m\/\d+\//,
  )
  const page = (name: string) => strFromU8(files.get(name)!)
  assert.match(page('index.html'), /href="posts-1\.html".*href="stories-1\.html".*href="messages-1\.html"/s)
  assert.match(page('index.html'), /<bdi>@ben<\/bdi><\/a> <span class="facts">[^<]+ · 2</)
  const talk = page('messages-1.html')
  assert.ok(
    talk.indexOf('Only for you') < talk.indexOf('Thank you'),
    'a conversation is read from its beginning',
  )
  assert.match(talk, /<article class="said"><p class="facts"><b><bdi>ben<.*<article class="said own">/s)
  assert.ok(talk.includes(`src="${messages[1]!.attachments![0]!.file}"`))
  assert.match(page('posts-1.html'), /Number 0 &lt;b&gt;&amp; &quot;more/)
  assert.match(strFromU8(files.get('README.txt')!), /data\/messages\.json: /)

  const told = (await ada.call('GET /api/notifications')).items.map(({ security }) => security)
  assert.ok(told.includes('export_ready') && told.includes('export_asked'))
  const mails = (await mailsTo(ada)).filter(({ text }) => text.includes('/settings/your-data'))
  assert.equal(mails.length, 1, 'told once by mail')
  assert.ok(mails[0]!.text.includes(done!.expiresAt!.slice(0, 10)), 'until when')
  assert.doesNotMatch(mails[0]!.text, /signature|\/api\//, 'whoever reads it still has to show who they are')
})

test('nobody else gets a copy, and its owner only after showing who they are', async () => {
  const { export: one } = await ada.call('GET /api/me/exports')
  const params = { id: one!.id }
  const { parts } = await ada.call('POST /api/me/exports/:id/addresses', { params })
  const url = app.url + parts[0]!.url
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
  assert.equal((await fetch(url)).status, 401)
  assert.equal((await fetch(url, as(ben.token!))).status, 404)
  assert.equal((await fetch(url.replace(/signature=./, 'signature=~'), as(ada.token!))).status, 404)
  assert.equal((await fetch(url.replace(/until=\d/, 'until=9'), as(ada.token!))).status, 404)
  assert.equal((await fetch(url.replace('part=1', 'part=99'), as(ada.token!))).status, 404)
  for (const wish of ['POST /api/me/exports/:id/addresses', 'DELETE /api/me/exports/:id'] as const)
    await assertRefused(ben.call(wish, { params }), 'export.not_found')
  const [first] = await download(ada, 'bytes=0-3')
  assert.deepEqual(
    [
      first!.status,
      first!.headers.get('content-range'),
      Buffer.from(await first!.arrayBuffer()).toString('latin1'),
    ],
    [206, `bytes 0-3/${parts[0]!.bytes}`, 'PK\u0003\u0004'],
  )
  assert.match(
    first!.headers.get('content-disposition')!,
    /^attachment; filename="heliograph-ada-.*-1-of-\d\.zip"$/,
  )
  await clock.advance(11 * 60_000)
  await assertRefused(ada.call('POST /api/me/exports'), 'auth.proof_needed')
  await assertRefused(ada.call('POST /api/me/exports/:id/addresses', { params }), 'auth.proof_needed')
  assert.equal((await fetch(url, as(ada.token!))).status, 200, 'a download goes on where it was')
  await clock.advance(12 * 3_600_000)
  assert.equal((await fetch(url, as(ada.token!))).status, 404)
})

const prove = (person: Person) => person.call('POST /api/me/proof', { body: { password: person.password } })

const mailsTo = async (person: Person) =>
  (await listKeptMails(`${app.dataFolder}/mail`)).filter(({ to }) => to === person.user.email)

async function stored(): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of app.stores.exports.list('')) keys.push(key)
  return keys
}

/** What of each table goes into a copy; else why it does not. */
const exported = {
  account:
    'users username_claims invited invitations credentials totp_factors recovery_codes passkeys email_changes sessions preferences',
  relations:
    'followers following follow_requests follow_requests_sent favourites close_friends blocks mutes restricts story_hidden_from suggestions_refused interaction_settings',
  posts: 'posts post_media post_counts post_revisions media comments likes_given saves shares',
  stories: 'stories highlights highlight_stories',
  messages: 'conversations conversation_members messages message_reactions inbox',
  signals: 'signals signal_authors signal_features signal_rhythm signal_people hidden_posts',
  'verification and reports': 'verification_requests moderation_reports',
  notifications: 'notifications notification_groups push_subscriptions',
}
const notExported = {
  'the same once more, seen from elsewhere or counted':
    'user_counts likes hashtags hashtag_posts outboxes email_claims passkey_claims direct_conversations notification_marks storage_counts story_view_counts feed_snapshots',
  'what is not there for them any more': 'cleared_messages',
  'what others keep of somebody': 'blocked_by close_friend_of story_hidden_by story_views',
  'of the day, and gone by itself': 'story_seen uploads reset_requests address_notices idempotency_keys',
  'a secret, or a mark of one':
    'one_time_codes known_devices address_mails factor_budgets sign_in_challenges used_passkey_challenges',
  'of those who look after the server':
    'admin_log moderation_cases moderation_log blocked_pictures reported_messages',
  'of nobody':
    'attention_batches post_attention events feed_walks instance locks media_reads media_revocations media_uncopied media_walks process_slots processes relay_positions serving_leases store_homes schema_migrations exports',
}

test('no table is forgotten: it is in the copy, or there is a reason why not', async () => {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`.execute(
    app.database.main,
  )
  const known = [...Object.values(exported), ...Object.values(notExported)].flatMap((names) =>
    names.split(' '),
  )
  assert.deepEqual(rows.map(({ name }) => name).sort(), known.sort())
})

test('a server that dies between file and row neither loses nor repeats anything, and what it left goes', async () => {
  await prove(ada)
  await assertRefused(ada.call('POST /api/me/exports'), 'export.too_soon')
  await clock.advance(day)
  await prove(ada)
  const before = await stored()
  await ada.call('POST /api/me/exports')
  await sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'`.execute(
    app.database.main,
  )
  await sql`create trigger refuse before update on exports for each row
    when (jsonb_array_length(new.parts) = 2) execute function refuse()`.execute(app.database.main)
  await app.settle()
  assert.equal((await ada.call('GET /api/me/exports')).export?.state, 'preparing')
  assert.equal((await stored()).length, before.length + 2, 'the second file lies there, and nothing knows it')
  assert.equal((await app.modules.exports.api.collectOrphans()).files, 0, 'what is being made is left alone')
  await sql`drop trigger refuse on exports`.execute(app.database.main)
  await app.jobs.drain({ early: true })
  await app.settle()
  const { export: done } = await ada.call('GET /api/me/exports')
  assert.equal(done?.state, 'ready')
  await assertWhole(await unpack(await download(ada)))

  const { endDue, collectOrphans } = app.modules.exports.api
  const ended = await endDue()
  assert.deepEqual(
    [ended.exports, ended.files],
    [1, before.length],
    'the copy of before is worth nothing any more',
  )
  assert.equal((await collectOrphans()).files, 1, 'once it is made nobody writes that file down any more')
  await clock.advance(7 * day + 1000)
  await assertRefused(ada.call('DELETE /api/me/exports/:id', { params: { id: done.id } }), 'export.not_found')
  assert.equal((await endDue()).files, done.parts.length)
  assert.deepEqual(await stored(), [])
})

test('a copy does not end because a file of it is lost: it says which', async () => {
  await prove(ada)
  const { rows } = await sql<{ key: string }>`select master_key as key from media where owner_id = ${ada.id}
    and purpose = 'media' order by id limit 1`.execute(app.database.main)
  await app.stores.media.delete(rows[0]!.key)
  await ada.call('POST /api/me/exports')
  await app.settle()
  const { export: done } = await ada.call('GET /api/me/exports')
  assert.deepEqual([done?.state, done?.missing], ['ready', 1])
  const files = await unpack(await download(ada))
  assert.match(strFromU8(files.get('missing.txt')!), /posts\/originals\//)
  assert.equal((await stored()).length, done!.parts.length)
  await ada.call('DELETE /api/me/exports/:id', { params: { id: done!.id } })
  await app.modules.exports.api.endDue()
  assert.deepEqual(await stored(), [])
})

test('a copy that cannot be made is not tried for ever, is told, and costs no wait, deleted or not', async () => {
  const emil = await buildPerson(app.client, { username: 'emil' })
  const look = () => emil.call('GET /api/me/exports')
  await sql`create trigger refuse before update on exports for each row
    when (new.state = 'ready') execute function refuse()`.execute(app.database.main)
  const { id } = await emil.call('POST /api/me/exports')
  for (let tries = 0; (await look()).export?.state === 'preparing'; tries++) {
    assert.ok(tries < 30, 'tried for ever')
    await app.jobs.drain({ early: true })
  }
  await sql`drop trigger refuse on exports`.execute(app.database.main)
  await app.settle()
  assert.deepEqual([(await look()).export?.state, (await look()).mayAskAt], ['failed', null])
  const told = (await emil.call('GET /api/notifications')).items.map(({ security }) => security)
  assert.ok(told.includes('export_failed') && !told.includes('export_ready'))
  assert.deepEqual(
    await mailsTo(emil).then((mails) => mails.filter(({ text }) => text.includes('your-data'))),
    [],
  )
  const { endDue, collectOrphans } = app.modules.exports.api
  await collectOrphans()
  assert.deepEqual(await stored(), [], 'what the tries left is gone')

  await emil.call('DELETE /api/me/exports/:id', { params: { id } })
  assert.deepEqual(await look(), { export: null, mayAskAt: null })
  await endDue()
  assert.equal((await look()).mayAskAt, null, 'nor once it is forgotten')
  const again = await emil.call('POST /api/me/exports')
  await app.settle()
  assert.deepEqual([(await look()).export?.id, (await look()).export?.state], [again.id, 'ready'])
  await clock.advance(7 * day + 1000)
  await endDue()
  assert.equal((await look()).export, null)
  await clock.advance(30 * day)
  await endDue()
  const { rows } = await sql`select 1 from exports where user_id = ${emil.id}`.execute(app.database.main)
  assert.equal(rows.length, 0, 'nobody is told of it for ever')
})

test('of somebody who left no file stays, though one was written while the others were taken away', async () => {
  const carl = await buildPerson(app.client, { username: 'carl' })
  await carl.call('POST /api/me/exports')
  await app.settle()
  const [key] = await stored()
  const { store, inside, go } = heldStore(app.stores.exports)
  const ending = createEnding({ database: app.database, clock, metrics: { registry: new Registry() }, store })
  await sql`update exports set state = 'preparing' where user_id = ${carl.id}`.execute(app.database.main)
  const erased = ending.erase(carl.id)
  await inside
  const { rows } =
    await sql`select 1 from exports where user_id = ${carl.id} and state = 'preparing'`.execute(
      app.database.main,
    )
  assert.equal(rows.length, 0, 'whoever writes finds that it is over before a file is taken')
  go()
  await erased
  const day = key!.slice(0, key!.lastIndexOf('/'))
  const file = join(app.dataFolder, 'left.zip')
  await writeFile(file, 'what was on its way')
  await app.stores.exports.putFile(`${day}/${carl.id}_2_AAAAAAAAAAAA.zip`, file, { type: 'application/zip' })
  assert.equal((await app.modules.exports.api.collectOrphans()).files, 1, 'nor for a week')
  assert.deepEqual(await stored(), [])
})

/** Holds whoever takes files away until it is told to go on. */
function heldStore(store: BlobStore): { store: BlobStore; inside: Promise<void>; go: () => void } {
  const [entered, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const deleteMany: BlobStore['deleteMany'] = async (keys) => {
    entered.resolve()
    await leave.promise
    await store.deleteMany(keys)
  }
  return { store: { ...store, deleteMany }, inside: entered.promise, go: () => leave.resolve() }
}
