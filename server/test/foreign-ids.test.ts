import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { endpoints } from '@heliograph/contract'
import type { EndpointSpec } from '@heliograph/contract/endpoint'
import { noise } from './corpus/drawn-pictures.ts'
import { createTestApp, type TestApp } from './helpers/app.ts'
import { buildPerson, follow, type Person } from './helpers/factories.ts'
import { type Ask, ask, problemIn } from './helpers/problems.ts'

// Every route that takes an id or a name is called by somebody whom it does not concern, with every id that the
// owner has. The routes come from the contract: a new one is in here by itself, and refused until it is named
// below as one that may answer.

/** What a stranger may do about a private account: all of it changes the stranger's own side alone. */
const openToStrangers: Record<string, number> = {
  'GET /api/users/:username': 200,
  // Lists of whom one may not see are as empty as those of nobody.
  'GET /api/users/:username/posts': 200,
  'GET /api/users/:username/followers': 200,
  'GET /api/users/:username/following': 200,
  'GET /api/tags/:tag/posts': 200,
  'DELETE /api/users/:username/follower': 200,
  'PUT /api/users/:username/mute': 200,
  'DELETE /api/users/:username/mute': 200,
  'DELETE /api/users/:username/block': 200,
  'PUT /api/users/:username/restrict': 200,
  'DELETE /api/users/:username/restrict': 200,
  'PUT /api/users/:username/favourite': 409,
  'DELETE /api/users/:username/favourite': 200,
}
/** Left out of the sweep, as they rightly end a request or a follow that it looks at; each has its own tests. */
const changesSight = [
  'DELETE /api/users/:username/follow',
  'PUT /api/users/:username/follow',
  'PUT /api/users/:username/block',
]

const vtt = 'WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n'

let app: TestApp
let owner: Person
let stranger: Person
let pending: Person
let ids: Record<string, string>

before(async () => {
  app = await createTestApp()
  owner = await buildPerson(app.client, { username: 'olga' })
  stranger = await buildPerson(app.client, { username: 'stefan' })
  pending = await buildPerson(app.client, { username: 'paul' })
  const friend = await buildPerson(app.client, { username: 'her_friend' })
  await owner.call('PATCH /api/me', { body: { isPrivate: true } })
  await follow(friend, owner)
  await pending.call('PUT /api/users/:username/follow', { params: { username: 'olga' } })
  ids = await buildBelongings(friend)
})
after(() => app[Symbol.asyncDispose]())

async function buildBelongings(friend: Person): Promise<Record<string, string>> {
  const picture = await noise(200, 200).jpeg().toBuffer()
  const [used, unused] = [await owner.upload(picture), await owner.upload(picture)]
  const post = await owner.call('POST /api/posts', {
    body: { caption: 'mine #mine', media: [{ uploadId: used }] },
  })
  await app.settle()
  const params = { id: post.id }
  await owner.call('PUT /api/posts/:id/save', { params })
  await friend.call('PUT /api/posts/:id/like', { params })
  const comment = await friend.call('POST /api/posts/:id/comments', { params, body: { text: 'fine' } })
  const [session] = (await owner.call('GET /api/sessions')).items
  return {
    post: post.id,
    comment: comment.id,
    medium: post.media[0]?.id ?? '',
    'used upload': used,
    'unused upload': unused,
    session: session?.id ?? '',
    person: owner.id,
  }
}

/** All that the owner has, as the owner sees it. */
async function belongings(): Promise<unknown> {
  const params = { id: ids.post ?? '' }
  const [me, post, comments, likes, saved, requests, sessions, followers, upload] = await Promise.all([
    owner.call('GET /api/me'),
    owner.call('GET /api/posts/:id', { params }),
    owner.call('GET /api/posts/:id/comments', { params }),
    owner.call('GET /api/posts/:id/likes', { params }),
    owner.call('GET /api/me/saved'),
    owner.call('GET /api/follow-requests'),
    owner.call('GET /api/sessions'),
    owner.call('GET /api/users/:username/followers', { params: { username: 'olga' } }),
    ask(app.url, `HEAD /api/uploads/${ids['unused upload']}`, {
      token: owner.token,
      headers: { 'tus-resumable': '1.0.0' },
    }),
  ])
  const places = sessions.items.map(({ id }) => id)
  return { me, post, comments, likes, saved, requests, places, followers, upload: upload.status }
}

const withParams = Object.entries<EndpointSpec>(endpoints).filter(
  ([route]) => route.includes(':') && !changesSight.includes(route),
)

/** Bodies that would be right, were the id one's own. */
const bodies: Record<string, unknown> = {
  'PATCH /api/posts/:id': { caption: 'taken' },
  'POST /api/posts/:id/comments': { text: 'I was here' },
  'POST /api/moderation/queue/:id/decision': { act: 'remove', version: 'seen' },
}

