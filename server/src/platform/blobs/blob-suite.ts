import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
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
  let given: StoreUnderTest
  before(async () => {
    drafts = await mkdtemp(join(tmpdir(), 'heliograph-blob-drafts-'))
    given = await create()
  })
  after(async () => {
    await given.close()
    await rm(drafts, { recursive: true })
  })

  const draft = async (bytes: Uint8Array) => {
    const path = join(drafts, randomBytes(8).toString('hex'))
    await writeFile(path, bytes)
    return path
  }
  const put = async (key: string, bytes: Uint8Array) => given.store.putFile(key, await draft(bytes), { type })
  const read = async (key: string, range?: ByteRange) => {
    const blob = await given.store.open(key, range)
    assert.ok(blob)
    return buffer(blob.stream)
  }

  test(`${name}: what was put comes back, with its facts, and the draft is gone`, async () => {
    const bytes = randomBytes(100_000)
    const path = await draft(bytes)
    await given.store.putFile('photos/2026/11/a_1080.webp', path, { type })
    await assert.rejects(access(path), { code: 'ENOENT' })
    assert.ok(bytes.equals(await read('photos/2026/11/a_1080.webp')))
    const facts = await given.store.stat('photos/2026/11/a_1080.webp')
    assert.equal(facts?.size, bytes.length)
    assert.equal(facts?.type, type)
    assert.match(facts?.etag ?? '', /^"[^"]+"$/)
    assert.ok(facts && Math.abs(facts.lastModified.getTime() - Date.now()) < 60_000)
  })

  test(`${name}: ranges, both ends counted`, async () => {
    await put('ranges/a.webp', Buffer.from('0123456789'))
    assert.equal(String(await read('ranges/a.webp', { start: 0, end: 0 })), '0')
    assert.equal(String(await read('ranges/a.webp', { start: 3, end: 6 })), '3456')
    const blob = await given.store.open('ranges/a.webp', { start: 8, end: 9 })
    assert.equal(blob?.size, 10)
    blob?.stream.destroy()
  })

  test(`${name}: an empty object is an object`, async () => {
    await put('empty.webp', Buffer.alloc(0))
    assert.equal((await read('empty.webp')).length, 0)
  })

  test(`${name}: putting again replaces all of it`, async () => {
    await put('again.webp', Buffer.from('a long first version'))
    const first = await given.store.stat('again.webp')
    await put('again.webp', Buffer.from('second'))
    assert.equal(String(await read('again.webp')), 'second')
    assert.notEqual((await given.store.stat('again.webp'))?.etag, first?.etag)
  })

  test(`${name}: what is not there is null, and deleting it is no error`, async () => {
    assert.equal(await given.store.open('nothing/here.webp'), null)
    assert.equal(await given.store.stat('nothing/here.webp'), null)
    await given.store.delete('nothing/here.webp')
    await put('here.webp', Buffer.from('x'))
    await given.store.delete('here.webp')
    assert.equal(await given.store.stat('here.webp'), null)
    assert.equal(await given.store.stat('here.webp/below.webp'), null)
  })

  test(`${name}: a list holds what begins with the prefix, and nothing else`, async () => {
    const keys = ['list/a/1.webp', 'list/a/2.webp', 'list/ab/3.webp', 'list/b/4.webp', 'lists/5.webp']
    for (const key of keys) await put(key, Buffer.from(key))
    const found = async (prefix: string) => {
      const all: [string, number][] = []
      for await (const { key, size } of given.store.list(prefix)) all.push([key, size])
      return all
    }
    assert.deepEqual(
      await found('list/a'),
      keys.slice(0, 3).map((key) => [key, key.length]),
    )
    assert.deepEqual(
      await found('list/a/'),
      keys.slice(0, 2).map((key) => [key, key.length]),
    )
    assert.equal((await found('list/')).length, 4)
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
      await assert.rejects(given.store.putFile(key, path, { type }), TypeError)
      await assert.rejects(given.store.open(key), TypeError)
      await assert.rejects(given.store.stat(key), TypeError)
      await assert.rejects(given.store.delete(key), TypeError)
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
    assert.equal(await given.store.hasRoom(1), true)
    assert.equal(await given.store.hasRoom(Number.MAX_SAFE_INTEGER), false)
  })
}
