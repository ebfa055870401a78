import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApiError, type Client } from '@heliograph/client'
import { sql } from 'kysely'
import sharp from 'sharp'
import { isFault } from '#platform/http/fault.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { assertRefused, buildPerson, follow, type Person } from './helpers/factories.ts'
import { until } from './helpers/until.ts'

let app: TestApp
let author: Person
let fan: Person
/** Follows the fan alone, to whom the author can be suggested. */
let newcomer: Person
/** Follows the author alone, because of whom others can be suggested. */
let admirer: Person
let postId: string
let addresses: string[]
let thirdPostId: string

before(async () => {
  app = await createTestApp()
  author = await buildPerson(app.client, { username: 'author' })
  fan = await buildPerson(app.client)
  const third = await buildPerson(app.client)
  newcomer = await buildPerson(app.client)
  admirer = await buildPerson(app.client)
  await follow(newcomer, fan)
  await follow(admirer, author)
  await follow(fan, author)
  await follow(author, third)
  postId = await share(author, 'Hello #light')
  thirdPostId = await share(third, 'Another one')
  for (const person of [author, fan])
    for (const id of [postId, thirdPostId]) {
      await person.call('PUT /api/posts/:id/like', { params: { id } })
      await person.call('PUT /api/posts/:id/save', { params: { id } })
      await person.call('POST /api/posts/:id/comments', { params: { id }, body: { text: 'Well seen.' } })
    }
  const { media } = await fan.call('GET /api/posts/:id', { params: { id: postId } })
  addresses = [media[0]!.thumbnailUrl!, media[0]!.largeUrl!]
})
after(() => app[Symbol.asyncDispose]())

async function share(person: Person, caption: string): Promise<string> {
  const color = { width: 1200, height: 900, channels: 3, background: '#a46' } as const
  const uploadId = await person.upload(await sharp({ create: color }).jpeg().toBuffer())
  const { id } = await person.call('POST /api/posts', { body: { caption, media: [{ uploadId }] } })
  await app.settle()
  return id
}

const ofAuthor = { params: { username: 'author' } }
const has = (items: { id: string }[], id: string) => items.some((item) => item.id === id)

/** Everywhere that something of an account can stand. */
const places: Record<string, (viewer: Client) => Promise<boolean>> = {
  profile: async (viewer) => (await viewer.call('GET /api/users/:username', ofAuthor)).id === author.id,
  post: async (viewer) => (await viewer.call('GET /api/posts/:id', { params: { id: postId } })).id === postId,
  'posts of the profile': async (viewer) =>
    has((await viewer.call('GET /api/users/:username/posts', ofAuthor)).items, postId),
  following: async (viewer) =>
    (await viewer.call('GET /api/users/:username/following', ofAuthor)).items.length > 0,
  'hashtag page': async (viewer) =>
    has((await viewer.call('GET /api/tags/:tag/posts', { params: { tag: 'light' } })).items, postId),
  'likers of another’s post': async (viewer) =>
    has((await viewer.call('GET /api/posts/:id/likes', { params: { id: thirdPostId } })).items, author.id),
  'comments under another’s post': async (viewer) =>
    (await viewer.call('GET /api/posts/:id/comments', { params: { id: thirdPostId } })).items.some(
      (comment) => comment.author.id === author.id,
    ),
  picture: async () => {
    const answers = await Promise.all(addresses.map((address) => fetch(app.url + address)))
    for (const answer of answers) await answer.arrayBuffer()
    return answers.some((answer) => answer.status === 200)
  },
}

const placesOfFan: typeof places = {
  feed: async (viewer) => has((await viewer.call('GET /api/feed')).items, postId),
  'saved posts': async (viewer) => has((await viewer.call('GET /api/me/saved')).items, postId),
  'liked posts': async (viewer) => has((await viewer.call('GET /api/me/likes')).items, postId),
  'own followees': async (viewer) =>
    has(
      (await viewer.call('GET /api/users/:username/following', { params: { username: fan.username } })).items,
      author.id,
    ),
  completion: async (viewer) =>
    has((await viewer.call('GET /api/users', { query: { prefix: 'author' } })).items, author.id),
}