describe('an id of somebody else', () => {
  test('is tried on every route that takes one', () => {
    assert.ok(withParams.length >= 25, `${withParams.length}`)
    for (const route of [...Object.keys(openToStrangers), ...changesSight, ...Object.keys(bodies)])
      assert.ok(route in endpoints, `${route} is no route any more`)
  })

  for (const [route, { body, auth }] of withParams)
    test(`never opens nor changes anything by ${route}`, async () => {
      const before = await belongings()
      if (body !== undefined) assert.ok(route in bodies, `${route} needs a body in this test`)
      for (const caller of ['stranger', 'pending', 'signed out'] as const)
        for (const [what, path] of fill(route)) {
          const asked = askOf(caller, bodies[route])
          const answer = await ask(app.url, path, asked)
          const told = `${caller} with a ${what}: ${answer.status} ${answer.text}`
          const expected = openToStrangers[route]
          if (expected !== undefined && (caller !== 'signed out' || auth === 'optional')) {
            assert.ok([expected, 404].includes(answer.status), told)
            assert.doesNotMatch(answer.text, /mine|fine/, told)
            continue
          }
          const { code } = problemIn(answer, told)
          const isRefused = code.endsWith('.not_found') || code === 'auth.required'
          assert.ok(isRefused, told)
        }
      assert.deepEqual(await belongings(), before)
    })
})

describe('an id of somebody else in a body or a query', () => {
  const cases: [what: string, route: string, ask: () => Promise<Ask>, code: string][] = [
    [
      'an upload in a post',
      'POST /api/posts',
      async () => ({ body: { media: [{ uploadId: ids['unused upload'] }] } }),
      'upload.not_found',
    ],
    [
      'a used upload in a post',
      'POST /api/posts',
      async () => ({ body: { media: [{ uploadId: ids['used upload'] }] } }),
      'upload.not_found',
    ],
    [
      'a medium as an upload',
      'POST /api/posts',
      async () => ({ body: { media: [{ uploadId: ids.medium }] } }),
      'upload.not_found',
    ],
    [
      'an upload as an avatar',
      'PUT /api/me/avatar',
      async () => ({ body: { uploadId: ids['unused upload'] } }),
      'upload.not_found',
    ],
    [
      'a medium in a post of one’s own',
      'PATCH /api/posts/:own',
      async () => ({ body: { media: [{ id: ids.medium }] } }),
      'post.media_mismatch',
    ],
    [
      'captions for a medium that stands in a post of one’s own as if it were one’s own',
      'PATCH /api/posts/:own',
      async () => {
        const captionsUploadId = await stranger.upload(Buffer.from(vtt), { purpose: 'captions' })
        return { body: { media: [{ id: ids.medium, captionsUploadId }] } }
      },
      'post.media_mismatch',
    ],
    [
      'a comment to be answered under a post of one’s own',
      'POST /api/posts/:own/comments',
      async () => ({ body: { text: 'hello', parentId: ids.comment } }),
      'comment.not_found',
    ],
    [
      'a comment whose answers are asked for under a post of one’s own',
      'GET /api/posts/:own/comments?parentId=:comment',
      async () => ({}),
      'comment.not_found',
    ],
    [
      'a comment to be deleted under a post of one’s own',
      'DELETE /api/posts/:own/comments/:comment',
      async () => ({}),
      'comment.not_found',
    ],
    [
      'an upload to look at',
      'HEAD /api/uploads/:upload',
      async () => ({ headers: { 'tus-resumable': '1.0.0' } }),
      '',
    ],
    [
      'an upload to add to',
      'PATCH /api/uploads/:upload',
      async () => ({
        headers: {
          'tus-resumable': '1.0.0',
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
        },
        body: Buffer.from('more'),
      }),
      'upload.not_found',
    ],
  ]
  let own: string
  before(async () => {
    const uploadId = await stranger.upload(await noise(200, 200).jpeg().toBuffer())
    own = (await stranger.call('POST /api/posts', { body: { media: [{ uploadId }] } })).id
    await app.settle()
  })

  for (const [what, route, asked, code] of cases)
    test(`never works: ${what}`, async () => {
      const before = await belongings()
      const path = route
        .replace(':own', own)
        .replace(':comment', ids.comment ?? '')
        .replace(':upload', ids['unused upload'] ?? '')
      const answer = await ask(app.url, path, { ...(await asked()), token: stranger.token })
      assert.equal(answer.status >= 400 && answer.status < 500, true, `${answer.status}`)
      if (code !== '') assert.equal(problemIn(answer, what).code, code)
      assert.deepEqual(await belongings(), before)
    })
})

/** The route with each id of the owner in each place, the others being right. */
function fill(route: string): [what: string, path: string][] {
  if (route.includes(':username')) return [['name', route.replace(':username', 'olga')]]
  if (route.includes(':tag')) return [['hashtag', route.replace(':tag', 'mine')]]
  return Object.entries(ids).map(([what, id]) => {
    const isComment = route.includes(':commentId')
    const path = isComment
      ? route.replace(':id', ids.post ?? '').replace(':commentId', id)
      : route.replace(':id', id)
    assert.ok(!/ .*\/:/.test(path), `${route} has a parameter that this test does not know`)
    return [what, path]
  })
}

function askOf(caller: 'stranger' | 'pending' | 'signed out', body: unknown): Ask {
  const token = caller === 'signed out' ? undefined : { stranger, pending }[caller].token
  return { token, ...(body === undefined ? {} : { body }) }
}
