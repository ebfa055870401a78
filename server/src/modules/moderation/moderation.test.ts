import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, mock } from 'node:test'
import type { ModerationCase } from '@heliograph/contract/moderation'
import type { Post } from '@heliograph/contract/posts'
import { sql } from 'kysely'
import { RegExpMatcher } from 'obscenity'
import sharp from 'sharp'
import { bucketOf } from '#platform/ids/ids.ts'
import { photographs } from '../../../../bench/photographs.ts'
import { writeGood } from '../../../test/corpus/videos.ts'
import { assertRefused, buildPerson, follow, type Person } from '../../../test/helpers/factories.ts'
import { createPostsKit, type PostsKit } from '../../../test/helpers/posts-kit.ts'

// Pictures are looked at by the real networks; that a harmless one waits is the threshold's doing: from 0 on a
// person looks at every picture.

let kit: PostsKit
let moderator: Person
let second: Person
let author: Person
let reader: Person

before(async () => {
  kit = await createPostsKit({ env: { MODERATION_PICTURES: '0' } })
  const { client } = kit.app
  moderator = await buildPerson(client, { username: 'mona' })
  second = await buildPerson(client, { username: 'second' })
  author = await buildPerson(client, { username: 'author' })
  reader = await buildPerson(client, { username: 'reader' })
  for (const person of [moderator, second])
    await kit.app.modules.accounts.api.setRoles(person.id, ['moderator'])
  await follow(reader, author)
})
after(() => kit[Symbol.asyncDispose]())

async function sharePhotograph(person: Person, index: number, caption = ''): Promise<Post> {
  const uploadId = await person.upload(await readFile(photographs[index]!.path), { purpose: 'media' })
  const { id } = await person.call('POST /api/posts', { body: { media: [{ uploadId }], caption } })
  await kit.app.settle()
  return read(person, id)
}

const read = (person: Person, id: string) => person.call('GET /api/posts/:id', { params: { id } })

async function queue(): Promise<ModerationCase[]> {
  const items: ModerationCase[] = []
  for await (const item of moderator.all('GET /api/moderation/queue')) items.push(item)
  return items
}

async function caseOf(subjectId: string): Promise<ModerationCase> {
  const found = (await queue()).find(({ post, comment, author: of, subject }) =>
    [comment?.id, subject === 'post' && post?.id, subject === 'account' && of.id].includes(subjectId),
  )
  assert.ok(found, 'it waits in the queue')
  return found
}

/** About what the queue shows, unless a version is named. */
async function decide(
  person: Person,
  id: string,
  act: 'approve' | 'sensitive' | 'remove',
  { note, version }: { note?: string; version?: string } = {},
) {
  const seen = version ?? (await queue()).find((item) => item.id === id)?.version ?? ''
  const body = { act, note, version: seen }
  return await person.call('POST /api/moderation/queue/:id/decision', { params: { id }, body })
}

async function statusOf(person: Person, address: string | null): Promise<number> {
  const response = await fetch(kit.app.url + address, {
    headers: { authorization: `Bearer ${person.token}` },
  })
  await response.arrayBuffer()
  return response.status
}

