import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { InjectOptions } from 'fastify'
import { listKeptMails } from '#platform/mail/mail.ts'
import { leastOf, type Route, resolved, routes, type Shape } from './helpers/api-routes.ts'
import { type OwnPosts, thingOf } from './helpers/foreign-things.ts'
import { createPostsKit, type Person, type PostsKit } from './helpers/posts-kit.ts'

// What browsers can be made to send, what may stand in a header, and what may be smuggled into a body: on every route of the
// API document. By ids of others goes idor-sweep.test.ts, by values and bytes foul-input.test.ts.

const publicUrl = 'https://photos.example.org'
const password = 'correct horse battery'

let kit: PostsKit
let ana: Person
let own: OwnPosts
let cookie: string

before(async () => {
  kit = await createPostsKit({ env: { PUBLIC_URL: publicUrl, RATE_LIMITS: 'off' } })
  ana = await kit.person('ana')
  const post = await kit.post(ana, { caption: 'words' })
  const said = { params: { id: post.id }, body: { text: 'so it is' } }
  const comment = await ana.call('POST /api/posts/:id/comments', said)
  const { id: story } = await kit.story(ana)
  own = { person: 'ana', post: post.id, medium: post.media[0]?.id ?? '', comment: comment.id, story }
  const signedIn = await signIn()
  cookie = cookieOf(signedIn.headers)
})
after(() => kit?.[Symbol.asyncDispose]())

const send = (asked: InjectOptions | string) =>
  kit.app.http.app.inject(typeof asked === 'string' ? { url: asked } : asked)

async function signIn(headers: Record<string, string> = {}, given = password) {
  return send({
    method: 'POST',
    url: '/api/sessions',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify({ login: 'ana', password: given, cookie: true }),
  })
}

function cookieOf(headers: object): string {
  const [line = ''] = [(headers as { 'set-cookie'?: string | string[] })['set-cookie'] ?? []].flat()
  return line.split(';', 1)[0] ?? ''
}

/** The route with what is one's own in its address; any id where one has none. */
function addressOf(route: Route): string {
  return route.path.replace(/\{(\w+)\}/g, (_, field: string) => {
    const thing = thingOf(route, { place: 'path', field })
    return thing in own ? own[thing as keyof OwnPosts] : '1234567890'
  })
}

const changing = routes.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
const bodyOf = (route: Route) =>
  route.body === undefined ? {} : { payload: JSON.stringify(leastOf(route.body)) }

