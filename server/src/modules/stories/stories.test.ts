import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { NewOverlay, Story } from '@heliograph/contract/stories'
import { sql } from 'kysely'
import { createTestClock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import { noise } from '../../../test/corpus/drawn-pictures.ts'
import { listen } from '../../../test/helpers/listener.ts'
import {
  collect,
  createPostsKit,
  type Person,
  type PostsKit,
  refusal,
} from '../../../test/helpers/posts-kit.ts'
import { until } from '../../../test/helpers/until.ts'

const clock = createTestClock()
const hour = 3_600_000
const day = 24 * hour

let kit: PostsKit
before(async () => {
  kit = await createPostsKit({ clock })
})
after(() => kit[Symbol.asyncDispose]())

const named = ({ user }: Person) => ({ params: { username: user.username } })
const tray = async (viewer: Person) => (await viewer.call('GET /api/stories')).items
const namesIn = async (viewer: Person) => (await tray(viewer)).map(({ user }) => user.username)
const storiesOf = async (viewer: Person, author: Person) =>
  (await viewer.call('GET /api/users/:username/stories', named(author))).items
const open = (viewer: Person, { id }: { id: Id }) => viewer.call('GET /api/stories/:id', { params: { id } })
const see = (viewer: Person, { id }: { id: Id }) =>
  viewer.call('PUT /api/stories/:id/seen', { params: { id } })
const viewersOf = (owner: Person, { id }: { id: Id }) =>
  owner.call('GET /api/stories/:id/viewers', { params: { id } })

type Company = [Person, Person, Person, Person, Person, ...Person[]]

/** Somebody, and as many people as are asked for who follow them. */
async function company(followers: number): Promise<Company> {
  const [author, ...others] = (await kit.people(followers + 1)) as Company
  for (const other of others.slice(0, followers)) await kit.follow(other, author)
  return [author, ...others]
}

/** Everywhere somebody may come across it. */
async function whereSeen(viewer: Person, author: Person, story: Story): Promise<string[]> {
  const found = async (name: string, ask: () => Promise<boolean>) => ((await ask()) ? [name] : [])
  const answers = (call: Promise<unknown>) => refusal(call).then((code) => code === 'none')
  return (
    await Promise.all([
      found('tray', async () => (await namesIn(viewer)).includes(author.user.username)),
      found('person', async () => (await storiesOf(viewer, author)).some(({ id }) => id === story.id)),
      found('story', () => answers(open(viewer, story))),
      found('seen', () => answers(see(viewer, story))),
      found('reaction', () =>
        answers(
          viewer.call('POST /api/stories/:id/reactions', { params: { id: story.id }, body: { emoji: '👍' } }),
        ),
      ),
      found(
        'shared',
        async () => (await kit.app.modules.stories.api.present(viewer.user.id, [story.id])).size > 0,
      ),
      found('address', async () => (await fetch(kit.app.url + story.media.imageUrl)).status !== 403),
    ])
  ).flat()
}
const everywhere = ['tray', 'person', 'story', 'seen', 'reaction', 'shared', 'address']

test('a Story is there for who follows, once it is ready, and for nobody else', async () => {
  const [author, follower] = await company(1)
  const stranger = await kit.person()
  const story = await kit.story(author, { altText: 'A hill' })
  assert.equal(story.status, 'ready')
  assert.deepEqual(
    [story.altText, story.fit, story.audience, story.viewCount],
    ['A hill', 'fit', 'followers', 0],
  )
  assert.equal(Date.parse(story.expiresAt) - Date.parse(story.createdAt), day)
  assert.deepEqual(await whereSeen(follower, author, await open(follower, story)), everywhere)
  assert.deepEqual(await whereSeen(stranger, author, story), ['address'])
  const [ring] = await tray(author)
  assert.deepEqual(
    [ring?.user.username, ring?.unseen, ring?.count],
    [author.user.username, false, 1],
    'oneself first',
  )
})

test('nothing of a Story is anywhere from the 24th hour on, whatever was in memory', async () => {
  const [author, follower, other] = await company(2)
  const story = await kit.story(author)
  const shown = await open(follower, story)
  // Warm: tray, cards, sight and accounts of both.
  assert.deepEqual(await whereSeen(follower, author, shown), everywhere)
  await clock.set(Date.parse(story.expiresAt) - 1)
  assert.deepEqual(await whereSeen(follower, author, shown), everywhere)
  assert.equal((await storiesOf(author, author)).length, 1)
  await clock.set(Date.parse(story.expiresAt))
  assert.deepEqual(await whereSeen(follower, author, shown), [])
  // Who never had it in memory, and its author.
  assert.deepEqual(await whereSeen(other, author, shown), [])
  assert.deepEqual(await tray(author), [])
  assert.equal(await refusal(open(author, story)), 'story.not_found')
  assert.equal(await refusal(viewersOf(author, story)), 'story.not_found')
  assert.equal(
    await refusal(author.call('DELETE /api/stories/:id', { params: { id: story.id } })),
    'story.not_found',
  )
  assert.deepEqual(await author.call('GET /api/me/story-archive'), { items: [], nextCursor: null })
})

test('what was uploaded for a Story is served until it ends, and not a second longer', async () => {
  const [author, follower] = await company(1)
  const share = async (bytes: Buffer) => {
    const uploadId = await author.upload(bytes, { purpose: 'story' })
    const { id } = await author.call('POST /api/stories', { body: { uploadId } })
    await kit.app.settle()
    return await open(author, { id })
  }
  const fetched = async (url: string | null) => (await fetch(kit.app.url + url)).status
  const picture = await noise(90, 160).jpeg().toBuffer()
  const [story, removed] = [await share(picture), await share(picture)]
  assert.deepEqual([story.status, story.media.width, story.media.height], ['ready', 90, 160])
  const shown = [await open(follower, story), await open(follower, removed)].map(({ media }) => media)
  for (const { imageUrl, fallbackUrl, thumbnailUrl } of shown)
    for (const url of [imageUrl, fallbackUrl, thumbnailUrl]) assert.equal(await fetched(url), 200)
  await author.call('DELETE /api/stories/:id', { params: { id: removed.id } })
  assert.notEqual(await fetched(shown[1]!.imageUrl), 200)
  await clock.set(Date.parse(story.expiresAt) - 1)
  assert.equal(await fetched(shown[0]!.imageUrl), 200)
  await clock.advance(1)
  assert.equal(await fetched(shown[0]!.imageUrl), 403)

  const text = await share(Buffer.from('not a picture'))
  assert.deepEqual([text.status, text.failure?.code], ['failed', 'media.unsupported_format'])
  await clock.advance(2 * day)
  const ended = await kit.app.modules.stories.api.endExpired()
  assert.ok(ended.objects >= 3 && ended.bytes > 1000, JSON.stringify(ended))
  await kit.app.settle()
  const { stored, referenced } = await kit.app.modules.media.api.storage.verify({ deep: true })
  assert.deepEqual(stored, referenced, 'what is in the stores is what somebody can see')
})

test('what an expired Story leaves behind is taken away and counted, and what is kept is not', async () => {
  const [author, follower] = await company(1)
  await author.call('PATCH /api/me', { body: { keepStoryArchive: true } })
  const kept = await kit.story(author)
  await author.call('PATCH /api/me', { body: { keepStoryArchive: false } })
  const [gone, held] = [await kit.story(author), await kit.story(author)]
  for (const story of [kept, gone, held]) await see(follower, story)
  const highlight = await author.call('POST /api/highlights', {
    body: { title: 'Hills', storyIds: [held.id] },
  })
  await clock.set(Date.parse(held.expiresAt) + hour)
  const { stories } = kit.app.modules
  const ended = await stories.api.endExpired()
  assert.ok(ended.stories >= 1 && ended.kept === 2 && ended.views >= 1, JSON.stringify(ended))
  const { main } = kit.app.database
  const rows = await main.selectFrom('stories').select('id').where('author_id', '=', author.user.id).execute()
  assert.deepEqual(rows.map(({ id }) => id).sort(), [kept.id, held.id].sort())
  const media = await main.selectFrom('media').select('id').where('owner_id', '=', author.user.id).execute()
  assert.deepEqual(media.map(({ id }) => id).sort(), [kept.media.id, held.media.id].sort())
  for (const table of ['story_views', 'story_view_counts'] as const)
    assert.deepEqual(
      await main.selectFrom(table).select('story_id').where('story_id', '=', gone.id).execute(),
      [],
    )
  assert.match(
    await kit.app.http.app.inject('/metrics').then(({ body }) => body),
    /stories_ended_total\{what="gone"\} \d/,
  )

  const archive = await collect(author.all('GET /api/me/story-archive'))
  assert.deepEqual(
    archive.map(({ id, viewCount }) => [id, viewCount]),
    [[kept.id, 1]],
  )
  assert.equal(await refusal(open(follower, kept)), 'story.not_found', 'an archive is its owner’s alone')
  assert.equal((await open(follower, held)).id, held.id, 'a highlight shows it to whom it was for')
  const shown = await follower.call('GET /api/highlights/:id', { params: { id: highlight.id } })
  assert.deepEqual(
    shown.items.map(({ id }) => id),
    [held.id],
  )
  const { id } = await follower.call('POST /api/conversations', {
    body: { members: [author.user.username] },
  })
  const passOn = (who: Person, { id: storyId }: { id: Id }) =>
    who.call('POST /api/conversations/:id/messages', {
      params: { id },
      body: { clientId: randomUUID(), attachments: [{ type: 'story', storyId }] },
    })
  await passOn(follower, held)
  await passOn(author, kept)
  const { items } = await follower.call('GET /api/conversations/:id/messages', { params: { id } })
  assert.deepEqual(
    items.flatMap(({ attachments }) => attachments.map((one) => one.type === 'story' && one.story?.id)),
    [held.id, undefined],
    'it is passed on for as long as the highlight shows it, and an archive by nobody',
  )
  assert.deepEqual(await namesIn(follower), [], 'and not in the tray')
  assert.equal(await refusal(see(follower, held)), 'story.not_found', 'nor is it counted any more')

  await clock.advance(day)
  await sql`
    insert into story_views select bucket, story_id, 1, id + 1, seen_at from story_views where story_id = ${kept.id}
  `.execute(main)
  await sql`
    create function killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$
  `.execute(main)
  await sql`
    create trigger killed before delete on story_views
    for each row when (old.story_id = ${sql.lit(kept.id)}) execute function killed()
  `.execute(main)
  await assert.rejects(stories.api.endExpired(), /killed/, 'how many is noted, and who did is there')
  await sql`drop function killed cascade`.execute(main)
  await main.deleteFrom('story_views').where('story_id', '=', kept.id).where('viewer_id', '=', '1').execute()
  await stories.api.recount()
  const later = await stories.api.endExpired()
  assert.ok(later.views >= 4, 'who saw what they keep, and what each has seen')
  assert.deepEqual(await main.selectFrom('story_seen').select('story_id').execute(), [])
  for (const [story, views] of [
    [kept, 2],
    [held, 1],
  ] as const) {
    const { viewCount, items } = await viewersOf(author, story)
    assert.deepEqual(
      [viewCount, items],
      [views, []],
      'how many stays known, who does not, after a kill neither',
    )
  }
  for (const table of ['story_views', 'story_view_counts'] as const)
    assert.deepEqual(
      await main.selectFrom(table).select('story_id').where('story_id', 'in', [kept.id, held.id]).execute(),
      [],
    )

  await author.call('DELETE /api/highlights/:id', { params: { id: highlight.id } })
  assert.equal(await refusal(open(follower, held)), 'story.not_found')
  assert.equal((await stories.api.endExpired()).stories, 1, 'nothing kept it but the highlight')
  await author.call('DELETE /api/stories/:id', { params: { id: kept.id } })
  await kit.app.settle()
  assert.deepEqual(
    await main.selectFrom('stories').select('id').where('author_id', '=', author.user.id).execute(),
    [],
  )
})

test('a view is counted once per person, and its author alone learns whose it was', async () => {
  const [author, ...crowd] = await company(8)
  const story = await kit.story(author)
  const [first, second] = crowd as Company
  await Promise.all(crowd.flatMap((viewer) => Array.from({ length: 5 }, () => see(viewer, story))))
  await see(author, story)
  for (const one of crowd.slice(0, 3)) await see(one, story)
  const { items, viewCount } = await viewersOf(author, story)
  assert.equal(viewCount, crowd.length)
  assert.deepEqual(items.map(({ id }) => id).sort(), crowd.map(({ user }) => user.id).sort())
  const paged = await collect(
    author.all('GET /api/stories/:id/viewers', { params: { id: story.id }, query: { limit: 3 } }),
  )
  assert.deepEqual(
    paged.map(({ id }) => id),
    items.map(({ id }) => id),
    'page by page the same',
  )
  assert.equal(await refusal(viewersOf(first, story)), 'story.not_found')
  assert.equal((await open(first, story)).viewCount, undefined)

  // Who blocks its author is in no list; that one more has seen it stays true.
  await second.call('PUT /api/users/:username/block', named(author))
  const now = await viewersOf(author, story)
  assert.deepEqual([now.viewCount, now.items.length], [crowd.length, crowd.length - 1])
})

test('a count of views that is wrong is mended from the rows, and a right one is not touched', async () => {
  const [author, follower, other] = await company(2)
  const [story, untouched] = [await kit.story(author), await kit.story(author)]
  for (const viewer of [follower, other]) for (const one of [story, untouched]) await see(viewer, one)
  const react = { params: { id: story.id }, body: { emoji: '❤️' } }
  await follower.call('POST /api/stories/:id/reactions', react)
  await kit.app.database.main
    .updateTable('story_view_counts')
    .set({ views: 7, reactions: 0 })
    .where('story_id', '=', story.id)
    .execute()
  assert.equal((await kit.app.modules.stories.api.recount()).repaired, 1)
  const shown = await open(author, story)
  assert.deepEqual([shown.viewCount, shown.reactionCount], [2, 1])
  await see(author, story)
  assert.equal((await kit.app.modules.stories.api.recount()).repaired, 0)
})

test('a reaction is one per person, can be another one, and is told to the author', async () => {
  const [author, follower] = await company(1)
  const story = await kit.story(author)
  const react = (emoji: string, who = follower) =>
    who.call('POST /api/stories/:id/reactions', { params: { id: story.id }, body: { emoji } })
  assert.deepEqual(await react('❤️'), { reaction: '❤️' })
  await Promise.all([react('👩🏽‍🚀'), react('👩🏽‍🚀')])
  assert.equal((await open(follower, story)).reaction, '👩🏽‍🚀')
  assert.deepEqual(
    (await viewersOf(author, story)).items.map(({ reaction }) => reaction),
    ['👩🏽‍🚀'],
  )
  const counted = await open(author, story)
  assert.deepEqual([counted.viewCount, counted.reactionCount], [1, 1], 'who reacts has seen it')
  for (const bad of ['', 'hello', '❤️❤️', ':-)', '1'])
    assert.equal(await refusal(react(bad)), 'request.invalid', bad)
  assert.equal(await refusal(react('❤️', author)), 'story.own')
  await follower.call('DELETE /api/stories/:id/reactions', { params: { id: story.id } })
  await follower.call('DELETE /api/stories/:id/reactions', { params: { id: story.id } })
  assert.equal((await open(author, story)).reactionCount, 0)
})

test('the tray puts oneself first, then what is unseen, and knows what was seen', async () => {
  const viewer = await kit.person()
  const authors = await kit.people(4)
  for (const author of [...authors, viewer]) {
    if (author !== viewer) await kit.follow(viewer, author)
    await kit.story(author)
    await clock.advance(1000)
  }
  // What following somebody says of closeness is heard a little later.
  await kit.app.settle()
  const [a, b, c, d] = authors as [Person, Person, Person, Person]
  const names = (...people: Person[]) => people.map(({ user }) => user.username)
  assert.deepEqual(await namesIn(viewer), names(viewer, d, c, b, a))
  const [story] = await storiesOf(viewer, d)
  assert.ok(story)
  await see(viewer, story)
  assert.deepEqual(await namesIn(viewer), names(viewer, c, b, a, d))
  assert.equal((await storiesOf(viewer, d))[0]?.seen, true)
  await viewer.call('PUT /api/users/:username/favourite', named(a))
  assert.deepEqual(await namesIn(viewer), names(viewer, a, c, b, d), 'whom one is closest to comes first')
  await clock.advance(1000)
  await kit.story(d, { audience: 'followers' })
  assert.deepEqual(await namesIn(viewer), names(viewer, a, d, c, b), 'a new one is unseen again')
  await viewer.call('PUT /api/users/:username/mute', { ...named(c), body: { stories: true } })
  await viewer.call('DELETE /api/users/:username/follow', named(b))
  assert.deepEqual(await namesIn(viewer), names(viewer, a, d))
  assert.equal((await storiesOf(viewer, c)).length, 1, 'muting keeps them out of the tray, no more')
  assert.equal((await tray(viewer))[2]?.count, 2)
  kit.app.coherence.forget()
  assert.deepEqual(await namesIn(viewer), names(viewer, a, d), 'the same from the database')
})

test('a tray that was ready is never other than one that is made anew, whatever has changed in it', async () => {
  const viewer = await kit.person()
  const [a, b, c, d] = (await kit.people(4)) as Company
  for (const author of [a, b, c, d]) {
    await kit.follow(viewer, author)
    await kit.story(author)
    await clock.advance(1000)
  }
  const later = await kit.story(a)
  const [ofB] = await storiesOf(viewer, b)
  const changes: Record<string, () => Promise<unknown>> = {
    seen: () => see(viewer, ofB!),
    'seen, and another one shared': () => Promise.all([see(viewer, later), kit.story(b)]),
    deleted: () => a.call('DELETE /api/stories/:id', { params: { id: later.id } }),
    'for close friends alone': () => kit.story(c, { audience: 'close_friends' }),
    'on the list': () => c.call('PUT /api/users/:username/close-friend', named(viewer)),
    'another name': () => d.call('PATCH /api/me', { body: { fullName: 'Somebody else' } }),
    blocked: () => d.call('PUT /api/users/:username/block', named(viewer)),
    'one’s own': () => kit.story(viewer),
    muted: () => viewer.call('PUT /api/users/:username/mute', { ...named(b), body: { stories: true } }),
    'a favourite': () => viewer.call('PUT /api/users/:username/favourite', named(a)),
    'muted no more': () => viewer.call('DELETE /api/users/:username/mute', named(b)),
    'followed no more': () => viewer.call('DELETE /api/users/:username/follow', named(a)),
    'followed again': () => kit.follow(viewer, a),
    'hidden from them': () => a.call('PUT /api/users/:username/story-hidden', named(viewer)),
    'shown to them again': () => a.call('DELETE /api/users/:username/story-hidden', named(viewer)),
    'from somebody whom the viewer does not follow': async () => kit.story(await kit.person()),
    'nothing but time': () => clock.advance(61_000),
    'the first of them are over': () => clock.set(Date.parse(ofB!.expiresAt)),
    'all of them are over': () => clock.advance(day),
  }
  // Closeness is not looked at anew for a minute, so that all of it is known before the tray is made ready.
  await kit.app.settle()
  await tray(viewer)
  for (const [what, change] of Object.entries(changes)) {
    await change()
    const shown = await tray(viewer)
    kit.app.coherence.forget()
    assert.deepEqual(shown, await tray(viewer), what)
  }
  assert.deepEqual(await tray(viewer), [])
})

test('whoever is taken out of an audience sees nothing more at once, not even by old addresses', async () => {
  const [author, close, hidden, removed, blocked] = await company(4)
  await author.call('PUT /api/users/:username/close-friend', named(close))
  const story = await kit.story(author)
  const intimate = await kit.story(author, { audience: 'close_friends' })
  assert.equal((await tray(close)).find(({ user }) => user.id === author.user.id)?.closeFriends, true)
  assert.deepEqual(await whereSeen(close, author, await open(close, intimate)), everywhere)
  assert.equal(await refusal(open(hidden, intimate)), 'story.not_found')
  assert.deepEqual(
    (await storiesOf(hidden, author)).map(({ id }) => id),
    [story.id],
  )

  const address = async (viewer: Person) => (await open(viewer, story)).media.imageUrl
  const before = await Promise.all([hidden, removed, blocked].map(address))
  const { relationship } = await author.call('PUT /api/users/:username/story-hidden', named(hidden))
  assert.equal(relationship.storyHidden, true)
  assert.deepEqual(await whereSeen(hidden, author, story), [])
  assert.deepEqual(
    (await hidden.call('GET /api/users/:username', named(author))).relationship?.following,
    'yes',
  )
  await author.call('DELETE /api/users/:username/follower', named(removed))
  await author.call('PUT /api/users/:username/block', named(blocked))
  assert.deepEqual(await namesIn(removed), [])
  assert.equal(await refusal(open(removed, story)), 'story.not_found')
  assert.equal(await refusal(storiesOf(blocked, author)), 'user.not_found')
  for (const url of before) assert.equal((await fetch(kit.app.url + url)).status, 403)
  await author.call('DELETE /api/users/:username/close-friend', named(close))
  assert.equal(await refusal(open(close, intimate)), 'story.not_found')
  assert.deepEqual(
    (await storiesOf(close, author)).map(({ id }) => id),
    [story.id],
  )

  assert.deepEqual(
    (await author.call('GET /api/me/story-hidden-from')).items.map(({ id }) => id),
    [hidden.user.id],
  )
  await author.call('DELETE /api/users/:username/story-hidden', named(hidden))
  assert.deepEqual(await namesIn(hidden), [author.user.username])
  assert.equal(
    await refusal(author.call('PUT /api/users/:username/story-hidden', named(author))),
    'story_hidden.self',
  )
  await kit.app.modules.accounts.api.setState(author.user.id, 'suspended')
  assert.deepEqual(await namesIn(hidden), [])
  assert.equal(await refusal(open(hidden, story)), 'story.not_found')
})

test('overlays are data: kept as they were laid, each reader is shown what they may see, and none lies outside the frame', async () => {
  const [author, follower] = await company(1)
  const stranger = await kit.person()
  const post = await kit.post(stranger, { caption: 'shared' })
  const where = { x: 0.5, y: 1 }
  const overlays: NewOverlay[] = [
    { kind: 'text', ...where, text: 'So high', style: 'boxed', color: '#ffcc00', scale: 2, rotation: -12.5 },
    { kind: 'mention', ...where, username: stranger.user.username },
    { kind: 'mention', ...where, username: 'nobody_of_that_name' },
    { kind: 'hashtag', ...where, tag: 'Hills' },
    { kind: 'place', ...where, name: 'The Harz' },
    { kind: 'post', ...where, postId: post.id },
  ]
  const story = await kit.story(author, { overlays, color: '#12abef' })
  const { overlays: shown, media } = await open(follower, story)
  assert.equal(media.color, '#12abef', 'the ground that its author saw')
  assert.deepEqual(shown[0], overlays[0])
  const told = shown.map((overlay) => {
    if (overlay.kind === 'mention') return overlay.userId ?? null
    if (overlay.kind === 'post') return overlay.post?.id ?? null
    return overlay.kind === 'hashtag' ? overlay.tag : overlay.kind
  })
  assert.deepEqual(told, ['text', stranger.user.id, null, 'hills', 'place', post.id])
  await stranger.call('PUT /api/users/:username/block', named(follower))
  const [, mention, , , , shared] = (await open(follower, story)).overlays
  assert.ok(mention?.kind === 'mention' && mention.userId === undefined)
  assert.ok(shared?.kind === 'post' && shared.post === null)

  const refused: unknown[] = [
    { kind: 'text', x: 1.01, y: 0.5, text: 'out' },
    { kind: 'text', x: 0.5, y: -0.01, text: 'out' },
    { kind: 'text', x: 0.5, y: 0.5, text: ' ' },
    { kind: 'text', x: 0.5, y: 0.5, text: 'x'.repeat(251) },
    { kind: 'text', x: 0.5, y: 0.5, text: 'a', scale: 40 },
    { kind: 'text', x: 0.5, y: 0.5, text: 'a', color: 'url(x)' },
    { kind: 'hashtag', x: 0.5, y: 0.5, tag: '123' },
    { kind: 'script', x: 0.5, y: 0.5, text: 'a' },
    { kind: 'place', x: 0.5, y: 0.5, name: 'a', lat: 1 },
    { kind: 'mention', x: 0.5, y: 0.5, username: 'what nobody would look at' },
  ]
  for (const overlay of refused)
    assert.equal(await refusal(kit.story(author, { overlays: [overlay as NewOverlay] })), 'request.invalid')
  assert.equal(await refusal(kit.story(author, { color: 'red;x:url(y)' })), 'request.invalid')
  const many = Array.from({ length: 21 }, () => overlays[0]!)
  assert.equal(await refusal(kit.story(author, { overlays: many })), 'request.invalid')
  const foul = await kit.story(author, {
    overlays: [{ kind: 'mention', ...where, username: 'Fucking.Cunt' }],
  })
  assert.equal(foul.status, 'review', 'a name that nobody has is words')
  const gone = { kind: 'post', ...where, postId: story.id } as const
  assert.equal(await refusal(kit.story(author, { overlays: [gone] })), 'post.not_found')
})

test('a highlight has no title that a moderator would have to look at first', async () => {
  const [author] = await company(0)
  const story = await kit.story(author)
  const make = (title: string) =>
    author.call('POST /api/highlights', { body: { title, storyIds: [story.id] } })
  assert.equal(await refusal(make('Fucking Cunt')), 'highlight.title')
  const { id } = await make('Hills')
  const change = (title: string) =>
    author.call('PATCH /api/highlights/:id', { params: { id }, body: { title } })
  assert.equal(await refusal(change('Fucking Cunt')), 'highlight.title')
  assert.equal((await change('Da\u202eles\n')).title, 'Dales', 'nor one that is written backwards')
})

test('who unfollows a private account keeps no address of its Stories longer than of its posts', async () => {
  const [author, follower] = await company(1)
  const opens = async ({ media }: Story) => (await fetch(kit.app.url + media.imageUrl)).status !== 403
  const story = await kit.story(author)
  const open24 = await open(follower, story)
  await clock.advance(3 * hour)
  assert.ok(await opens(open24), 'anybody may follow and see it')
  await author.call('PATCH /api/me', { body: { isPrivate: true } })
  const kept = await open(follower, story)
  await follower.call('DELETE /api/users/:username/follow', named(author))
  assert.ok(await opens(kept))
  await clock.advance(2 * hour)
  assert.equal(await opens(kept), false)
  await author.call('PATCH /api/me', { body: { isPrivate: false } })
  await follower.call('PUT /api/users/:username/follow', named(author))
  await clock.set(Date.parse(story.expiresAt) - 1)
  assert.ok(await opens(await open(follower, story)))
})

test('a Story whose medium fails is its author’s alone, who is told why; one that is processing too', async () => {
  const [author, follower] = await company(1)
  const other = await kit.upload(author)
  const uploadId = await kit.upload(author, 'processing', 'story')
  const share = (id: Id) => author.call('POST /api/stories', { body: { uploadId: id } })
  assert.equal(await refusal(share(other)), 'upload.purpose')
  const story = await share(uploadId)
  assert.equal(story.status, 'processing')
  assert.equal(await refusal(share(uploadId)), 'upload.used')
  assert.equal(await refusal(open(follower, story)), 'story.not_found')
  const failed = await share(await kit.upload(author, 'failed', 'story'))
  assert.deepEqual([failed.status, failed.failure?.code], ['failed', 'media.corrupt'])
  assert.deepEqual(
    (await storiesOf(author, author)).map(({ id }) => id),
    [story.id, failed.id],
  )
  assert.deepEqual(await tray(follower), [])
  await author.call('DELETE /api/stories/:id', { params: { id: failed.id } })
  assert.equal((await storiesOf(author, author)).length, 1)
})

test('the same request again makes no second Story, and no second highlight', async () => {
  const author = await kit.person()
  const uploadId = await kit.upload(author, 'ready', 'story')
  const once = { headers: { 'idempotency-key': 'one' } }
  const post = (url: string, payload: object) =>
    kit.app.http.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${author.token}`, ...once.headers },
      payload,
    })
  const [first, again] = [await post('/api/stories', { uploadId }), await post('/api/stories', { uploadId })]
  assert.equal(first.json().id, again.json().id)
  const body = { title: 'One', storyIds: [first.json().id] }
  const [made, same] = [await post('/api/highlights', body), await post('/api/highlights', body)]
  assert.equal(made.json().id, same.json().id)
  assert.equal((await author.call('GET /api/users/:username/highlights', named(author))).items.length, 1)
})

test('highlights hold their owner’s Stories alone, in the order that was chosen', async () => {
  const [author, follower] = await company(1)
  const stranger = await kit.person()
  const [a, b] = [await kit.story(author), await kit.story(author, { audience: 'close_friends' })]
  const foreign = await kit.story(stranger)
  const make = (storyIds: Id[], coverStoryId?: Id) =>
    author.call('POST /api/highlights', {
      body: { title: 'Hills', storyIds, ...(coverStoryId ? { coverStoryId } : {}) },
    })
  assert.equal(await refusal(make([a.id, foreign.id])), 'story.not_found')
  assert.equal(await refusal(make([a.id], b.id)), 'highlight.cover')
  const highlight = await make([b.id, a.id])
  assert.equal(highlight.storyCount, 2)
  const params = { id: highlight.id }
  const shown = await follower.call('GET /api/highlights/:id', { params })
  assert.deepEqual(
    shown.items.map(({ id }) => id),
    [a.id],
    'each for its audience',
  )
  assert.equal(shown.coverStoryId, a.id)
  assert.equal(await refusal(stranger.call('GET /api/highlights/:id', { params })), 'highlight.not_found')
  assert.deepEqual(await stranger.call('GET /api/users/:username/highlights', named(author)), { items: [] })
  const patch = (body: object, who = author) => who.call('PATCH /api/highlights/:id', { params, body })
  assert.equal(await refusal(patch({ title: 'Mine' }, follower)), 'highlight.not_found')
  const changed = await patch({ title: 'Valleys', storyIds: [a.id], coverStoryId: a.id })
  assert.deepEqual([changed.title, changed.storyCount], ['Valleys', 1])
  assert.equal(await refusal(patch({ coverStoryId: b.id })), 'highlight.cover')
  await author.call('DELETE /api/stories/:id', { params: { id: a.id } })
  assert.equal(
    await refusal(author.call('GET /api/highlights/:id', { params })),
    'highlight.not_found',
    'empty',
  )
})

test('what a moderator would look at waits, is reported, comes out, and is removed', async () => {
  const [author, follower] = await company(1)
  const moderator = await kit.person()
  await kit.app.modules.accounts.api.setRoles(moderator.user.id, ['moderator'])
  const story = await kit.story(author)
  const report = (storyId: Id, who = follower) =>
    who.call('POST /api/reports', { body: { storyId, reason: 'spam', note: 'again and again' } })
  const { id } = await report(story.id)
  assert.equal((await report(story.id)).id, id)
  assert.equal(await refusal(report(story.id, author)), 'report.self')
  assert.equal(await refusal(report(story.id, await kit.person())), 'story.not_found')
  const queue = (await moderator.call('GET /api/moderation/queue')).items
  const reported = queue.find(({ story: shown }) => shown?.id === story.id)
  assert.ok(reported)
  assert.deepEqual([reported.subject, reported.reportCount], ['story', 1])
  const decide = (act: 'approve' | 'remove' | 'sensitive') =>
    moderator.call('POST /api/moderation/queue/:id/decision', {
      params: { id: reported.id },
      body: { act, version: reported.version, note: 'Not here' },
    })
  assert.equal(await refusal(decide('sensitive')), 'moderation.act')
  await decide('remove')
  assert.equal(await refusal(open(follower, story)), 'story.not_found')
  assert.deepEqual(await namesIn(follower), [])
  await kit.app.settle()
  const [told] = await storiesOf(author, author)
  assert.deepEqual(
    [told?.status, told?.failure?.code, told?.failure?.detail, told?.media.imageUrl],
    ['removed', 'story.removed', 'Not here', null],
    'its author reads why',
  )
  await author.call('DELETE /api/stories/:id', { params: { id: story.id } })
})

test('a reported Story in an archive is not decided about unseen, and its picture is no follower’s', async () => {
  const [author, follower] = await company(1)
  const moderator = await kit.person()
  await kit.app.modules.accounts.api.setRoles(moderator.user.id, ['moderator'])
  await author.call('PATCH /api/me', { body: { keepStoryArchive: true } })
  const story = await kit.story(author)
  await follower.call('POST /api/reports', { body: { storyId: story.id, reason: 'spam', note: '' } })
  await clock.set(Date.parse(story.expiresAt) + hour)
  await kit.app.modules.stories.api.endExpired()
  const { items } = await moderator.call('GET /api/moderation/queue')
  const shown = items.find(({ story: reported }) => reported?.id === story.id)?.story
  assert.ok(shown)
  assert.notEqual((await fetch(kit.app.url + shown.media.imageUrl)).status, 403)
  assert.deepEqual(await whereSeen(follower, author, story), [])
})

test('what waits for a moderator when its 24 hours are over is theirs to decide about for a month, and nobody else’s', async () => {
  const [author, follower] = await company(1)
  const moderator = await kit.person()
  const { accounts, stories } = kit.app.modules
  await accounts.api.setRoles(moderator.user.id, ['moderator'])
  const foul: NewOverlay = { kind: 'mention', x: 0.5, y: 0.5, username: 'Fucking.Cunt' }
  const reported = await kit.story(author)
  const [held, late] = [
    await kit.story(author, { overlays: [foul] }),
    await kit.story(author, { overlays: [foul] }),
  ]
  await see(follower, reported)
  const shown = await open(follower, reported)
  await follower.call('POST /api/reports', { body: { storyId: reported.id, reason: 'spam', note: '' } })
  const waiting = async () => {
    await clock.advance(day + hour)
    await stories.api.endExpired()
    await kit.app.modules.moderation.api.upkeep.withdrawGone()
    const { items } = await moderator.call('GET /api/moderation/queue')
    return items.filter(({ story }) => [reported.id, held.id, late.id].includes(story?.id ?? ''))
  }
  const cases = await waiting()
  assert.deepEqual(
    cases.map(({ story }) => story?.id),
    [held.id, late.id, reported.id],
    'as long as they have waited',
  )
  for (const { story } of cases)
    assert.notEqual((await fetch(kit.app.url + story!.media.imageUrl)).status, 403, 'theirs to look at')
  assert.deepEqual(await whereSeen(follower, author, shown), [])
  assert.deepEqual(await whereSeen(author, author, shown), [])
  await waiting()
  const { main } = kit.app.database
  const viewsLeft = await main
    .selectFrom('story_views')
    .select('id')
    .where('story_id', '=', reported.id)
    .execute()
  assert.deepEqual(viewsLeft, [], 'who saw it is known no longer than otherwise')
  for (const act of ['remove', 'approve'] as const) {
    const { id, version } = cases.find(
      ({ story }) => story?.id === (act === 'remove' ? reported.id : held.id),
    )!
    const body = { act, version, note: 'Not here' }
    await moderator.call('POST /api/moderation/queue/:id/decision', { params: { id }, body })
  }
  assert.deepEqual(await tray(follower), [], 'it came too late')
  assert.deepEqual(
    (await waiting()).map(({ story }) => story?.id),
    [late.id],
  )
  await clock.advance(30 * day)
  assert.deepEqual(await waiting(), [], 'nobody has decided')
  const left = await main.selectFrom('stories').select('id').where('author_id', '=', author.user.id).execute()
  assert.deepEqual(left, [])
})

test('one that is removed while a highlight shows it leaves the highlight, and nothing of it stays', async () => {
  const [author, follower] = await company(1)
  const [story, other] = [await kit.story(author), await kit.story(author)]
  const make = (storyIds: Id[]) => author.call('POST /api/highlights', { body: { title: 'Hills', storyIds } })
  const [alone, both] = [await make([story.id]), await make([story.id, other.id])]
  const { database, modules } = kit.app
  const named = { storyId: story.id, authorId: author.user.id }
  await database.transaction((tx) => modules.stories.api.moderation.remove(tx, named, 'Not here'))
  const shown = (
    await follower.call('GET /api/users/:username/highlights', { params: { username: author.user.username } })
  ).items
  assert.deepEqual(
    shown.map(({ id, coverStoryId }) => [id, coverStoryId]),
    [[both.id, other.id]],
  )
  assert.equal(
    await refusal(author.call('GET /api/highlights/:id', { params: { id: alone.id } })),
    'highlight.not_found',
  )
  await clock.set(Date.parse(story.expiresAt) + hour)
  await modules.stories.api.endExpired()
  const rows = await database.main
    .selectFrom('stories')
    .select('id')
    .where('author_id', '=', author.user.id)
    .execute()
  assert.deepEqual(rows, [{ id: other.id }])
})

test('what a highlight lets go of cannot be looked at by the addresses that it gave', async () => {
  const [author, follower] = await company(1)
  await author.call('PATCH /api/me', { body: { keepStoryArchive: true } })
  const archived = await kit.story(author)
  await author.call('PATCH /api/me', { body: { keepStoryArchive: false } })
  const [first, second] = [await kit.story(author), await kit.story(author)]
  const make = (storyIds: Id[]) => author.call('POST /api/highlights', { body: { title: 'Hills', storyIds } })
  const [one, two] = [await make([archived.id, first.id]), await make([first.id, second.id])]
  await clock.set(Date.parse(second.expiresAt) + hour)
  await kit.app.modules.stories.api.endExpired()
  const addressOf = async (story: Story) => (await open(follower, story)).media.imageUrl
  const opens = async (address: string | null) => (await fetch(kit.app.url + address)).status !== 403
  const before = [await addressOf(archived), await addressOf(first), await addressOf(second)]
  await author.call('PATCH /api/highlights/:id', { params: { id: two.id }, body: { storyIds: [second.id] } })
  assert.ok(await opens(before[1]!), 'another highlight shows it')
  await author.call('PATCH /api/highlights/:id', {
    params: { id: one.id },
    body: { storyIds: [archived.id] },
  })
  assert.equal(await refusal(open(follower, first)), 'story.not_found')
  for (const address of before) assert.equal(await opens(address), false)
  const again = await addressOf(archived)
  assert.ok((await opens(again)) && (await opens(await addressOf(second))))
  await author.call('DELETE /api/highlights/:id', { params: { id: one.id } })
  assert.equal(await opens(again), false, 'its author’s archive is nobody else’s')
  assert.equal((await author.call('GET /api/me/story-archive')).items.length, 1)
})

test('looking at Stories and reacting counts for the feed, without saying which it was', async () => {
  const [author, follower] = await company(1)
  await kit.follow(author, follower)
  const story = await kit.story(author)
  await see(follower, story)
  await follower.call('POST /api/stories/:id/reactions', { params: { id: story.id }, body: { emoji: '🔥' } })
  await kit.app.settle()
  const kept = async (person: Person) => {
    const all = await collect(person.all('GET /api/me/signals'))
    return all
      .filter(({ kind }) => kind.includes('story'))
      .map(({ kind, username }) => [kind, username])
      .sort()
  }
  assert.deepEqual(await kept(follower), [
    ['story_reaction', author.user.username],
    ['story_view', author.user.username],
  ])
  assert.deepEqual(await kept(author), [['received_story_reaction', follower.user.username]])
})

test('open pages hear of Stories, of what was seen elsewhere, and authors of their viewers', async () => {
  const [author, follower] = await company(1)
  const stranger = await kit.person()
  const at = ({ token }: Person) => listen(kit.app.url, token!)
  await using atAuthor = await at(author)
  await using atFollower = await at(follower)
  await using atStranger = await at(stranger)
  const story = await kit.story(author)
  const authorId = author.user.id
  await until(() =>
    atFollower.events.some((event) => event.type === 'stories.changed' && event.authorId === authorId),
  )
  await see(follower, story)
  await until(() =>
    atFollower.events.some((event) => event.type === 'story.seen' && event.authorId === authorId),
  )
  await until(() =>
    atAuthor.events.some(
      (event) => event.type === 'story.views' && event.storyId === story.id && event.viewCount === 1,
    ),
  )
  const told = () => atAuthor.events.filter(({ type }) => type === 'story.views').length
  const before = told()
  await follower.call('POST /api/stories/:id/reactions', {
    params: { id: story.id },
    body: { emoji: '🔥' },
  })
  await until(() => told() > before)
  await author.call('DELETE /api/stories/:id', { params: { id: story.id } })
  const changes = () => atFollower.events.filter(({ type }) => type === 'stories.changed').length
  await until(() => changes() === 2)
  await atStranger.caughtUp()
  assert.ok(atStranger.events.every(({ type }) => !type.startsWith('stor')))
})