const placesOfOthers: Record<string, () => Promise<boolean>> = {
  'a newcomer: suggestions': async () =>
    (await newcomer.call('GET /api/suggestions')).items.some(({ user }) => user.id === author.id),
  'an admirer: reasons of suggestions': async () =>
    (await admirer.call('GET /api/suggestions')).items.some(
      ({ reason }) => reason.kind === 'followed_by' && has(reason.people, author.id),
    ),
}

/** A refusal is not seeing; anything else that goes wrong is a mistake. */
async function isSeen(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}

async function placesSeen(): Promise<string[]> {
  const seen: string[] = []
  for (const [name, look] of Object.entries(places))
    for (const [who, viewer] of [
      ['a follower', fan],
      ['a visitor', app.client],
    ] as const)
      if (await isSeen(() => look(viewer))) seen.push(`${who}: ${name}`)
  for (const [name, look] of Object.entries(placesOfFan))
    if (await isSeen(() => look(fan))) seen.push(`a follower: ${name}`)
  for (const [name, look] of Object.entries(placesOfOthers)) if (await isSeen(look)) seen.push(name)
  return seen
}

const everything = Object.keys(places).length * 2 + Object.keys({ ...placesOfFan, ...placesOfOthers }).length

test('nothing of an account that is not active is anywhere, its likes are still counted, and all comes back', async () => {
  const { api } = app.modules.accounts
  assert.equal((await placesSeen()).length, everything)
  for (const state of ['waiting', 'suspended', 'deactivated', 'deleted'] as const) {
    await api.setState(author.id, state)
    assert.deepEqual(await placesSeen(), [], state)
    const { likeCount } = await fan.call('GET /api/posts/:id', { params: { id: thirdPostId } })
    assert.equal(likeCount, 2)
  }
  await api.setState(author.id, 'active')
  const back = await placesSeen()
  // Addresses of before stay refused: new ones are handed out with every answer.
  assert.equal(back.length, everything - 2)
})

/** Addresses of pictures that were handed out before stay refused; who is suggested is found anew after some minutes. */
const seenNow = async () => (await placesSeen()).filter((place) => !/: picture$|suggestions$/.test(place))

/** As if thirty days had gone by, for the first one the longest. */
async function endDue(people: Person[] = [author]): Promise<void> {
  for (const [place, { id }] of people.entries())
    await app.database.main
      .updateTable('users')
      .set({ delete_at: new Date(Date.now() - 1000 + place) })
      .where('bucket', '=', bucketOf(id))
      .where('id', '=', id)
      .where('delete_at', 'is not', null)
      .execute()
  await app.jobs.enqueue('accounts.end_due', {})
  await app.settle()
}

test('whoever deletes their account is seen nowhere at once, and has all of it back by signing in in time', async () => {
  const { username, password } = author
  const before = await seenNow()
  const own = app.client.as((await app.client.signIn(username, password)).token)
  await app.database.main.updateTable('sessions').set({ proved_at: null }).execute()
  app.coherence.forget()
  await assertRefused(own.call('POST /api/me/deletion'), 'auth.proof_needed')
  await own.call('POST /api/me/proof', { body: { password } })
  await app.modules.accounts.api.setRoles(author.id, ['moderator'])
  await assertRefused(own.call('POST /api/me/deletion'), 'account.has_role')
  await app.modules.accounts.api.setRoles(author.id, [])
  const { deleteAt } = await own.call('POST /api/me/deletion')
  assert.equal(Math.round((Date.parse(deleteAt) - Date.now()) / 86_400_000), 30)
  assert.deepEqual(await placesSeen(), [])
  await assertRefused(own.call('GET /api/me'), 'auth.invalid')
  await app.jobs.enqueue('accounts.end_due', {})
  await app.settle()
  await assertRefused(app.client.signIn(username, 'not the password'), 'auth.wrong_credentials')
  assert.deepEqual(await placesSeen(), [])
  const back = await app.client.signIn(username, password)
  assert.equal(back.user.username, username)
  await app.settle()
  const told = (await back.call('GET /api/notifications')).items.map(({ security }) => security)
  assert.ok(
    told.includes('stayed'),
    'whoever takes it back without meaning to is told, and so is whom a thief does it to',
  )
  assert.deepEqual(await seenNow(), before)
  await endDue()
  assert.deepEqual(await seenNow(), before, 'nothing is left of the wish to go')
})

