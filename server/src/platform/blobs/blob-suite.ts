import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import type { BlobStore, ByteRange } from './blobs.ts'

export interface StoreUnderTest {
  store: BlobStore
  close(): Promise<void>
}

const type = 'image/webp'

/** What every engine of the blob store does. */
export function blobSuite(name: string, create: () => Promise<StoreUnderTest>): void {
  let drafts: string
  let given: StoreUnderTest | undefined
  before(async () => {
    drafts = await mkdtemp(join(tmpdir(), 'heliograph-blob-drafts-'))
    given = await create()
  })
  after(async () => {
    await given?.close()
    await rm(drafts, { recursive: true })
  })

  const draft = async (bytes: Uint8Array) => {
    const path = join(drafts, randomBytes(8).toString('hex'))
    await writeFile(path, bytes)
    return path
  }
  const put = async (key: string, bytes: Uint8Array) =>
    given!.store.putFile(key, await draft(bytes), { type })
  const read = async (key: string, range?: ByteRange) => {
    const blob = await given!.store.open(key, range)
    assert.ok(blob)
    return buffer(blob.stream)
  }

  test(`${name}: what was put comes back, with its facts, and the draft is gone`, async () => {
    const bytes = randomBytes(100_000)
    const path = await draft(bytes)
    const stored = await given!.store.putFile('photos/2026/11/a_1080.webp', path, { type })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    assert.deepEqual(stored, { key: 'photos/2026/11/a_1080.webp', bytes: bytes.length, sha256 })
    await assert.rejects(access(path), { code: 'ENOENT' })
    assert.ok(bytes.equals(await read('photos/2026/11/a_1080.webp')))
    const facts = await given!.store.stat('photos/2026/11/a_1080.webp')
    assert.equal(facts?.size, bytes.length)
    assert.equal(facts?.type, type)
    assert.match(facts?.etag ?? '', /^"[^"]+"$/)
    assert.ok(facts && Math.abs(facts.lastModified.getTime() - Date.now()) < 60_000)
  })

  test(`${name}: ranges, both ends counted`, async () => {
    await put('ranges/a.webp', Buffer.from('0123456789'))
    assert.equal(String(await read('ranges/a.webp', { start: 0, end: 0 })), '0')
    assert.equal(String(await read('ranges/a.webp', { start: 3, end: 6 })), '3456')
    const blob = await given!.store.open('ranges/a.webp', { start: 8, end: 9 })
    assert.equal(blob?.size, 10)
    blob?.stream.destroy()
  })

  test(`${name}: an object of many pieces comes back whole, with its hash`, async () => {
    const bytes = randomBytes(18 * 1024 * 1024 + 1)
    const { sha256, bytes: counted } = await put('large/a.mp4', bytes)
    assert.equal(counted, bytes.length)
    assert.equal(sha256, createHash('sha256').update(bytes).digest('hex'))
    assert.ok(bytes.equals(await read('large/a.mp4')))
    const [start, end] = [8 * 1024 * 1024 - 5, 8 * 1024 * 1024 + 5]
    assert.ok(bytes.subarray(start, end + 1).equals(await read('large/a.mp4', { start, end })))
    assert.equal((await given!.store.stat('large/a.mp4'))?.size, bytes.length)
  })

  test(`${name}: readers that go away in the middle leave the store to the others`, async () => {
    await put('left.mp4', Buffer.alloc(4_000_000, 'x'))
    for (let i = 0; i < 100; i += 1) {
      const blob = await given!.store.open('left.mp4')
      blob?.stream.on('error', () => undefined).destroy()
    }
    assert.equal((await read('left.mp4')).length, 4_000_000)
  })

  test(`${name}: a copy is a file of its own, and stays when the object goes`, async () => {
    await put('copied.webp', Buffer.from('copy me'))
    const path = join(drafts, 'a copy')
    assert.equal(await given!.store.copyTo('copied.webp', path), true)
    await given!.store.delete('copied.webp')
    assert.equal(await readFile(path, 'utf8'), 'copy me')
    assert.equal(await given!.store.copyTo('copied.webp', join(drafts, 'none')), false)
    await assert.rejects(access(join(drafts, 'none')), { code: 'ENOENT' })
  })

  test(`${name}: can be used, and is tidied without losing an object`, async () => {
    await given!.store.check()
    await put('tidy.webp', Buffer.from('x'))
    await given!.store.tidy()
    assert.equal(String(await read('tidy.webp')), 'x')
  })

  test(`${name}: what is not there has no place to lie in`, async () => {
    assert.equal(await given!.store.setTier('nothing/here.webp', 'hot'), false)
    await put('tier.webp', Buffer.from('x'))
    assert.equal(await given!.store.setTier('tier.webp', 'hot'), true)
    assert.equal(String(await read('tier.webp')), 'x')
  })

  test(`${name}: an empty object is an object`, async () => {
    await put('empty.webp', Buffer.alloc(0))
    assert.equal((await read('empty.webp')).length, 0)
  })

  test(`${name}: putting again replaces all of it`, async () => {
    await put('again.webp', Buffer.from('a long first version'))
    const first = await given!.store.stat('again.webp')
    await put('again.webp', Buffer.from('second'))
    assert.equal(String(await read('again.webp')), 'second')
    assert.notEqual((await given!.store.stat('again.webp'))?.etag, first?.etag)
  })

  test(`${name}: what is not there is null, and deleting it is no error`, async () => {
    assert.equal(await given!.store.open('nothing/here.webp'), null)
    assert.equal(await given!.store.stat('nothing/here.webp'), null)
    await given!.store.delete('nothing/here.webp')
    await put('here.webp', Buffer.from('x'))
    await given!.store.delete('here.webp')
    assert.equal(await given!.store.stat('here.webp'), null)
    assert.equal(await given!.store.stat('here.webp/below.webp'), null)
  })

  test(`${name}: many are deleted at once, those that are not there among them, and nothing else`, async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `many/${index % 3}/${index}.m4s`)
    for (const key of [...keys, 'many/other.webp', 'many-more.webp']) await put(key, Buffer.from(key))
    const absent = Array.from({ length: 1001 }, (_, index) => `many/absent/${index}.m4s`)
    await given!.store.deleteMany([...absent, ...keys])
    const left: string[] = []
    for await (const { key } of given!.store.list('many')) left.push(key)
    assert.deepEqual(left, ['many-more.webp', 'many/other.webp'])
    await given!.store.deleteMany([])
    await assert.rejects(given!.store.deleteMany(['many/other.webp', '../outside']), TypeError)
    assert.ok(await given!.store.stat('many/other.webp'))
  })

  test(`${name}: a list holds what begins with the prefix, and nothing else`, async () => {
    const keys = [
      'list/a/1.webp',
      'list/a/2.webp',
      'list/ab/3.webp',
      'list/b/4.webp',
      'lists/5.webp',
      'list/a-b.webp',
    ]
    for (const key of keys) await put(key, Buffer.from(key))
    const found = async (prefix: string) => {
      const all: [string, number][] = []
      for await (const { key, size } of given!.store.list(prefix)) all.push([key, size])
      return all
    }
    assert.deepEqual(
      await found('list/a'),
      ['list/a-b.webp', ...keys.slice(0, 3)].map((key) => [key, key.length]),
    )
    assert.deepEqual(
      await found('list/a/'),
      keys.slice(0, 2).map((key) => [key, key.length]),
    )
    assert.deepEqual(
      (await found('list/')).map(([key]) => key),
      keys.filter((key) => key.startsWith('list/')).sort(),
    )
    assert.deepEqual(await found('none/'), [])
  })

  for (const key of [
    '../outside',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    '',
    '.hidden',
    'a/.',
    'a\\b',
    'a\0b',
    'ä.webp',
    'a b',
    `${'x'.repeat(300)}`,
  ])
    test(`${name}: ${JSON.stringify(key).slice(0, 40)} is no key`, async () => {
      const path = await draft(Buffer.from('x'))
      await assert.rejects(given!.store.putFile(key, path, { type }), TypeError)
      await assert.rejects(given!.store.open(key), TypeError)
      await assert.rejects(given!.store.stat(key), TypeError)
      await assert.rejects(given!.store.delete(key), TypeError)
    })

  test(`${name}: a reader sees one version whole while others write`, async () => {
    const versions = [Buffer.alloc(300_000, 'a'), Buffer.alloc(300_000, 'b')]
    await put('busy.webp', versions[0] as Buffer)
    const writing = (async () => {
      for (let i = 0; i < 20; i += 1) await put('busy.webp', versions[i % 2] as Buffer)
    })()
    for (let i = 0; i < 20; i += 1) {
      const seen = await read('busy.webp')
      assert.ok(versions.some((version) => version.equals(seen)))
    }
    await writing
  })

  test(`${name}: there is room for little and not for everything`, async () => {
    assert.equal(await given!.store.hasRoom(1), true)
    assert.equal(await given!.store.hasRoom(Number.MAX_SAFE_INTEGER), false)
  })
}