describe('a page of another site', () => {
  const ways: [what: string, headers: Record<string, string>][] = [
    ['by its origin', { origin: 'https://evil.example' }],
    ['from a frame without one', { origin: 'null' }],
    ['from a name beneath ours', { origin: 'https://other.photos.example.org' }],
    ['from our name by another way', { origin: 'http://photos.example.org' }],
    ['from a name that begins as ours', { origin: `${publicUrl}.evil.example` }],
    ['by what the browser says of it', { 'sec-fetch-site': 'cross-site' }],
    ['on the same domain', { 'sec-fetch-site': 'same-site' }],
  ]
  for (const [what, headers] of ways)
    test(`never acts for who is signed in, ${what}`, async () => {
      for (const route of changing) {
        const type = route.body === undefined ? {} : { 'content-type': 'application/json' }
        const answer = await send({
          method: route.method as 'POST',
          url: addressOf(route),
          headers: { cookie, ...type, ...headers },
          ...bodyOf(route),
        })
        assert.deepEqual([answer.statusCode, answer.json().code], [403, 'request.origin'], route.name)
      }
    })

  test('never acts by a form, were it an old browser that names no origin', async () => {
    for (const route of changing.filter(({ method, body }) => method === 'POST' && body !== undefined))
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        '',
      ]) {
        const answer = await send({
          method: 'POST',
          url: addressOf(route),
          headers: { cookie, ...(type === '' ? {} : { 'content-type': type }) },
          ...bodyOf(route),
        })
        assert.ok(
          [400, 403, 415].includes(answer.statusCode),
          `${route.name} by ${type}: ${answer.statusCode}`,
        )
      }
  })

  test('never reads what is answered: nothing says that it may, and no preflight is granted', async () => {
    for (const route of routes)
      for (const method of [route.method, 'OPTIONS'] as const) {
        if (method !== 'GET' && method !== 'OPTIONS') continue
        const { headers, statusCode } = await send({
          method,
          url: addressOf(route),
          headers: {
            cookie,
            origin: 'https://evil.example',
            'access-control-request-method': route.method,
            'access-control-request-headers': 'content-type,authorization',
          },
        })
        assert.equal(headers['access-control-allow-origin'], undefined, `${method} ${route.path}`)
        assert.equal(headers['access-control-allow-credentials'], undefined, `${method} ${route.path}`)
        if (method === 'OPTIONS')
          assert.ok(statusCode >= 400 || route.path.startsWith('/api/uploads'), route.path)
      }
  })

  test('never makes another method of one that browsers send without asking', async () => {
    for (const [name, value] of [
      ['x-http-method-override', 'DELETE'],
      ['x-method-override', 'DELETE'],
      ['x-original-url', '/api/sessions/current'],
      ['x-rewrite-url', '/api/sessions/current'],
    ] as const) {
      const answer = await send({ url: '/api/me?_method=DELETE', headers: { cookie, [name]: value } })
      assert.equal(answer.statusCode, 400, 'no parameter is known here')
      const plain = await send({ url: '/api/me', headers: { cookie, [name]: value } })
      assert.equal(plain.json().username, 'ana')
    }
  })
})

describe('a session', () => {
  test('is never one that somebody planted before signing in', async () => {
    const planted = `__Host-heliograph=${'A'.repeat(cookie.split('=')[1]?.length ?? 0)}`
    const before = await send({ url: '/api/me', headers: { cookie: planted } })
    const during = await signIn({ cookie: planted, origin: publicUrl })
    const after = await send({ url: '/api/me', headers: { cookie: planted } })
    assert.deepEqual([before.statusCode, during.statusCode, after.statusCode], [401, 201, 401])
    assert.notEqual(cookieOf(during.headers), planted)
  })

  test('is a new one at each sign-in, and the one of before is none of the new one’s', async () => {
    const second = cookieOf((await signIn({ cookie })).headers)
    assert.notEqual(second, cookie)
    const ended = await send({
      method: 'DELETE',
      url: '/api/sessions/current',
      headers: { cookie: second, origin: publicUrl },
    })
    assert.equal(ended.statusCode, 204)
    assert.equal((await send({ url: '/api/me', headers: { cookie: second } })).statusCode, 401)
    assert.equal((await send({ url: '/api/me', headers: { cookie } })).statusCode, 200)
  })

  test('is never taken from an address', async () => {
    const { token } = ana
    for (const url of [
      `/api/me?token=${token}`,
      `/api/me?access_token=${token}`,
      `/api/users/ana?authorization=${token}`,
    ])
      assert.ok((await send(url)).statusCode >= 400, url)
  })

  test('of a browser is a cookie that no script reads, and that goes nowhere without TLS', async () => {
    const { headers } = await signIn({ host: 'photos.example.org', 'x-forwarded-proto': 'http' })
    const lines = [headers['set-cookie'] ?? []].flat()
    for (const line of lines) {
      assert.match(line, /; HttpOnly; SameSite=Lax/)
      assert.match(line, /^__Host-heliograph(-device)?=[\w-]+; Path=\/;.*; Secure$/)
      assert.doesNotMatch(line, /Domain=/i)
    }
    assert.equal(lines.length, 2, 'of the session, and of the device')
  })
})

