import assert from 'node:assert/strict'
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { blobSuite } from './blob-suite.ts'
import { createFolderStore } from './folder-store.ts'

const temporary = () => mkdtemp(join(tmpdir(), 'heliograph-blobs-'))

blobSuite('folder store', async () => {
  const folder = await temporary()
  return {
    store: createFolderStore({ name: 'media', folder: join(folder, 'made', 'when needed') }),
    close: () => rm(folder, { recursive: true }),
  }
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
