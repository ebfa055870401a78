import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { type Swift, startSwift, withoutSwift } from '../../../test/helpers/swift.ts'
import { blobSuite } from './blob-suite.ts'
import { hashBlob, hashStream } from './blobs.ts'
import { createS3Store } from './s3-store.ts'

describe('on OpenStack Swift', { skip: withoutSwift }, () => {
  let swift: Swift
  let folder: string
  before(async () => {
    swift = await startSwift(['media', 'broken'])
    folder = await mkdtemp(join(tmpdir(), 'heliograph-s3-'))
  })
  after(async () => {
    await swift.close()
    await rm(folder, { recursive: true })
  })

  const storeOf = (bucket: string, change: Partial<Swift> = {}) =>
    createS3Store({ name: 'media', bucket, access: { ...swift, ...change }, setting: 'S3_BUCKET_MEDIA' })
  const type = 'video/mp4'

  blobSuite('S3 store', async () => {
    const store = storeOf('media')
    return { store, close: async () => store.close() }
  })

  test('what is wrong with the settings is told in their words', async () => {
    await assert.rejects(storeOf('no-such-bucket').check(), {
      name: 'StoreSetupError',
      message: /^S3_BUCKET_MEDIA=no-such-bucket: the S3 store has no such bucket/,
    })
    for (const change of [{ secretAccessKey: 'wrong' }, { accessKeyId: 'heliograph:nobody' }])
      await assert.rejects(storeOf('media', change).check(), {
        name: 'StoreSetupError',
        message: /S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY/,
      })
  })

  test('a store with one class of storage says that it has no other', async () => {
    const store = storeOf('media')
    const path = join(folder, 'classless')
    await writeFile(path, 'x')
    await store.putFile('classless.webp', path, { type })
    for (const tier of ['warm', 'cold'] as const)
      assert.equal(await store.setTier('classless.webp', tier), false)
    assert.equal((await store.stat('classless.webp'))?.size, 1)
    store.close()
  })

  test('a store that is away is 503 with a time to come back, never a hang, and loses no draft', async () => {
    const store = storeOf('broken')
    const path = join(folder, 'draft')
    await writeFile(path, 'x')
    await swift.killProxy()
    const away = { code: 'server.unavailable', headers: { 'retry-after': '5' } }
    await assert.rejects(store.check(), away)
    await assert.rejects(store.putFile('a.webp', path, { type }), away)
    await assert.rejects(store.open('a.webp'), away)
    await assert.rejects(store.stat('a.webp'), away)
    await assert.rejects(store.delete('a.webp'), away)
    await assert.rejects(store.deleteMany(['a.webp']), away)
    await assert.rejects(store.list('')[Symbol.asyncIterator]().next(), away)
    await access(path)
    await swift.startProxy()
    await store.putFile('a.webp', path, { type })
    assert.equal((await store.stat('a.webp'))?.size, 1)
    store.close()
  })

  test('a read that is cut off in the middle ends with an error, and is never taken for the whole', async () => {
    const store = storeOf('broken')
    const path = join(folder, 'read')
    await writeFile(path, randomBytes(30 * 1024 * 1024))
    await store.putFile('read.mp4', path, { type })
    const blob = await store.open('read.mp4')
    await swift.killProxy()
    await assert.rejects(hashStream(blob!.stream))
    await swift.startProxy()
    assert.equal((await hashBlob(store, 'read.mp4'))?.bytes, 30 * 1024 * 1024)
    store.close()
  })

  test('no error tells the secret, however closely it is looked at', async () => {
    const secretAccessKey = 'a-secret-that-is-wrong'
    const store = storeOf('media', { secretAccessKey })
    for (const ask of [() => store.stat('a'), () => store.check(), () => store.delete('a')]) {
      const error = await ask().catch((reason: unknown) => reason)
      assert.ok(error instanceof Error)
      assert.ok(!inspect(error, { depth: 12, showHidden: true }).includes(secretAccessKey))
    }
    store.close()
  })

  test('a put that is cut off in the middle leaves no object, and no pieces for ever', async () => {
    const store = storeOf('broken')
    const path = join(folder, 'long')
    await writeFile(path, randomBytes(40 * 1024 * 1024))
    const putting = store.putFile('cut.mp4', path, { type })
    const failed = assert.rejects(putting, { code: 'server.unavailable' })
    await swift.killProxy()
    await failed
    await access(path)
    await swift.startProxy()
    assert.equal(await store.stat('cut.mp4'), null)
    await store.putFile('cut.mp4', path, { type })
    assert.equal((await store.stat('cut.mp4'))?.size, 40 * 1024 * 1024)
    store.close()
  })
})