test('nobody gets rid of a suspension by leaving, and nobody is gone with its end who could not come back before', async () => {
  const { api } = app.modules.accounts
  const before = await seenNow()
  const own = await app.client.signIn(author.username, author.password)
  await own.call('POST /api/me/deletion')
  const lock = { reason: 'Sold cures.', until: null, rank: null }
  await app.database.transaction((tx) => api.suspend(tx, author.id, lock))
  await assertRefused(app.client.signIn(author.username, author.password), 'account.suspended')
  await endDue()
  await assertRefused(app.client.signIn(author.username, author.password), 'account.suspended')
  const timesTold = async () => {
    const { rows } = await sql`select 1 from events
      where kind = 'accounts.leaving' and subject_id = ${author.id}`.execute(app.database.main)
    return rows.length
  }
  const toldBefore = await timesTold()
  await app.database.transaction((tx) => api.unsuspend(tx, author.id))
  await app.jobs.enqueue('accounts.end_due', {})
  await app.settle()
  assert.equal((await timesTold()) - toldBefore, 1, 'until which day they may come back')
  await app.client.signIn(author.username, author.password)
  assert.deepEqual(await seenNow(), before)
})

test('nobody is told that they are signed in to an account whose time ended while they were', async () => {
  const late = await buildPerson(app.client)
  await late.call('POST /api/me/deletion')
  const { leaving, suspend } = app.modules.accounts.api
  const signingIn = await app.database.transaction(async (tx) => {
    await sql`select 1 from credentials where user_id = ${late.id} for update`.execute(tx)
    const refused = assertRefused(app.client.signIn(late.username, late.password), 'auth.wrong_credentials')
    await until(async () => {
      const waiting = await sql`select 1 from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock' and query like '%"credentials"%'`.execute(app.database.main)
      return waiting.rows.length > 0
    })
    await app.database.transaction((end) => leaving.end(end, late.id))
    return { refused }
  })
  await signingIn.refused
  const suspending = app.database.transaction((tx) =>
    suspend(tx, late.id, { reason: 'Spam.', until: null, rank: null }),
  )
  await assert.rejects(suspending, (error) => isFault(error, 'user.not_found'), 'it would be kept by that')
  await app.settle()
})

test('of somebody who left the rest does not stay because one thing of it, or another account, cannot be taken away', async () => {
  const [stuck, gone] = [await buildPerson(app.client), await buildPerson(app.client)]
  await follow(gone, fan)
  const params = { id: thirdPostId }
  await gone.call('PUT /api/posts/:id/hidden', { params })
  await gone.call('POST /api/posts/:id/comments', { params, body: { text: 'I was here.' } })
  for (const person of [stuck, gone]) await person.call('POST /api/me/deletion')
  await sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'`.execute(
    app.database.main,
  )
  const refuse = (act: string, table: string, who: string) =>
    sql.raw(
      `create trigger refuse before ${act} on ${table} for each row when (${who}) execute function refuse()`,
    )
  await refuse('delete', 'following', `old.follower_id = ${gone.id}`).execute(app.database.main)
  await refuse('delete', 'hidden_posts', `old.user_id = ${gone.id}`).execute(app.database.main)
  await refuse('update', 'users', `old.id = ${stuck.id} and new.state = 'deleted'`).execute(app.database.main)
  await endDue([stuck, gone])
  assert.deepEqual(await left(gone.id), {
    comments: 0,
    hashes: 0,
    follows: 1,
    hidden: 1,
    email: '',
    whole: false,
  })
  assert.equal((await left(stuck.id)).email, stuck.user.email)
  // One alone is in the way still: it is enough for the work not to count as done.
  await sql`drop trigger refuse on following`.execute(app.database.main)
  await app.jobs.drain({ early: true })
  assert.deepEqual(await left(gone.id), {
    comments: 0,
    hashes: 0,
    follows: 0,
    hidden: 1,
    email: '',
    whole: false,
  })
  for (const table of ['hidden_posts', 'users'])
    await sql`drop trigger refuse on ${sql.table(table)}`.execute(app.database.main)
  // By now the queue has given it up: the hourly job finds it.
  await endDue([stuck])
  assert.deepEqual(await left(gone.id), {
    comments: 0,
    hashes: 0,
    follows: 0,
    hidden: 0,
    email: '',
    whole: true,
  })
  assert.deepEqual(await left(stuck.id), {
    comments: 0,
    hashes: 0,
    follows: 0,
    hidden: 0,
    email: '',
    whole: true,
  })
})