describe('a picture above the threshold', () => {
  it('is seen by nobody but its owner until a moderator lets it out, and enters feeds then', async () => {
    const post = await sharePhotograph(author, 0, 'first #held')
    assert.equal(post.status, 'review')
    await assertRefused(read(reader, post.id), 'post.not_found')
    await assertRefused(read(moderator, post.id), 'post.not_found')
    const { postCount } = await reader.call('GET /api/users/:username', { params: { username: 'author' } })
    assert.equal(postCount, 0)

    const waiting = await caseOf(post.id)
    assert.equal(waiting.post?.caption, 'first #held')
    const [finding] = waiting.findings
    assert.ok(finding?.kind === 'picture' && finding.model?.startsWith('nsfwjs 4.4.0'))
    assert.equal(await statusOf(moderator, waiting.post?.media[0]?.mediumUrl ?? null), 200)

    await decide(moderator, waiting.id, 'approve')
    await kit.app.settle()
    assert.equal((await read(reader, post.id)).status, 'ready')
    const feed = await reader.call('GET /api/feed')
    assert.deepEqual(
      feed.items.map(({ id }) => id),
      [post.id],
    )
    assert.equal((await queue()).length, 0)
  })

  it('is refused as the picture of oneself once it was removed; a harmless one never is', async () => {
    const choose = async (bytes: Buffer) => {
      const uploadId = await second.upload(bytes, { purpose: 'avatar' })
      await second.call('PUT /api/me/avatar', { body: { uploadId } })
      await kit.app.settle()
      return (await second.call('GET /api/me')).avatarStatus
    }
    const square = await sharp(photographs[4]!.path).resize(600, 600).jpeg().toBuffer()
    assert.equal(await choose(square), 'ready')
    await blockWith(await hashOf(second.id), 0)
    assert.equal(await choose(square), 'failed')
    await unblockAll()
  })

  it('that is nearly like a removed one waits, and one that is hardly like it is another', async () => {
    const first = await sharePhotograph(author, 4)
    const hash = await hashOf(author.id)
    for (const [bits, verdict] of [
      [6, 'resembles'],
      [10, 'picture'],
    ] as const) {
      await blockWith(hash, bits)
      const post = await sharePhotograph(author, 4)
      assert.equal(post.status, 'review')
      assert.equal((await caseOf(post.id)).findings[0]?.kind, verdict)
      await author.call('DELETE /api/posts/:id', { params: { id: post.id } })
      await unblockAll()
    }
    await author.call('DELETE /api/posts/:id', { params: { id: first.id } })
  })

  /** Of the picture that this person uploaded last. */
  async function hashOf(
    ownerId: string,
    column: 'perceptual_hash' | 'whole_hash' = 'perceptual_hash',
  ): Promise<bigint> {
    const row = await kit.app.database.main
      .selectFrom('media')
      .select(column)
      .where('owner_id', '=', ownerId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    return row[column]!.readBigUInt64BE()
  }

  /** As if a picture had been removed whose hash differs in so many bits. */
  async function blockWith(hash: bigint, bits: number): Promise<void> {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(hash ^ ((1n << BigInt(bits)) - 1n))
    const row = { bucket: bucketOf(author.id), id: author.id, media_id: author.id, perceptual_hash: bytes }
    await kit.app.database.transaction(async (tx) => {
      await tx
        .insertInto('blocked_pictures')
        .values({ ...row, created_at: new Date() })
        .execute()
      const data = { mediaId: author.id }
      const event = { bucket: row.bucket, subjectId: author.id, data }
      await kit.app.events.emit(tx, 'moderation.block_list_changed', event)
    })
  }

  async function unblockAll(): Promise<void> {
    const { blockList, decisions } = kit.app.modules.moderation.api
    for (const { id } of await blockList.list(null, 50)) await decisions.unblock(null, id, '')
  }

  it('is looked for all over a clip, which waits like a photograph', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'moderation-'))
    const uploadId = await author.upload(await readFile(await writeGood('a landscape', folder)))
    const { id } = await author.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await kit.app.settle()
    const waiting = await caseOf(id)
    assert.equal((await read(author, id)).status, 'review')
    assert.equal(waiting.post?.media[0]?.type, 'video')
    const found = await kit.app.modules.media.api.moderationOf([waiting.post?.media[0]?.id ?? ''])
    const [moderation] = found.values()
    assert.ok((moderation?.frames ?? 0) > 1, 'more than its poster')
    await decide(moderator, waiting.id, 'approve')
    assert.equal((await read(reader, id)).status, 'ready')
    await author.call('DELETE /api/posts/:id', { params: { id } })
    await rm(folder, { recursive: true })
  })

  it('that is marked sensitive comes out as sensitive', async () => {
    const post = await sharePhotograph(author, 3)
    await decide(moderator, (await caseOf(post.id)).id, 'sensitive')
    const shown = await read(reader, post.id)
    assert.equal(shown.status, 'ready')
    assert.equal(shown.sensitive, true)
  })

  it('that was removed is gone for everybody, told to its owner with the reason, and does not come back', async () => {
    const post = await sharePhotograph(author, 1)
    const addresses = [post.media[0]?.mediumUrl ?? null, post.media[0]?.largeUrl ?? null]
    await decide(moderator, (await caseOf(post.id)).id, 'remove', { note: 'Not here, please.' })
    await kit.app.settle()
    const own = await read(author, post.id)
    assert.equal(own.status, 'removed')
    assert.deepEqual(
      { code: own.failure?.code, note: own.failure?.note },
      { code: 'post.removed', note: 'Not here, please.' },
    )
    await assertRefused(read(reader, post.id), 'post.not_found')
    for (const address of addresses) assert.ok([404, 410].includes(await statusOf(author, address)))
    await assertRefused(
      author.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { caption: 'again' } }),
      'post.removed',
    )
    await assertRefused(author.call('POST /api/posts/:id/retry', { params: { id: post.id } }), 'post.removed')

    const again = await sharePhotograph(reader, 1)
    assert.equal(again.status, 'failed')
    assert.equal(again.failure?.code, 'media.blocked')

    const [blocked] = await kit.app.modules.moderation.api.blockList.list(null, 10)
    await kit.app.modules.moderation.api.decisions.unblock(null, blocked!.id, 'a mistake')
    const later = await sharePhotograph(reader, 1)
    assert.equal(later.status, 'review')
    await reader.call('DELETE /api/posts/:id', { params: { id: later.id } })
    assert.equal((await queue()).length, 0)
  })

  it('that is made like a removed one by a new crop takes its post out of sight, and is never shown', async () => {
    const post = await sharePhotograph(author, 4)
    await decide(moderator, (await caseOf(post.id)).id, 'approve')
    await blockWith(await hashOf(author.id, 'whole_hash'), 0)
    const media = [{ id: post.media[0]!.id, crop: { x: 0, y: 0, width: 0.9, height: 0.9 } }]
    await author.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { media } })
    await kit.app.settle()
    const own = await read(author, post.id)
    assert.deepEqual([own.status, own.failure?.code], ['review', 'media.blocked'], 'its owner is told why')
    const waiting = await caseOf(post.id)
    assert.ok(waiting.findings.some(({ kind }) => kind === 'resembles'))
    await unblockAll()
    await author.call('POST /api/posts/:id/retry', { params: { id: post.id } })
    await kit.app.settle()
    const again = await read(author, post.id)
    assert.deepEqual(
      [again.status, again.failure],
      ['review', undefined],
      'one that waits can be tried again',
    )
    await author.call('DELETE /api/posts/:id', { params: { id: post.id } })
  })

  it('that was uploaded before its like was removed never comes out of that upload, nor as a picture of oneself', async () => {
    const bytes = await readFile(photographs[3]!.path)
    const uploadId = await reader.upload(bytes, { purpose: 'media' })
    const avatarId = await reader.upload(bytes, { purpose: 'avatar' })
    const post = await sharePhotograph(author, 3)
    await decide(moderator, (await caseOf(post.id)).id, 'remove')
    const again = await reader.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    await reader.call('PUT /api/me/avatar', { body: { uploadId: avatarId } })
    await kit.app.settle()
    const failed = await read(reader, again.id)
    assert.deepEqual([failed.status, failed.failure?.code], ['failed', 'media.blocked'])
    assert.equal((await reader.call('GET /api/me')).avatarStatus, 'failed')
    await unblockAll()
  })

  it('that was removed never comes back by the crops and the straightening of this server', async () => {
    const share = async (choices: object) => {
      const uploadId = await author.upload(await readFile(photographs[2]!.path), { purpose: 'media' })
      const body = { media: [{ uploadId, ...choices }] }
      const { id } = await author.call('POST /api/posts', { body })
      await kit.app.settle()
      return read(author, id)
    }
    const small = { crop: { x: 0.2, y: 0.2, width: 0.5, height: 0.5 } }
    for (const [first, then] of [
      [small, {}],
      [{}, small],
      [{}, { edits: { straighten: 12 } }],
    ] as const) {
      const post = await share(first)
      await decide(moderator, (await caseOf(post.id)).id, 'remove')
      assert.equal((await share(then)).failure?.code, 'media.blocked', JSON.stringify([first, then]))
      await unblockAll()
    }
  })

  it('that is cropped anew takes a ready post out of sight before anybody sees the new picture', async () => {
    const post = await sharePhotograph(author, 2, '#crop')
    await decide(moderator, (await caseOf(post.id)).id, 'approve')
    const crop = { x: 0, y: 0, width: 0.8, height: 0.8 }
    const { feedId } = await feedIdOf(post.id)
    await author.call('PATCH /api/posts/:id', {
      params: { id: post.id },
      body: { media: [{ id: post.media[0]!.id, crop }] },
    })
    assert.equal((await read(reader, post.id)).status, 'ready', 'with the picture that it had')
    await kit.app.settle()
    await assertRefused(read(reader, post.id), 'post.not_found')
    assert.equal((await read(author, post.id)).status, 'review')
    await decide(moderator, (await caseOf(post.id)).id, 'approve')
    assert.equal((await read(reader, post.id)).status, 'ready')
    assert.deepEqual(await feedIdOf(post.id), { feedId }, 'at the place that it had')
  })
})

