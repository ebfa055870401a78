import assert from 'node:assert/strict'
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { blobSuite } from './blob-suite.ts'
import type { BlobStore, ListedBlob } from './blobs.ts'
import { carryBlob } from './carry.ts'
import { createFolderStore } from './folder-store.ts'
import { createLayeredStore } from './layered-store.ts'
import { createTieredFolders } from './tiered-folders.ts'

const temporary = () => mkdtemp(join(tmpdir(), 'heliograph-blobs-'))

blobSuite('folder store', async () => {
  const folder = await temporary()
  return {
    store: createFolderStore({ name: 'media', folder: join(folder, 'made', 'when needed') }),
    close: () => rm(folder, { recursive: true }),
  }
})

const twoFolders = async () => {
  const folder = await temporary()
  const [first, second] = ['first', 'second'].map((name) =>
    createFolderStore({ name: 'media', folder: join(folder, name) }),
  )
  return { first: first!, second: second!, scratch: folder, close: () => rm(folder, { recursive: true }) }
}

blobSuite('two places behind one door', async () => {
  const { first, second, close } = await twoFolders()
  return { store: createLayeredStore('media', [first, second]), close }
})

blobSuite('hot and cold folder', async () => {
  const { first, second, scratch, close } = await twoFolders()
  return { store: createTieredFolders({ name: 'media', hot: first, cold: second, scratch }), close }
})

describe('an object in another place', () => {
  let given: Awaited<ReturnType<typeof twoFolders>>
  let store: BlobStore
  beforeEach(async () => {
    given = await twoFolders()
    const { first, second, scratch } = given
    store = createTieredFolders({ name: 'media', hot: first, cold: second, scratch })
    await writeFile(join(scratch, 'draft'), 'x')
    await store.putFile('a.webp', join(scratch, 'draft'), { type: 'image/webp' })
    await store.setTier('a.webp', 'cold')
  })
  afterEach(() => given.close())

  test('is read, listed and copied as if it lay here', async () => {
    assert.equal(await given.first.stat('a.webp'), null)
    assert.equal((await store.stat('a.webp'))?.size, 1)
    assert.equal(await store.copyTo('a.webp', join(given.scratch, 'copy')), true)
    const listed: ListedBlob[] = []
    for await (const object of store.list('')) listed.push(object)
    assert.deepEqual(listed, [{ key: 'a.webp', size: 1 }])
    assert.equal(await store.setTier('a.webp', 'warm'), false)
  })

  test('never outlives its deletion, wherever it lies and while it is carried', async () => {
    await store.delete('a.webp')
    assert.equal(await given.second.stat('a.webp'), null)
    const { first: to, second, scratch } = given
    await writeFile(join(scratch, 'draft'), 'x')
    await second.putFile('b.webp', join(scratch, 'draft'), { type: 'image/webp' })
    // Deleted between the copy and the removal of the source.
    const from = { ...second, stat: async () => null }
    assert.equal(await carryBlob('b.webp', { from, to, scratch }), 'gone')
    assert.equal(await to.stat('b.webp'), null)
  })

  test('is never removed from where it was when its copy did not arrive whole', async () => {
    const { second: from, first, scratch } = given
    const to = {
      ...first,
      open: async (key: string) => {
        const blob = (await first.open(key))!
        blob.stream.destroy()
        return { ...blob, stream: Readable.from([Buffer.from('y')]) }
      },
    }
    await assert.rejects(carryBlob('a.webp', { from, to, scratch }), /did not arrive whole/)
    assert.equal((await from.stat('a.webp'))?.size, 1)
  })

  test('comes back when it is hot again', async () => {
    assert.equal(await store.setTier('a.webp', 'hot'), true)
    assert.equal((await given.first.stat('a.webp'))?.size, 1)
    assert.equal(await given.second.stat('a.webp'), null)
  })
})

test('uploads are told no before the reserve is touched', async () => {
  const folder = await temporary()
  const store = createFolderStore({ name: 'media', folder, reserveBytes: Number.MAX_SAFE_INTEGER })
  assert.equal(await store.hasRoom(1), false)
  await rm(folder, { recursive: true })
})

test('a put that failed leaves nothing behind', async () => {
  const folder = await temporary()
  const store = createFolderStore({ name: 'media', folder })
  await assert.rejects(store.putFile('a.webp', join(folder, 'no such file'), { type: 'image/webp' }))
  assert.deepEqual(await readdir(join(folder, '.drafts')), [])
  assert.equal(await store.stat('a.webp'), null)
  await rm(folder, { recursive: true })
})

test('a full disk is a 507, not a crash', async () => {
  const folder = await temporary()
  const full = new Error('no space left on device') as NodeJS.ErrnoException
  full.code = 'ENOSPC'
  const store = createFolderStore({ name: 'media', folder, sync: async () => Promise.reject(full) })
  const path = join(folder, 'draft')
  await writeFile(path, 'x')
  await assert.rejects(store.putFile('a.webp', path, { type: 'image/webp' }), { code: 'server.storage_full' })
  await access(path)
  assert.equal(await store.stat('a.webp'), null)
  assert.deepEqual(await readdir(join(folder, '.drafts')), [])
  await rm(folder, { recursive: true })
})

test('a copy that a full disk cut short is a 507 too, never the fault of what was copied', async () => {
  const folder = await temporary()
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  const store = createFolderStore({ name: 'media', folder, share: async () => Promise.reject(full) })
  await assert.rejects(store.copyTo('a.webp', join(folder, 'copy')), { code: 'server.storage_full' })
  await rm(folder, { recursive: true })
})

test('a folder that was emptied behind our back is made again', async () => {
  const folder = await temporary()
  const store = createFolderStore({ name: 'media', folder: join(folder, 'media') })
  for (const key of ['deep/er/a.webp', 'deep/er/b.webp']) {
    const path = join(folder, 'draft')
    await writeFile(path, key)
    await store.putFile(key, path, { type: 'image/webp' })
    assert.equal((await store.stat(key))?.size, key.length)
    await rm(join(folder, 'media', 'deep'), { recursive: true })
  }
  await rm(folder, { recursive: true })
})