describe('a name that is not ours', () => {
  test('is never answered, on no route: a foreign name that leads here makes no page of ours', async () => {
    const pages = ['/', '/p/1', '/healthz', '/readyz', '/metrics', '/m/1/2/3/4/photos/x.webp', '/robots.txt']
    for (const url of [...routes.map(addressOf), ...pages]) {
      const answer = await send({ url, headers: { host: 'rebound.example', cookie } })
      assert.deepEqual([answer.statusCode, answer.json().code], [421, 'request.host'], url)
    }
  })

  test('is never taken for ours, however it is written', async () => {
    for (const host of [
      'photos.example.org.',
      'photos.example.org@evil.example',
      'evil.example#photos.example.org',
      'photos.example.org:80@evil.example',
      'photos.example.org evil.example',
      'photos.example.org,evil.example',
      'PHOTOS.EXAMPLE.ORG.evil.example',
      '0.0.0.0',
      '[::ffff:127.0.0.1]',
      '2130706433',
    ]) {
      const { statusCode } = await raw({ host })
      assert.ok([400, 421].includes(statusCode), `${host}: ${statusCode}`)
    }
  })

  test('is never believed from a header that no proxy of ours wrote', async () => {
    const forwarded = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-server': 'evil.example',
      'x-host': 'evil.example',
      forwarded: 'host=evil.example;proto=http',
      origin: 'https://evil.example',
    }
    const written = await send({
      method: 'PATCH',
      url: '/api/me',
      headers: { cookie, 'content-type': 'application/json', ...forwarded },
      payload: '{}',
    })
    assert.equal(written.json().code, 'request.origin')
    const { origin: _origin, ...quiet } = forwarded
    const page = await send({ url: `/p/${own.post}`, headers: quiet })
    assert.doesNotMatch(page.body + JSON.stringify(page.headers), /evil\.example/)
  })

  test('is in no link that is mailed, whatever the request was addressed to', async () => {
    const answer = await send({
      method: 'POST',
      url: '/api/accounts',
      headers: {
        'content-type': 'application/json',
        host: 'localhost:1',
        'x-forwarded-host': 'evil.example',
      },
      payload: JSON.stringify({ username: 'mailed', email: 'mailed@people.example', password }),
    })
    assert.equal(answer.statusCode, 201)
    await kit.app.settle()
    const mails = await listKeptMails(join(kit.app.dataFolder, 'mail'))
    const links = mails.flatMap(({ text }) => text.match(/https?:\/\/\S+/g) ?? [])
    assert.ok(links.length > 0)
    for (const link of links) assert.equal(new URL(link).origin, publicUrl)
  })
})

describe('a line break', () => {
  const line = '\r\nSet-Cookie: planted=1\r\nX-Planted: 1'
  const broken = (headers: object) =>
    Object.keys(headers).some((name) => /planted/i.test(name)) ||
    /planted/.test(JSON.stringify((headers as Record<string, unknown>)['set-cookie'] ?? ''))

  test('in an address or a parameter never begins a header of the answer', async () => {
    // Those that sign out would end the others' sessions.
    for (const route of routes.filter(
      ({ name }) => !/^DELETE \/api\/sessions(\/current)?$|deletion$/.test(name),
    )) {
      const url = addressOf(route).replace(/1234567890|ana(?=\/|$)/, encodeURIComponent(`ana${line}`))
      for (const one of [
        url,
        `${addressOf(route)}?cursor=${encodeURIComponent(line)}&x${encodeURIComponent(line)}=1`,
      ]) {
        const { headers } = await send({
          method: route.method as 'GET',
          url: one,
          headers: { cookie, origin: publicUrl },
        })
        assert.ok(!broken(headers), route.name)
      }
    }
    for (const url of [
      `/p/${encodeURIComponent(line)}`,
      `/${encodeURIComponent(line)}`,
      `/m/${encodeURIComponent(line)}`,
    ])
      assert.ok(!broken((await send(url)).headers), url)
  })

  test('in an e-mail address never becomes another receiver, nor a header of the mail', async () => {
    await kit.app.settle()
    const before = (await listKeptMails(join(kit.app.dataFolder, 'mail'))).length
    for (const email of [
      'eve@people.example\r\nBcc: all@people.example',
      'eve@people.example\nBcc: all@people.example',
      'eve@people.example, all@people.example',
      'Eve <eve@people.example>, all@people.example',
      'eve@people.example%0d%0aBcc:all@people.example',
      'eve@people.example\u2028Bcc:all@people.example',
      'eve\u0000@people.example',
    ]) {
      const answer = await send({
        method: 'POST',
        url: '/api/accounts',
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify({ username: 'eve', email, password }),
      })
      assert.equal(answer.statusCode, 400, `${JSON.stringify(email)} ${answer.body}`)
    }
    await kit.app.settle()
    assert.equal((await listKeptMails(join(kit.app.dataFolder, 'mail'))).length, before)
  })

  test('in an upload’s words never reaches a header', async () => {
    const metadata = `purpose ${Buffer.from(`media${line}`).toString('base64')}`
    const { headers } = await send({
      method: 'POST',
      url: '/api/uploads',
      headers: {
        cookie,
        origin: publicUrl,
        'tus-resumable': '1.0.0',
        'upload-length': '10',
        'upload-metadata': metadata,
      },
    })
    assert.ok(!broken(headers))
  })
})