async function feedIdOf(postId: string): Promise<{ feedId: string | null }> {
  const row = await kit.app.database.main
    .selectFrom('posts')
    .select('feed_id')
    .where('id', '=', postId)
    .executeTakeFirstOrThrow()
  return { feedId: row.feed_id }
}

describe('words above the threshold', () => {
  it('put a post into review, from its caption, place or alternative texts', async () => {
    const uploadId = await kit.upload(author)
    const post = await author.call('POST /api/posts', {
      body: { media: [{ uploadId, altText: 'Du Arschloch' }], place: { name: 'Essex' } },
    })
    assert.equal(post.status, 'review')
    const waiting = await caseOf(post.id)
    assert.deepEqual(waiting.findings, [
      { kind: 'words', field: 'altText', severity: 'strong', words: ['Arschloch'] },
    ])
    await author.call('DELETE /api/posts/:id', { params: { id: post.id } })
    assert.equal((await queue()).length, 0, 'what is deleted waits no more')
    await assertRefused(decide(moderator, waiting.id, 'approve'), 'moderation.not_found')
  })

  it('in a new caption take a ready post out of sight; the old caption stays for moderators', async () => {
    const post = await kit.post(author, { caption: 'sunrise #dawn' })
    assert.equal(post.status, 'ready')
    const edited = await author.call('PATCH /api/posts/:id', {
      params: { id: post.id },
      body: { caption: 'f u c k this #dusk' },
    })
    assert.equal(edited.status, 'review')
    await assertRefused(read(reader, post.id), 'post.not_found')
    const tags = await reader.call('GET /api/tags/:tag/posts', { params: { tag: 'dawn' } })
    assert.deepEqual(tags.items, [])
    await decide(moderator, (await caseOf(post.id)).id, 'approve')
    const dusk = await reader.call('GET /api/tags/:tag/posts', { params: { tag: 'dusk' } })
    assert.deepEqual(
      dusk.items.map(({ id }) => id),
      [post.id],
    )
  })

  it('hold a comment: its author alone sees it until it is let out; it is counted from the beginning', async () => {
    const post = await kit.post(author)
    const params = { id: post.id }
    const comment = await reader.call('POST /api/posts/:id/comments', { params, body: { text: 'you bitch' } })
    assert.equal(comment.held, true)
    const seenBy = async (person: Person) =>
      (await person.call('GET /api/posts/:id/comments', { params })).items.map(({ id }) => id)
    assert.deepEqual(await seenBy(reader), [comment.id])
    assert.deepEqual(await seenBy(author), [])
    assert.deepEqual((await read(author, post.id)).newestComments, [])
    assert.equal((await read(author, post.id)).commentCount, 1)
    await assertRefused(
      author.call('POST /api/posts/:id/comments', {
        params,
        body: { text: 'what?', parentId: comment.id },
      }),
      'comment.not_found',
    )
    await decide(moderator, (await caseOf(comment.id)).id, 'approve')
    assert.deepEqual(await seenBy(author), [comment.id])

    const other = await reader.call('POST /api/posts/:id/comments', { params, body: { text: 'Hurensohn' } })
    await decide(moderator, (await caseOf(other.id)).id, 'remove')
    assert.deepEqual(await seenBy(reader), [comment.id])
    assert.equal((await read(author, post.id)).commentCount, 1)
  })

  it('of somebody who waited to be let in never go by unseen', async () => {
    const { id } = await buildPerson(kit.app.client)
    await kit.app.settle()
    await kit.app.modules.accounts.api.setState(id, 'waiting')
    await kit.app.database.main
      .updateTable('users')
      .set({ full_name: 'Heil Hitler' })
      .where('bucket', '=', bucketOf(id))
      .where('id', '=', id)
      .execute()
    await kit.app.modules.accounts.api.approve(id)
    await kit.app.settle()
    await decide(moderator, (await caseOf(id)).id, 'approve')
  })

  it('of a profile go out and wait in the queue; removing suspends, but nobody who has a role', async () => {
    const rude = await buildPerson(kit.app.client, { username: 'rude', fullName: 'Heil Hitler' })
    await kit.app.settle()
    const waiting = await caseOf(rude.id)
    assert.equal(waiting.author.fullName, 'Heil Hitler')
    const { decisions } = kit.app.modules.moderation.api
    const unproved = { act: 'remove', note: 'Rude.', isProved: false } as const
    await assert.rejects(decisions.decide(moderator, waiting.id, unproved), { code: 'auth.proof_needed' })
    await assertRefused(decide(moderator, waiting.id, 'sensitive'), 'moderation.act')
    for (const note of [undefined, '', '  '])
      await assertRefused(decide(moderator, waiting.id, 'remove', { note }), 'moderation.note_needed')
    await rude.call('GET /api/me')
    await decide(moderator, waiting.id, 'remove', { note: 'Rude.' })
    // No job is waited for: the answer comes when it is so.
    await assertRefused(rude.call('GET /api/me'), 'auth.invalid')
    await assertRefused(kit.app.client.signIn(rude.username, rude.password), 'account.suspended')
    await assertRefused(
      reader.call('GET /api/users/:username', { params: { username: 'rude' } }),
      'user.not_found',
    )
    await reader.call('POST /api/reports', { body: { username: 'second', reason: 'spam' } })
    const colleague = await caseOf(second.id)
    await assertRefused(decide(moderator, colleague.id, 'remove', { note: 'Spam.' }), 'auth.forbidden')
    await decide(moderator, colleague.id, 'approve')
  })

  it('of an account that is suspended already never take the reason or the end of that away', async () => {
    const rude = await buildPerson(kit.app.client, { username: 'ruder', fullName: 'Heil Hitler' })
    await kit.app.settle()
    const waiting = await caseOf(rude.id)
    const until = new Date(Date.now() + 86_400_000)
    await kit.app.modules.admin.api.acts.suspend('operator', rude.id, { reason: 'Threats.', until })
    const again = await caseOf(rude.id)
    await decide(moderator, waiting.id, 'remove', { note: 'Rude.', version: again.version })
    const stands = { state: 'suspended', reason: 'Threats.', until: until.toISOString() }
    const held = await kit.app.modules.accounts.api.suspensionOf(rude.id)
    assert.deepEqual([held?.reason, held?.until, held?.rank], ['Threats.', until, 2])
    const [line] = (await moderator.call('GET /api/moderation/log', { query: { limit: 1 } })).items
    assert.deepEqual([line?.act, line?.note], ['remove', 'Rude.'])
    for (const part of [line?.before, line?.after])
      assert.deepEqual({ state: part?.state, reason: part?.reason, until: part?.until }, stands)
  })

  it('that take a ready post out of sight take every address of its pictures with them, until it is let out', async () => {
    const post = await sharePhotograph(author, 4)
    await decide(moderator, (await caseOf(post.id)).id, 'approve')
    const anybody = async (url: string | null | undefined) => (await fetch(kit.app.url + url)).status
    const seen = (await read(reader, post.id)).media[0]!
    const own = (await read(author, post.id)).media[0]!
    const before = [seen.mediumUrl, seen.fallbackUrl, own.originalUrl]
    for (const url of before) assert.equal(await anybody(url), 200)
    const { sightEpoch } = (await kit.app.modules.accounts.api.findByIds([author.id])).get(author.id)!
    await author.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { caption: 'you bitch' } })
    for (const url of before) assert.equal(await anybody(url), 403)
    const marks = await kit.app.database.main.selectFrom('media_revocations').select('mark').execute()
    assert.ok(
      marks.some(({ mark }) => mark.endsWith(`/${author.id}_${sightEpoch}`)),
      'edges are told',
    )
    const waiting = await caseOf(post.id)
    for (const { mediumUrl } of [(await read(author, post.id)).media[0]!, waiting.post!.media[0]!])
      assert.equal(await anybody(mediumUrl), 200, 'its owner and moderators still see it')
    await decide(moderator, waiting.id, 'approve')
    assert.equal(await anybody((await read(reader, post.id)).media[0]!.mediumUrl), 200)
    await author.call('DELETE /api/posts/:id', { params: { id: post.id } })
  })

  it('that are changed again and again are one finding, and approved ones of a profile are not asked again', async () => {
    const post = await kit.post(author, { caption: 'you bitch' })
    for (const caption of ['you cunt', 'you whore'])
      await author.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { caption } })
    const waiting = await caseOf(post.id)
    assert.deepEqual(waiting.findings, [
      { kind: 'words', field: 'caption', severity: 'strong', words: ['whore'] },
    ])
    await decide(moderator, waiting.id, 'remove')

    const person = await buildPerson(kit.app.client, { username: 'approved', fullName: 'Ada Arschloch' })
    await kit.app.settle()
    await decide(moderator, (await caseOf(person.id)).id, 'approve')
    await person.call('PATCH /api/me', { body: { bio: 'I like lakes.' } })
    await kit.app.settle()
    assert.deepEqual(await queue(), [])
    await person.call('PATCH /api/me', { body: { bio: 'you bitch' } })
    await kit.app.settle()
    const later = await caseOf(person.id)
    assert.deepEqual(
      later.findings.map((finding) => finding.kind === 'words' && finding.field),
      ['bio'],
    )
    await decide(moderator, later.id, 'approve')
  })

  it('in comments that are held never hide those that are not', async () => {
    const post = await kit.post(author)
    const params = { id: post.id }
    const say = (text: string, parentId?: string) =>
      reader.call('POST /api/posts/:id/comments', { params, body: { text, parentId } })
    const kind = await say('what a lake')
    for (let at = 0; at < 7; at++) await say('you bitch')
    const shown = (await read(author, post.id)).newestComments.map(({ id }) => id)
    assert.deepEqual(shown, [kind.id])
    const reply = await say('you bitch', kind.id)
    await caseOf(reply.id)
    const comment = { id: post.id, commentId: kind.id }
    await author.call('DELETE /api/posts/:id/comments/:commentId', { params: comment })
    assert.ok(!(await queue()).some((item) => item.comment?.id === reply.id))
    assert.equal((await stateOf(reply.id)).state, 'withdrawn', 'with the thread that it stood in')
    await author.call('DELETE /api/posts/:id', { params })
    assert.deepEqual(await queue(), [])
  })

  it('that wait are never lost by a look at the queue, nor by losing their case', async () => {
    const { upkeep } = kit.app.modules.moderation.api
    const { main } = kit.app.database
    const post = await kit.post(author, { caption: 'you bitch' })
    const other = await kit.post(author)
    const params = { id: other.id }
    const comment = await reader.call('POST /api/posts/:id/comments', { params, body: { text: 'you bitch' } })
    await main.deleteFrom('comments').where('id', '=', comment.id).execute()
    assert.equal((await queue()).length, 1)
    assert.equal((await stateOf(comment.id)).state, 'waiting', 'a look changes nothing')
    assert.equal(await upkeep.withdrawGone(), 1)
    assert.equal((await stateOf(comment.id)).state, 'withdrawn')
    await main
      .updateTable('moderation_cases')
      .set({ state: 'withdrawn' })
      .where('subject_id', '=', post.id)
      .execute()
    assert.deepEqual(await queue(), [])
    assert.equal(await upkeep.queueForgotten(), 1)
    await decide(moderator, (await caseOf(post.id)).id, 'approve')
    assert.equal(await upkeep.queueForgotten(), 0)
    assert.equal((await read(reader, post.id)).status, 'ready')
  })

  async function stateOf(subjectId: string): Promise<{ state: string }> {
    return await kit.app.database.main
      .selectFrom('moderation_cases')
      .select('state')
      .where('subject_id', '=', subjectId)
      .executeTakeFirstOrThrow()
  }

  it('in captions as long as a book never keep a transaction open while they are read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'moderation-'))
    const film = await readFile(await writeGood('a landscape', folder))
    await rm(folder, { recursive: true })
    const inTransaction = new AsyncLocalStorage<boolean>()
    const { database } = kit.app
    const transaction = database.transaction.bind(database)
    const opened = mock.method(database, 'transaction', (work: never, options: never) =>
      inTransaction.run(true, () => transaction(work, options)),
    )
    const { getAllMatches } = RegExpMatcher.prototype
    const readWhere = { inside: 0, outside: 0 }
    const reading = mock.method(
      RegExpMatcher.prototype,
      'getAllMatches',
      function (this: RegExpMatcher, text: string, sorted?: boolean) {
        readWhere[inTransaction.getStore() ? 'inside' : 'outside'] += text.length
        return getAllMatches.call(this, text, sorted)
      },
    )
    try {
      const cues = Array.from({ length: 9000 }, (_, at) => {
        const seconds = String(at % 60).padStart(2, '0')
        return `00:${seconds}.000 --> 00:${seconds}.900\nwhat a lake, Mr Dickens, what a cockpit it is, cue ${at}\n`
      })
      const say = (more = '') =>
        author.upload(Buffer.from(`WEBVTT\n\n${cues.join('\n')}\n${more}`), { purpose: 'captions' })
      const uploadId = await author.upload(film)
      const media = [{ uploadId, captionsUploadId: await say() }]
      const { id } = await author.call('POST /api/posts', { body: { media, caption: 'By the lake' } })
      await kit.app.settle()
      const waiting = await caseOf(id)
      assert.ok(waiting.findings.every(({ kind }) => kind === 'picture'))
      await decide(moderator, waiting.id, 'approve')
      const shared = await read(author, id)
      assert.equal(shared.status, 'ready')
      assert.ok(readWhere.outside > 500_000, `${readWhere.outside} characters were read`)
      const rude = await say('00:59.000 --> 00:59.900\nyou bitch\n')
      const body = { media: [{ id: shared.media[0]!.id, captionsUploadId: rude }] }
      assert.equal((await author.call('PATCH /api/posts/:id', { params: { id }, body })).status, 'review')
      assert.ok(readWhere.outside > 1_000_000, `${readWhere.outside} characters were read`)
      const { inside } = readWhere
      assert.ok(inside > 0 && inside < 1000, `${inside} characters were read while one was open`)
      await author.call('DELETE /api/posts/:id', { params: { id } })
    } finally {
      reading.mock.restore()
      opened.mock.restore()
    }
  })

  it('in captions, or in the name of a camera that is shown, are not let out unseen', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'moderation-'))
    const film = await readFile(await writeGood('a landscape', folder))
    await rm(folder, { recursive: true })
    const say = (text: string) =>
      author.upload(Buffer.from(`WEBVTT\n\n00:00.000 --> 00:01.000\n${text}\n`), { purpose: 'captions' })
    const uploadId = await author.upload(film)
    const captionsUploadId = await say('you bitch')
    const { id } = await author.call('POST /api/posts', { body: { media: [{ uploadId, captionsUploadId }] } })
    await kit.app.settle()
    const fieldsOf = async (subjectId: string) =>
      (await caseOf(subjectId)).findings.flatMap((finding) =>
        finding.kind === 'words' ? [finding.field] : [],
      )
    assert.deepEqual(await fieldsOf(id), ['captions'])
    await decide(moderator, (await caseOf(id)).id, 'approve')
    const mediaId = (await read(author, id)).media[0]!.id
    const change = async (body: object) => author.call('PATCH /api/posts/:id', { params: { id }, body })
    const harmless = await change({ media: [{ id: mediaId, captionsUploadId: await say('what a lake') }] })
    assert.equal(harmless.status, 'ready')
    const rude = await change({ media: [{ id: mediaId, captionsUploadId: await say('Hurensohn') }] })
    assert.equal(rude.status, 'review')
    await author.call('DELETE /api/posts/:id', { params: { id } })

    const post = await kit.post(author)
    await kit.app.database.main
      .updateTable('media')
      .set({ exif: JSON.stringify({ cameraModel: 'you bitch', lens: 'harmless' }) })
      .where('id', '=', post.media[0]!.id)
      .execute()
    const show = (showMetadata: boolean) =>
      author.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { showMetadata } })
    assert.equal((await show(true)).status, 'review')
    assert.deepEqual(await fieldsOf(post.id), ['metadata'])
    await author.call('DELETE /api/posts/:id', { params: { id: post.id } })
    assert.deepEqual(await queue(), [])
  })

  it('that only look like bad ones never hold anything', async () => {
    for (const caption of ['Scunthorpe and Essex', 'Barsch vom Grill', 'cocktails, shiitake, Kanal'])
      assert.equal((await kit.post(author, { caption })).status, 'ready', caption)
  })
})

