import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Problem } from '@heliograph/contract/common'
import { errorCodes } from '@heliograph/contract/error-codes'
import fc from 'fast-check'
import { type Route, routes } from './helpers/api-routes.ts'
import { beginUpload } from './helpers/foreign-world.ts'
import { fitting, type Known } from './helpers/fuzz-values.ts'
import { createPostsKit, type Person, type PostsKit } from './helpers/posts-kit.ts'
import { insides } from './helpers/problems.ts'

// Every route of the API document is given what its schemas allow and what they do not. The app itself compares each answer
// that is no problem with the contract (`checkAnswers`): what it does not promise is a 500 here.

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
/** The long run makes more than 10,000 calls, other ones each time; the short one always the same, so that it fails only for who broke it. */
const run = isLong ? { numRuns: Math.ceil(12_000 / routes.length) } : { numRuns: 12, seed: 20_261_126 }

let kit: PostsKit
let person: Person
let known: Known
let calls = 0
let taken = 0

before(async () => {
  kit = await createPostsKit()
  await somebodyNew()
})
after(() => kit?.[Symbol.asyncDispose]())

/** Somebody with every role and something of each kind: what is sent may end the session, or use things up. */
async function somebodyNew(): Promise<void> {
  person = await kit.person()
  await kit.app.modules.accounts.api.setRoles(person.user.id, ['owner'])
  const friend = await kit.person()
  const post = await kit.post(friend)
  const own = await kit.post(person)
  const said = { params: { id: own.id }, body: { text: 'so it is' } }
  const comment = await friend.call('POST /api/posts/:id/comments', said)
  const { id: report } = await friend.call('POST /api/reports', { body: { postId: own.id, reason: 'other' } })
  const uploads = [await kit.upload(person), await kit.upload(person), await kit.upload(friend)]
  const media = [own, post].map(({ media: [medium] }) => medium?.id ?? '')
  const unfinished = await beginUpload(kit.app, person)
  known = [
    unfinished,
    own.id,
    own.id,
    post.id,
    ...media,
    ...uploads,
    comment.id,
    report,
    friend.user.username,
    friend.user.id,
  ]
}

for (const route of routes)
  test(`${route.name} never fails, whatever it is given`, async () => {
    await fc.assert(
      fc.asyncProperty(requestOf(route), async (sent) => {
        await expectAnswer(route, sent)
      }),
      run,
    )
  })

function requestOf(route: Route): fc.Arbitrary<Sent> {
  const { parameters, requestBody } = route.operation
  const part = (place: 'path' | 'query' | 'header') => {
    const ours = parameters.filter((one) => one.in === place)
    const values = ours.map(({ name, schema }) => [name, fitting(schema, known, name)] as const)
    const requiredKeys = ours.filter(({ required }) => required).map(({ name }) => name)
    return fc.record(Object.fromEntries(values), { requiredKeys })
  }
  const [type = ''] = Object.keys(requestBody?.content ?? {})
  const payload =
    route.body === undefined
      ? fc.uint8Array({ maxLength: 1200, size: 'max' }).map((bytes) => Buffer.from(bytes))
      : fitting(route.body, known).map((body) => JSON.stringify(body))
  return fc
    .tuple(part('path'), part('query'), part('header'), payload)
    .map(([path, query, headers, body]) => ({
      url: addressOf(route.path, path, query),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, visible(value)])),
      ...(requestBody === undefined ? {} : { payload: body, type }),
    }))
}

interface Sent {
  url: string
  headers?: Record<string, string>
  payload?: string | Buffer
  type?: string
}

/** No fault of ours, in the words of the contract, and nothing of the inside. */
async function expectAnswer(route: Route, { url, headers, payload, type }: Sent): Promise<number> {
  calls++
  const response = await kit.app.http.app.inject({
    method: route.method as 'GET',
    url,
    headers: {
      authorization: `Bearer ${person.token}`,
      ...(type === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  })
  const told = `${response.statusCode} ${response.body.slice(0, 2000)}`
  if (response.statusCode < 300) taken++
  assert.ok(response.statusCode < 500, told)
  assert.doesNotMatch(response.body, insides)
  if (response.statusCode >= 400 && response.body !== '') {
    const { code } = Problem.parse(response.json())
    assert.ok(code in errorCodes, told)
    assert.ok(codesOf(route).has(code), `the document does not name ${code} here: ${told}`)
    if (code === 'auth.invalid') await somebodyNew()
  }
  return response.statusCode
}

/** What any request can be told, whatever it is for. */
const anywhere = [
  'request.not_json',
  'request.too_large',
  'request.unsupported_type',
  'request.not_found',
  'request.method_not_allowed',
]

function codesOf({ operation }: Route): Set<string> {
  const texts = Object.values(operation.responses).map(({ description }) => description)
  return new Set([
    ...anywhere,
    ...texts.flatMap((text) => [...text.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, code = '']) => code)),
  ])
}

function addressOf(path: string, params: Record<string, unknown>, query: Record<string, unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(params[name]))
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encode(value)}`)
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`
}

/** Half a surrogate pair has no spelling in an address. */
function encode(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed())
}

/** What a header can hold. */
function visible(value: unknown): string {
  return String(value).replace(/[^\x20-\x7e]/g, '')
}

describe('a body that is none', () => {
  const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)
  const foul: [what: string, payload: string | Buffer, type?: string][] = [
    ['half of it', '{"a": '],
    ['no body', ''],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['a prototype', '{"__proto__": {"isAdmin": true}, "constructor": {"prototype": {"isAdmin": true}}}'],
    ['lists in lists', deep(20_000, '[', ']')],
    ['objects in objects', deep(20_000, '{"a":', '}').replace(':}', ':1}')],
    ['a huge text', JSON.stringify({ caption: 'x'.repeat(200_000), text: 'x'.repeat(50_000) })],
    ['more than is read', JSON.stringify('x'.repeat(300_000))],
    ['a number beyond numbers', '{"limit": 1e999, "id": -1e999}'],
    ['a form', 'caption=hello&text=hello', 'application/x-www-form-urlencoded'],
    [
      'a form of parts',
      '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
      'multipart/form-data; boundary=x',
    ],
    ['plain text', '{}', 'text/plain'],
    ['XML', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 'application/xml'],
    ['another charset', '{}', 'application/json; charset=utf-7'],
    ['a type that is none', '{}', ';;;'],
  ]
  const taking = routes.filter(({ body }) => body !== undefined)
  for (const [what, payload, type = 'application/json'] of foul)
    test(`never passes, crashes or tells of the inside: ${what}`, async () => {
      for (const route of taking) {
        const url = addressOf(route.path, { id: known[0], commentId: known[0], username: 'ada' }, {})
        const status = await expectAnswer(route, { url, payload, type })
        assert.ok(
          status >= 400 || payload === '{}' || what === 'no body',
          `${route.name} took ${what}: ${status}`,
        )
      }
      assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined)
    })

  test('never crashes by any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...taking),
        fc.uint8Array({ maxLength: 300, size: 'max' }),
        async (route, bytes) => {
          const url = addressOf(route.path, { id: known[0], commentId: known[0], username: 'ada' }, {})
          await expectAnswer(route, { url, payload: Buffer.from(bytes), type: 'application/json' })
        },
      ),
      { ...run, numRuns: isLong ? 2000 : 60 },
    )
  })
})

test('what was taken never makes the work after it fail', async (t) => {
  await kit.app.settle()
  t.diagnostic(`fuzz: ${calls} calls of ${routes.length} routes; ${taken} were taken, the others refused`)
})