describe('a field that nobody asked for', () => {
  const privileged = [
    ...['role', 'roles', 'isAdmin', 'isOwner', 'isVerified', 'verified', 'state', 'status', 'emailVerified'],
    ...['id', 'userId', 'ownerId', 'authorId', 'bucket', 'sessionId', 'createdAt', 'publishedAt', 'provedAt'],
    ...[
      'passwordHash',
      'quotaBytes',
      'followerCount',
      'likeCount',
      'sensitive',
      'moderation',
      'held',
      'approved',
    ],
  ]

  for (const route of routes.filter(({ body }) => body !== undefined))
    test(`is refused by name in the body of ${route.name}`, async () => {
      for (const { at, names } of objectsIn(route.body ?? {})) {
        const extra = privileged.filter((name) => !names.includes(name))
        const body = structuredClone(leastOf(route.body ?? {})) as Record<string, unknown>
        const place = at.reduce<unknown>(
          (value, step) => (value as Record<string, unknown> | undefined)?.[step],
          body,
        )
        if (place === null || typeof place !== 'object') continue
        Object.assign(place, Object.fromEntries(extra.map((name) => [name, true])))
        const answer = await send({
          method: route.method as 'POST',
          url: addressOf(route),
          headers: { authorization: `Bearer ${ana.token}`, 'content-type': 'application/json' },
          payload: JSON.stringify(body),
        })
        const { code, errors = [] } = answer.json() as { code: string; errors?: { path: string }[] }
        assert.equal(code, 'request.invalid', answer.body)
        const refused = errors.map(({ path }) => path)
        for (const name of extra)
          assert.ok(refused.includes(['body', ...at, name].join('.')), `${name} at ${at}`)
      }
    })

  test('is refused in every query, and a field twice is none', async () => {
    for (const route of routes.filter(({ method, path }) => method === 'GET' && path !== '/api/live'))
      for (const query of ['isAdmin=true', 'limit=1&limit=2', 'userId=1', 'filter[role]=owner'])
        assert.equal(
          (await send({ url: `${addressOf(route)}?${query}`, headers: { cookie } })).statusCode,
          400,
          `${route.name}?${query}`,
        )
  })
})

interface ObjectPlace {
  at: string[]
  names: string[]
}

/** The objects that the least body has. */
function objectsIn(given: object, at: string[] = []): ObjectPlace[] {
  const schema = resolved(given as never) as Shape
  if (schema.properties !== undefined) {
    const inner = (schema.required ?? []).flatMap((name) =>
      objectsIn(schema.properties?.[name] ?? {}, [...at, name]),
    )
    return [{ at, names: Object.keys(schema.properties) }, ...inner]
  }
  return schema.items === undefined ? [] : objectsIn(schema.items, [...at, '0'])
}