describe('reports', () => {
  it('are one case for each subject and one report for each person, and tell nobody who sent them', async () => {
    const post = await kit.post(author)
    const report = (person: Person, reason: 'spam' | 'hate', note?: string) =>
      person.call('POST /api/reports', { body: { postId: post.id, reason, note } })
    const first = await report(reader, 'spam', 'look at this')
    assert.deepEqual(await report(reader, 'hate'), first)
    await report(second, 'spam')
    const waiting = await caseOf(post.id)
    assert.equal(waiting.reportCount, 2)
    assert.deepEqual(waiting.reasons, [{ reason: 'spam', count: 2 }])
    assert.deepEqual(
      waiting.notes.map(({ note }) => note),
      ['look at this'],
    )
    assert.ok(!JSON.stringify(waiting).includes('reader'))
    assert.equal((await read(reader, post.id)).status, 'ready', 'a report alone hides nothing')
    await decide(moderator, waiting.id, 'approve')
    assert.equal((await queue()).length, 0)
    await report(reader, 'hate', 'now it is worse')
    const again = await caseOf(post.id)
    assert.notEqual(again.id, waiting.id)
    assert.deepEqual(again.reasons, [{ reason: 'hate', count: 1 }], 'who was heard is heard again')
    assert.equal(again.notes[0]?.note, 'now it is worse')
    await decide(moderator, again.id, 'approve')
  })

  it('of what one cannot see, or of oneself, are refused', async () => {
    const hidden = await buildPerson(kit.app.client, { username: 'hidden', isPrivate: true })
    const post = await kit.post(hidden)
    const reason = 'other' as const
    const refused = (body: object) => reader.call('POST /api/reports', { body: { reason, ...body } })
    await assertRefused(refused({ postId: post.id }), 'post.not_found')
    await assertRefused(refused({ username: 'nobody_at_all' }), 'user.not_found')
    await assertRefused(refused({ postId: post.id, username: 'hidden' }), 'request.invalid')
    await assertRefused(refused({}), 'request.invalid')
    await assertRefused(
      hidden.call('POST /api/reports', { body: { postId: post.id, reason } }),
      'report.self',
    )
  })
})