test('nobody’s time, and nobody’s erasure, waits for ever behind a hundred accounts where it fails', async () => {
  const [due, unfinished] = [await buildPerson(app.client), await buildPerson(app.client)]
  /** Older ones, so that they come first. */
  const crowdBefore = (person: Person, name: string, state: string) =>
    sql<{ id: string }>`insert into users
      select r.* from users u cross join generate_series(1, 100) n,
        jsonb_populate_record(u, jsonb_build_object('id', u.id - (n::bigint << 22), 'username', ${name} || n,
          'state', ${state}::text, 'delete_at', '2026-01-01T00:00:00Z')) r
      where u.id = ${person.id} returning id`.execute(app.database.main)
  await crowdBefore(due, 'stuck', 'deactivated')
  await sql`create trigger refuse before update on users for each row when (old.username like 'stuck%')
    execute function refuse()`.execute(app.database.main)
  const runAt = new Date(Date.now() + 3_600_000)
  for (const { id: userId } of (await crowdBefore(unfinished, 'retried', 'deleted')).rows)
    await app.jobs.enqueue('accounts.erase', { userId }, { key: `accounts.erase:${userId}`, runAt })
  await sql`update users set state = 'deleted' where id = ${unfinished.id}`.execute(app.database.main)
  await due.call('POST /api/me/deletion')
  await endDue([due])
  assert.ok((await left(due.id)).whole)
  assert.ok((await left(unfinished.id)).whole)
  const { scheduled = 0 } = (await app.jobs.depth()).find(({ lane }) => lane === 'bulk') ?? {}
  assert.ok(scheduled >= 100, 'what waits for its next try keeps its place')
  await sql`drop trigger refuse on users`.execute(app.database.main)
  await sql`delete from users where username like 'stuck%' or username like 'retried%'`.execute(
    app.database.main,
  )
})

interface Left {
  email: string
  whole: boolean
  comments: number
  hashes: number
  follows: number
  hidden: number
}

async function left(id: string): Promise<Left> {
  const { rows } = await sql<Left>`select email, erased_at is not null as whole,
      (select count(*)::int from comments where author_id = u.id) as comments,
      (select count(*)::int from credentials where user_id = u.id) as hashes,
      (select count(*)::int from hidden_posts where user_id = u.id) as hidden,
      (select count(*)::int from following where follower_id = u.id) as follows
    from users u where id = ${id}`.execute(app.database.main)
  return rows[0]!
}

test('of somebody who left nothing is left after 30 days, and every count is right, though the work was interrupted', async () => {
  const own = await app.client.signIn(author.username, author.password)
  await liveHere(own)
  await own.call('POST /api/me/deletion')
  let interruptions = 0
  app.modules.accounts.api.whenErased(async () => {
    if (interruptions++ === 0) throw new Error('as if the server had been killed here')
  })
  await endDue()
  await assertRefused(app.client.signIn(author.username, author.password), 'auth.wrong_credentials')
  await app.jobs.drain({ early: true })
  assert.ok(interruptions > 1)
  assert.deepEqual(await placesSeen(), [])
  assert.deepEqual(await remains(), [])
  for await (const { key } of app.stores.exports.list(''))
    assert.fail(`${key} is a copy of somebody who left`)
  const { posts, graph } = app.modules
  const counted = [await posts.api.recount.postCounts(), await posts.api.recount.hashtags()]
  counted.push(await posts.api.recount.accounts(), ...Object.values(await graph.api.recount()))
  assert.deepEqual(
    counted.map(({ repaired }) => repaired),
    [0, 0, 0, 0, 0],
  )
  const { likeCount, commentCount } = await fan.call('GET /api/posts/:id', { params: { id: thirdPostId } })
  assert.deepEqual([likeCount, commentCount], [1, 1])
  const again = await buildPerson(app.client, { username: author.username, email: author.user.email })
  assert.notEqual(again.id, author.id, 'name and address are free')
})