describe('an answer', () => {
  test('of the API is never a page, is framed and sniffed by nobody, and is kept by no cache', async () => {
    for (const route of routes) {
      const isDone = route.method === 'DELETE' || /password|email|totp|passkey|sessions/.test(route.path)
      const { headers, body } = await send({
        method: route.method as 'GET',
        url: addressOf(route),
        headers: isDone ? {} : { authorization: `Bearer ${ana.token}` },
      })
      const told = `${route.name}: ${JSON.stringify(headers)}`
      if (body !== '')
        assert.match(String(headers['content-type']), /^application\/(problem\+)?json; charset=utf-8$/, told)
      assert.equal(headers['x-content-type-options'], 'nosniff', told)
      assert.match(
        String(headers['content-security-policy']),
        /default-src 'none'.*frame-ancestors 'none'/,
        told,
      )
      assert.equal(headers['cache-control'], 'no-store', told)
      assert.equal(headers['x-frame-options'], 'DENY', told)
      assert.match(String(headers['strict-transport-security']), /max-age=31536000; includeSubDomains/, told)
      assert.equal(headers.server ?? headers['x-powered-by'], undefined, told)
    }
  })

  test('to what never was repeats nothing of it as markup', async () => {
    const script = '<script>alert(1)</script>'
    const forms = [
      script,
      encodeURIComponent(script),
      `"onload="alert(1)`,
      '%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E',
    ]
    for (const path of [
      '/',
      '/p/',
      '/api/',
      '/api/users/',
      '/api/tags/',
      '/m/',
      '/signin?next=',
      '/tags/',
      '/api/docs?',
    ])
      for (const form of forms) {
        const { body, headers } = await send(path + form)
        assert.doesNotMatch(body, /<script>alert|onerror=alert|onload="alert/, path + form)
        assert.match(String(headers['content-security-policy']), /object-src 'none'|default-src 'none'/, path)
        assert.doesNotMatch(String(headers['content-security-policy']), /unsafe-/, path)
      }
  })

  test('is none to TRACE, which would repeat a cookie', async () => {
    const { statusCode, body } = await raw({ host: 'localhost' }, 'TRACE')
    assert.ok(statusCode >= 400)
    assert.doesNotMatch(body, /heliograph=/)
  })

  test('never leads to another site', async () => {
    for (const url of [
      '//evil.example',
      '/\\evil.example',
      '/%2f%2fevil.example',
      '/signin?next=//evil.example',
      '/..//evil.example',
    ]) {
      const { headers, statusCode } = await send(`http://localhost${url}`)
      assert.ok(statusCode < 300 || statusCode >= 400, `${url} ${statusCode}`)
      assert.equal(headers.location, undefined)
    }
  })
})

test('what somebody gives is asked over the network by the guard alone; else only edges, which the operator names', async () => {
  const source = fileURLToPath(new URL('../src', import.meta.url))
  const names = (await readdir(source, { recursive: true })).filter(
    (name) => /\.(ts|mjs)$/.test(name) && !/\.test\.ts$|fixtures|-test-/.test(name),
  )
  const asking: string[] = []
  for (const name of names) {
    const text = await readFile(join(source, name), 'utf8')
    if (/\bfetch\(|\bhttps?\.(?:request|get)\(|from '(?:undici|node:https)'/.test(text)) asking.push(name)
  }
  assert.deepEqual(asking.sort(), [
    'modules/media/delivery/media-edge-client.ts',
    'platform/http/outbound.ts',
  ])
})

/** Over a socket: what no library would send. */
function raw(
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ statusCode: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { cookie, ...headers } }
    const call = request(new URL('/api/me', kit.app.url), options, (response) => {
      let body = ''
      response.on('data', (bytes) => {
        body += bytes
      })
      response.on('end', () =>
        resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
    call.on('error', reject)
    call.end()
  })
}