describe('decisions', () => {
  it('are not for people without a role, nor is the log', async () => {
    const post = await kit.post(author)
    await reader.call('POST /api/reports', { body: { postId: post.id, reason: 'spam' } })
    const { id } = await caseOf(post.id)
    await assertRefused(decide(author, id, 'approve'), 'request.not_found')
    await assertRefused(author.call('GET /api/moderation/queue'), 'request.not_found')
    await assertRefused(author.call('GET /api/moderation/log'), 'request.not_found')
    await assertRefused(kit.app.client.call('GET /api/moderation/queue'), 'auth.required')
    await decide(moderator, id, 'approve')
  })

  it('are never carried out for somebody who was suspended or lost the role while they were asked for', async () => {
    const gone = await buildPerson(kit.app.client)
    const actor = { id: gone.id, username: gone.username }
    await kit.app.modules.accounts.api.setRoles(gone.id, ['moderator'])
    const post = await kit.post(author)
    await reader.call('POST /api/reports', { body: { postId: post.id, reason: 'spam' } })
    const { id } = await caseOf(post.id)
    const decided = (act: 'approve' | 'remove') =>
      kit.app.modules.moderation.api.decisions.decide(actor, id, { act, note: '' })
    await kit.app.modules.accounts.api.setState(gone.id, 'suspended')
    await assert.rejects(decided('remove'), { code: 'auth.invalid' })
    await kit.app.modules.accounts.api.setState(gone.id, 'active')
    await kit.app.modules.accounts.api.setRoles(gone.id, [])
    for (const act of ['approve', 'remove'] as const)
      await assert.rejects(decided(act), { code: 'request.not_found' })
    await decide(moderator, id, 'approve')
  })

  it('of two at once are made by one, and the other is told', async () => {
    for (const [one, other] of [
      ['approve', 'remove'],
      ['remove', 'sensitive'],
    ] as const) {
      const post = await kit.post(author)
      await reader.call('POST /api/reports', { body: { postId: post.id, reason: 'spam' } })
      const { id } = await caseOf(post.id)
      const both = await Promise.allSettled([decide(moderator, id, one), decide(second, id, other)])
      assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
      const lost = both.find((result) => result.status === 'rejected')
      assert.equal((lost as PromiseRejectedResult).reason.code, 'moderation.decided')
      const { items } = await moderator.call('GET /api/moderation/log')
      assert.equal(items.filter((line) => line.caseId === id).length, 1)
      const winner = both[0]!.status === 'fulfilled' ? one : other
      const { status, sensitive } = await read(author, post.id)
      assert.deepEqual(
        { status, sensitive },
        winner === 'remove'
          ? { status: 'removed', sensitive: false }
          : { status: 'ready', sensitive: winner === 'sensitive' },
      )
    }
  })

  it('about what the moderator did not see are refused: the owner changed it, or the server noticed more', async () => {
    const post = await sharePhotograph(author, 0, 'you bitch')
    const params = { id: post.id }
    const mediaId = post.media[0]!.id
    const changes = [
      { caption: 'something else altogether' },
      { place: { name: 'Arschloch am Inn' } },
      { media: [{ id: mediaId, altText: 'another text' }] },
      { media: [{ id: mediaId, crop: { x: 0, y: 0, width: 0.5, height: 0.5 } }] },
    ]
    for (const body of changes) {
      const { id, version } = await caseOf(post.id)
      await author.call('PATCH /api/posts/:id', { params, body })
      await assertRefused(decide(moderator, id, 'approve', { version }), 'moderation.changed')
      assert.equal((await read(author, post.id)).status, 'review', JSON.stringify(body))
    }
    const person = await buildPerson(kit.app.client, { username: 'changing' })
    await reader.call('POST /api/reports', { body: { username: 'changing', reason: 'spam' } })
    const { id, version } = await caseOf(person.id)
    await person.call('PATCH /api/me', { body: { bio: 'quite another one' } })
    await assertRefused(decide(moderator, id, 'remove', { version, note: 'x' }), 'moderation.changed')
    await decide(moderator, id, 'approve')
    await decide(moderator, (await caseOf(post.id)).id, 'remove')
  })

  it('about oneself, or against an equal or those who run the server, are never made by a moderator', async () => {
    const own = await kit.post(moderator, { caption: 'you bitch' })
    const mine = await caseOf(own.id)
    for (const act of ['approve', 'sensitive', 'remove'] as const)
      await assertRefused(decide(moderator, mine.id, act), 'auth.forbidden')
    await assertRefused(decide(second, mine.id, 'remove'), 'auth.forbidden')

    const admin = await buildPerson(kit.app.client, { username: 'admin_ada' })
    await kit.app.modules.accounts.api.setRoles(admin.id, ['admin'])
    await decide(admin, mine.id, 'remove')
    const post = await kit.post(admin)
    await reader.call('POST /api/reports', { body: { postId: post.id, reason: 'spam' } })
    const { id } = await caseOf(post.id)
    await assertRefused(decide(moderator, id, 'remove'), 'auth.forbidden')
    await assertRefused(decide(admin, id, 'approve'), 'auth.forbidden')
    await decide(moderator, id, 'approve')
  })

  it('that suspended somebody never do it again to whom the operator has let in since', async () => {
    const person = await buildPerson(kit.app.client, { username: 'let_in_again' })
    await reader.call('POST /api/reports', { body: { username: 'let_in_again', reason: 'spam' } })
    const { id: caseId } = await caseOf(person.id)
    await decide(moderator, caseId, 'remove', { note: 'Spam.' })
    await kit.app.settle()
    await kit.app.modules.accounts.api.setState(person.id, 'active')
    await kit.app.database.transaction((tx) =>
      kit.app.events.emit(tx, 'moderation.decided', {
        bucket: bucketOf(person.id),
        subjectId: caseId,
        data: { caseId, subject: 'account', authorId: person.id, act: 'remove' },
      }),
    )
    await kit.app.settle()
    const account = (await kit.app.modules.accounts.api.findByIds([person.id])).get(person.id)
    assert.equal(account?.state, 'active')
  })

  it('that are cut off in the middle never take anything half away', async () => {
    const post = await kit.post(author, { caption: '#halfway' })
    await reader.call('POST /api/reports', { body: { postId: post.id, reason: 'spam' } })
    const { id } = await caseOf(post.id)
    const cut = await kit.app.database.transaction(async (tx) => {
      await tx.selectFrom('moderation_cases').select('id').where('id', '=', id).forUpdate().execute()
      // It has taken the post away and now waits to close the case: there its connection dies.
      const deciding = decide(moderator, id, 'remove').then(
        () => 'decided',
        () => 'cut off',
      )
      for (let ended = 0; ended === 0; ) ended = await endWhoWaits()
      return deciding
    })
    assert.equal(await cut, 'cut off')
    assert.equal((await read(reader, post.id)).status, 'ready')
    const tagged = await reader.call('GET /api/tags/:tag/posts', { params: { tag: 'halfway' } })
    assert.equal(tagged.items.length, 1)
    assert.equal((await caseOf(post.id)).id, id)
    await decide(moderator, id, 'remove')
    assert.equal((await read(author, post.id)).status, 'removed')
  })

  async function endWhoWaits(): Promise<number> {
    const { rows } = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%moderation_cases%'
    `.execute(kit.app.database.main)
    return rows.length
  }

  it('that are repeated change nothing, and their line stays when the account goes', async () => {
    const leaving = await buildPerson(kit.app.client, { username: 'leaving' })
    const post = await kit.post(leaving, { caption: 'the caption that was' })
    await reader.call('POST /api/reports', { body: { postId: post.id, reason: 'scam' } })
    const { id } = await caseOf(post.id)
    const first = await decide(moderator, id, 'remove', { note: 'scam' })
    assert.deepEqual(await decide(moderator, id, 'remove', { note: 'scam' }), first)
    await kit.app.modules.accounts.api.setState(leaving.id, 'deleted')
    const { items } = await moderator.call('GET /api/moderation/log')
    const lines = items.filter((line) => line.caseId === id)
    assert.equal(lines.length, 1)
    const { actor, author: of, note, before, after: now } = lines[0]!
    assert.equal(lines[0]!.postId, post.id)
    assert.deepEqual({ actor, of, note }, { actor: 'mona', of: 'leaving', note: 'scam' })
    assert.equal(before.caption, 'the caption that was')
    assert.deepEqual(now, { status: 'removed' })
  })
})
