import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../../test/helpers/app.ts'
import { buildPerson, type Person } from '../../../test/helpers/factories.ts'
import { assertIndexed, plansOf } from '../../../test/helpers/query-plans.ts'
import { seedFeed, seedFollows } from '../../../test/helpers/seed-feed.ts'

let app: TestApp
let viewer: Person

before(async () => {
  app = await createTestApp()
  const { main } = app.database
  viewer = await buildPerson(app.client, { username: 'viewer' })
  const { people } = await seedFeed(main, { people: 6000, posts: 100, likes: 0, comments: 0 })
  await seedFollows(main, viewer.id, people.slice(0, 1500))
  // Rows of others beside those of the viewer: else any index will do.
  for (const other of people.slice(0, 10)) await seedFollows(main, other, people.slice(100, 600))
  await fillUsers()
  await sql`
    insert into sessions
    select bucket, id, id, decode(md5(id::text), 'hex'), '', created_at, created_at, created_at + interval '90 days'
    from users where username <> 'viewer'
  `.execute(main)
  await sql`insert into close_friends select bucket, follower_id, followed_id, id, created_at from following`.execute(
    main,
  )
  await sql`insert into close_friend_of select bucket, followed_id, follower_id, created_at from followers`.execute(
    main,
  )
  await sql`analyze`.execute(main)
})
after(() => app[Symbol.asyncDispose]())

/** So many that reading them all is the dearer way on any PostgreSQL. */
async function fillUsers(): Promise<void> {
  await sql`
    insert into users (bucket, id, username, email, full_name, bio, avatar_status, is_verified, is_private, state,
      sight_epoch, roles, time_zone, language, theme, data_saver, created_at)
    select n % 1024, n, 'other_' || n, 'other_' || n || '@example.org', 'Other Person ' || n, '', 'none', false, false,
      'active', 1, '{}', 'UTC', 'en', 'system', false, timestamptz '2026-01-01'
    from generate_series(1, 40000) as n
  `.execute(app.database.main)
}

const tables = [
  'users',
  'user_counts',
  'username_claims',
  'sessions',
  'following',
  'followers',
  'follow_requests',
  'follow_requests_sent',
  'blocks',
  'blocked_by',
  'mutes',
  'close_friends',
  'close_friend_of',
  'restricts',
  'suggestions_refused',
]

async function check(work: () => Promise<unknown>, ...wanted: string[]): Promise<void> {
  assertIndexed(await plansOf(app.database.main, work), tables, wanted)
}

test('who asks, a profile and how one stands to it are found by their keys', async () => {
  const profile = () => viewer.call('GET /api/users/:username', { params: { username: 'seeded_0' } })
  await check(profile, 'sessions_', 'username_claims_pkey', 'users_', 'following_', 'followers_')
})

test('whom a viewer may see, from memory or asked about each, is found by keys', async () => {
  const { loadSight } = app.modules.graph.api
  const { items } = await viewer.call('GET /api/users/:username/following', {
    params: { username: 'viewer' },
  })
  const authorIds = items.map(({ id }) => id)
  await app.coherence.stop()
  await check(() => loadSight(viewer, authorIds), 'close_friend_of_pkey')
  await check(() => app.modules.graph.api.loadAudience(viewer.id, authorIds), 'close_friends_pkey')
  await app.coherence.start()
  app.coherence.forget()
  await check(() => loadSight(viewer, authorIds), 'close_friend_of_pkey')
})

test('a page of a list of people is read in order from its index', async () => {
  const params = { username: 'viewer' }
  await check(() => viewer.call('GET /api/users/:username/following', { params }), 'following_by_time')
  await check(() => viewer.call('GET /api/users/:username/followers', { params }), 'followers_')
  await check(() => viewer.call('GET /api/me/close-friends'), 'close_friends_by_time')
})

test('completion of a name reads the beginnings of names', async () => {
  const complete = () => viewer.call('GET /api/users', { query: { prefix: 'seeded_19' } })
  await check(complete, 'users_by_username', 'users_by_name', 'users_')
})

test('suggestions read the newest few follows of each followee, never a whole list', async () => {
  app.coherence.forget()
  const plans = await plansOf(app.database.main, () => viewer.call('GET /api/suggestions'))
  assertIndexed(plans, tables, ['following_by_time'])
  assert.ok(
    plans.some(({ text }) => /Limit[\s\S]*following_by_time/.test(text)),
    'each list is left after a few rows',
  )
})
