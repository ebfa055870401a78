import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, createServer as createRawServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createOutbound, isPublicAddress, RefusedAddressError } from './outbound.ts'

const body = Buffer.from('x')
const request = { headers: {}, body }

describe('addresses of others’ choice never lead into the private network', () => {
  for (const url of [
    'http://push.example.com/a',
    'ftp://push.example.com/a',
    'file:///etc/passwd',
    'https://push.example.com:8080/a',
    'https://push.example.com:22/',
    'https://user:pass@push.example.com/',
    'https://localhost/',
    'https://localhost./',
    'https://db.internal/',
    'https://printer.local/',
    'https://redis/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::]/',
    'https://[fe80::1]/',
    'https://[fd00::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001::1]/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'not an address',
    'https://',
  ])
    test(`${url} is refused, whatever names say`, async () => {
      const outbound = createOutbound({ lookup: async () => [{ address: '127.0.0.1', family: 4 }] })
      await assert.rejects(outbound.post(url, request), RefusedAddressError)
    })

  test('a public name that has a private address among its addresses is refused', async () => {
    for (const hidden of ['10.0.0.7', '169.254.169.254', '::1', '::ffff:192.168.0.1', 'fe80::1%eth0']) {
      const lookup = async () => [
        { address: '93.184.216.34', family: 4 },
        { address: hidden, family: hidden.includes(':') ? 6 : 4 },
      ]
      await assert.rejects(createOutbound({ lookup }).post('https://push.example.com/', request), {
        name: 'RefusedAddressError',
      })
    }
  })

  test('special addresses are not public, ordinary ones are', () => {
    for (const address of ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::8a'])
      assert.equal(isPublicAddress(address), true, address)
    for (const address of ['198.51.100.1', '203.0.113.9', '2001:db8::1', '3fff::1', '5f00::1', 'x', ''])
      assert.equal(isPublicAddress(address), false, address)
  })
})

describe('what is sent', () => {
  let server: Server
  let origin: string
  const heard: { path: string; headers: IncomingMessage['headers']; body: string }[] = []
  let answer: { status: number; headers?: Record<string, string> } = { status: 201 }
  before(async () => {
    server = createServer(async (incoming, response) => {
      const parts: Buffer[] = []
      for await (const part of incoming) parts.push(part as Buffer)
      heard.push({
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(parts).toString(),
      })
      response.writeHead(answer.status, answer.headers).end('much '.repeat(100_000))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `http://push.test:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  test('goes to an origin that the operator named, and to no other port or host of it', async () => {
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const outbound = createOutbound({ trustedOrigins: [origin], lookup })
    assert.deepEqual(
      await outbound.post(`${origin}/one`, { headers: { ttl: '60' }, body: Buffer.from('hello') }),
      { status: 201, retryAfter: undefined },
    )
    assert.deepEqual(
      [heard.at(-1)?.path, heard.at(-1)?.body, heard.at(-1)?.headers.ttl],
      ['/one', 'hello', '60'],
    )
    for (const other of [
      `${origin}1/`,
      origin.replace('push.test', '127.0.0.1'),
      origin.replace('http', 'https'),
    ])
      await assert.rejects(outbound.post(other, request), RefusedAddressError)
  })

  test('an answer that makes another protocol of it, or none at all, keeps nobody waiting', async () => {
    const said = [
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      'x\r\n\r\n',
    ]
    const raw = createRawServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write(said.shift() ?? ''))
    })
    raw.listen(0, '127.0.0.1')
    await once(raw, 'listening')
    const at = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`
    const outbound = createOutbound({ trustedOrigins: [at] })
    assert.equal((await outbound.post(at, request)).status, 101)
    await assert.rejects(outbound.post(at, request), /Parse Error/)
    await assert.rejects(outbound.post(at, { ...request, timeoutMs: 200 }), { name: 'AbortError' })
    raw.close()
  })

  test('a redirect is told and never followed', async () => {
    answer = { status: 307, headers: { location: `${origin}/elsewhere` } }
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const outbound = createOutbound({ trustedOrigins: [origin], lookup })
    const before = heard.length
    assert.equal((await outbound.post(`${origin}/moved`, request)).status, 307)
    assert.deepEqual(
      heard.slice(before).map(({ path }) => path),
      ['/moved'],
    )
    answer = { status: 201 }
  })

  test('a name is looked up once: a second answer is never asked for, so none can lead elsewhere', async () => {
    let asked = 0
    const lookup = async () => {
      asked++
      // The first answer is what is judged and connected to; what comes later would be the attack.
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    }
    const outbound = createOutbound({ trustedOrigins: [origin], lookup })
    assert.equal((await outbound.post(`${origin}/once`, request)).status, 201)
    assert.equal(asked, 1)
  })

  test('an address that does not answer ends by itself', async () => {
    const hanging = createServer(() => {})
    hanging.listen(0, '127.0.0.1')
    await once(hanging, 'listening')
    const silent = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`
    const outbound = createOutbound({ trustedOrigins: [silent] })
    await assert.rejects(outbound.post(`${silent}/`, { ...request, timeoutMs: 200 }))
    hanging.closeAllConnections()
    hanging.close()
    const never = createOutbound({ lookup: () => new Promise(() => {}) })
    await assert.rejects(never.post('https://push.example.com/', { ...request, timeoutMs: 200 }))
  })
})