/** Leaves something of them wherever one can. */
async function liveHere(own: Client): Promise<void> {
  const them = { params: { username: fan.username } }
  await own.call('PUT /api/users/:username/follow', them)
  for (const wish of ['close-friend', 'favourite', 'mute', 'restrict'] as const)
    await own.call(`PUT /api/users/:username/${wish}`, them)
  await own.call('PUT /api/users/:username/block', { params: { username: newcomer.username } })
  await fan.call('PUT /api/users/:username/close-friend', ofAuthor)
  await own.call('PATCH /api/me', { body: { bio: `I am ${author.username}`, username: 'author.renamed' } })
  await own.call('PATCH /api/me', { body: { username: author.username } })
  await own.call('POST /api/posts/:id/shares', { params: { id: thirdPostId } })
  const color = { width: 400, height: 700, channels: 3, background: '#64a' } as const
  const picture = await sharp({ create: color }).jpeg().toBuffer()
  const uploadId = await own.upload(picture, { purpose: 'story' })
  await own.call('PUT /api/me/avatar', {
    body: { uploadId: await own.upload(picture, { purpose: 'avatar' }) },
  })
  await app.settle()
  const story = await own.call('POST /api/stories', { body: { uploadId } })
  await app.settle()
  await own.call('POST /api/highlights', { body: { title: 'Mine', storyIds: [story.id] } })
  for (const members of [[fan.username], [fan.username, admirer.username]]) {
    const { id } = await own.call('POST /api/conversations', { body: { members } })
    const params = { id }
    const body = { clientId: 'only-said-here', text: 'Only said here.' }
    const { id: messageId } = await own.call('POST /api/conversations/:id/messages', { params, body })
    await own.call('DELETE /api/conversations/:id/messages/:messageId/mine', { params: { id, messageId } })
  }
  const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.from('a card')])
  await own.call('POST /api/me/verification-request', {
    body: {
      ...{ category: 'photographer', fullName: 'Only said here', knownAs: 'Only said here' },
      links: [`https://people.example/${author.id}`],
      evidence: [await own.upload(jpeg, { purpose: 'evidence' })],
    },
  })
  await own.call('POST /api/me/exports')
  await app.settle()
}

/** Where its number may still stand: logs of what happened, and what others keep, which names nobody any more. */
const mayRemain = new Set([
  ...['users.id', 'user_counts.user_id', 'events.subject_id', 'events.data', 'idempotency_keys.account_id'],
  ...['media.owner_id', 'uploads.owner_id', 'storage_counts.account_id', 'media_revocations.mark'],
  ...['messages.sender_id', 'messages.notice', 'conversation_members.user_id', 'conversations.created_by'],
  ...['direct_conversations.low_id', 'direct_conversations.high_id', 'users.username'],
  ...['verification_requests.user_id'],
])

/** `table.column` of everything that still has the account's number, name, address or words in it. */
async function remains(): Promise<string[]> {
  const { rows } = await sql<{ name: string; column: string; type: string }>`
    select c.table_name as name, c.column_name as column, c.data_type as type
    from information_schema.columns c
    join pg_class k on k.relname = c.table_name and k.relnamespace = 'public'::regnamespace
    where c.table_schema = 'public' and not k.relispartition and k.relkind in ('r', 'p')
  `.execute(app.database.main)
  const found: string[] = []
  const words = ['Only said here', author.user.email, `I am ${author.username}`, author.id]
  for (const { name, column, type } of rows) {
    if (mayRemain.has(`${name}.${column}`)) continue
    const value = sql.ref(`${name}.${column}`)
    const isIt =
      type === 'bigint'
        ? sql`${value} = ${author.id}`
        : type === 'ARRAY' || type === 'text' || type === 'jsonb'
          ? sql`${value}::text like any(${words.map((word) => `%${word}%`)}::text[]) or ${value}::text = ${author.username}`
          : null
    if (isIt === null) continue
    const hit = await sql`select 1 from ${sql.table(name)} where ${isIt} limit 1`.execute(app.database.main)
    if (hit.rows.length > 0) found.push(`${name}.${column}`)
  }
  return found
}
