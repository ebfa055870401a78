import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Transform } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { createClient } from '@heliograph/client'
import { until } from '../../../../test/helpers/until.ts'
import { createMediaKit, type MediaKit, type Person } from '../media-test-kit.ts'
import { createTusClient, type TusClient } from './media-test-tus.ts'
import { createUploadFiles } from './media-upload-files.ts'

const bytes = randomBytes(300_000)
const pieceBytes = 100_000

describe('bytes that change on their way', () => {
  let kit: MediaKit
  let anna: Person
  let tus: TusClient
  before(async () => {
    kit = await createMediaKit()
    anna = kit.newPerson()
    tus = createTusClient(kit.base, anna.token)
  })
  after(() => kit.close())

  const kept = async (id: string) => {
    const object = await kit.store.open((await kit.mediaOf(id)).master_key)
    return Buffer.concat(await object!.stream.toArray())
  }

  it('never become part of an upload whose pieces are told with their checksums', async () => {
    const { id } = await tus.create(bytes.length)
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes)
      const headers = { 'upload-checksum': checksumOf(piece, at === 0 ? 'sha1' : 'sha256') }
      const spoiled = await tus.patch(id, at, flipped(piece), headers)
      assert.deepEqual([spoiled.status, spoiled.problem?.code], [460, 'upload.checksum'])
      assert.equal((await tus.head(id)).offset, at, 'it stands where it stood')
      assert.equal((await tus.patch(id, at, piece, headers)).status, 204)
    }
    assert.ok((await kept(id)).equals(bytes))
  })

  it('never become a medium when the whole file was told with its checksum, and all of it can be sent again', async () => {
    const { id } = await tus.create(bytes.length, { metadata: wholeOf(bytes) })
    await tus.patch(id, 0, flipped(bytes.subarray(0, pieceBytes)))
    const last = await tus.patch(id, pieceBytes, bytes.subarray(pieceBytes))
    assert.deepEqual([last.status, last.problem?.code], [460, 'upload.checksum'])
    await assert.rejects(kit.share(anna, [id]), { code: 'upload.incomplete' })
    assert.ok(!(await kit.objects()).some((key) => key.includes(id)), 'nothing of it is in the store')
    assert.equal((await tus.head(id)).offset, 0)
    assert.equal((await tus.patch(id, 0, bytes)).status, 204)
    assert.ok((await kept(id)).equals(bytes))
  })

  it('never become a medium after a crash between the last byte and the comparison', async () => {
    const { id } = await tus.create(bytes.length, { metadata: wholeOf(bytes) })
    const files = await createUploadFiles(join(kit.folder, 'uploads'), 0)
    await files.append(id, 0, streamOf(flipped(bytes)), null)
    kit = await kit.restart()
    tus = createTusClient(kit.base, anna.token)
    assert.equal((await tus.head(id)).offset, 0)
    assert.equal((await kit.uploadRow(id))?.state, 'uploading')
    assert.equal((await tus.patch(id, 0, bytes)).status, 204)
    assert.ok((await kept(id)).equals(bytes))
  })

  it('are sent again by the client by itself, also at a hundred percent', async () => {
    await using line = await spoilingLine(kit.base, { pieces: [0, 2] })
    const id = await createClient(line.url, anna.token).upload(bytes, { chunkBytes: pieceBytes })
    assert.ok(line.spoiled() > 0)
    assert.ok((await kept(id)).equals(bytes))
  })

  it('are taken as they come when nothing was told of them', async () => {
    const id = await tus.upload(flipped(bytes))
    assert.ok((await kept(id)).equals(flipped(bytes)))
  })

  it('are not told in words that nobody understands', async () => {
    const { id } = await tus.create(bytes.length)
    const right = createHash('sha256').update(bytes).digest('base64')
    for (const odd of [`crc32 ${right}`, 'sha256', 'sha256 short', `sha1 ${right}`, `sha256 ${right} more`]) {
      const answer = await tus.patch(id, 0, bytes, { 'upload-checksum': odd })
      assert.deepEqual([answer.status, answer.problem?.code], [400, 'upload.protocol'], odd)
    }
    for (const odd of ['', 'abc', right]) {
      const metadata = `sha256 ${Buffer.from(odd).toString('base64')}`.trim()
      assert.equal((await tus.create(10, { metadata })).problem?.code, 'upload.protocol', odd)
    }
  })
})

describe('a piece that is told with its checksum', () => {
  it('is doubted until it is whole, also after a crash, and gives way to what is sent instead', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heliograph-doubt-'))
    try {
      const files = await createUploadFiles(folder, 0)
      const checksum = { algorithm: 'sha256', digest: Buffer.alloc(32) } as const
      await files.append('7', 0, streamOf(bytes.subarray(0, 1000)), null)
      const line = new PassThrough()
      line.write(bytes.subarray(1000, 90_000))
      const interrupted = files.append('7', 1000, line, checksum)
      await until(async () => (await stat(files.pathOf('7'))).size === 90_000)
      const afterwards = await createUploadFiles(folder, 0)
      assert.equal(await afterwards.sizeOf('7'), 1000)
      assert.deepEqual(await afterwards.list(), ['7'])
      line.destroy(new Error('the line is cut'))
      await assert.rejects(interrupted, /cut/)
      assert.equal(await afterwards.append('7', 1000, streamOf(bytes.subarray(1000, 2000)), null), 2000)
      assert.equal(await afterwards.sizeOf('7'), 2000)
      assert.equal((await stat(files.pathOf('7'))).size, 2000)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

function flipped(of: Buffer): Buffer {
  const copy = Buffer.from(of)
  copy[copy.length >> 1]! ^= 1
  return copy
}

function streamOf(of: Buffer): PassThrough {
  const stream = new PassThrough()
  stream.end(of)
  return stream
}

function checksumOf(of: Buffer, algorithm: string): string {
  return `${algorithm} ${createHash(algorithm).update(of).digest('base64')}`
}

function wholeOf(of: Buffer): string {
  return `sha256 ${Buffer.from(createHash('sha256').update(of).digest('hex')).toString('base64')}`
}

/** Between a client and the server; of the pieces named, by their order, it changes some bytes. */
async function spoilingLine(base: string, { pieces }: { pieces: number[] }) {
  let count = 0
  let spoiled = 0
  const line: Server = createServer((from, to) => {
    const isSpoiled = from.method === 'PATCH' && pieces.includes(count++)
    if (isSpoiled) spoiled += 1
    const onward = request(new URL(from.url!, base), { method: from.method!, headers: from.headers })
    onward.on('response', (answer) => {
      to.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    from.pipe(isSpoiled ? changeOneByte() : new PassThrough()).pipe(onward)
  })
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    spoiled: () => spoiled,
    async [Symbol.asyncDispose]() {
      line.closeAllConnections()
      await new Promise((resolve) => line.close(resolve))
    },
  }
}

function changeOneByte(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, flipped(chunk))
    },
  })
}
