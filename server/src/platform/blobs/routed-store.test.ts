import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { blobSuite } from './blob-suite.ts'
import { createFolderStore } from './folder-store.ts'
import { createRoutedStore } from './routed-store.ts'

async function twoStores() {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-routed-'))
  const [rest, apart] = ['rest', 'apart'].map((name) =>
    createFolderStore({ name, folder: join(folder, name) }),
  )
  const store = createRoutedStore(rest!, { folder: 'm', store: apart! })
  return { folder, rest: rest!, apart: apart!, store, close: () => rm(folder, { recursive: true }) }
}

blobSuite('a store with a folder that lies apart', twoStores)

test('what lies apart is in no other place, and in lists where its name belongs', async () => {
  const { folder, rest, apart, store, close } = await twoStores()
  const keysOf = async (from: typeof store, prefix = '') => {
    const keys: string[] = []
    for await (const { key } of from.list(prefix)) keys.push(key)
    return keys
  }
  const keys = ['a/1.webp', 'm/1.webp', 'm/2.webp', 'mm/1.webp', 'z/1.webp']
  for (const key of keys.toReversed()) {
    await writeFile(join(folder, 'draft'), 'bytes')
    await store.putFile(key, join(folder, 'draft'), { type: 'image/webp' })
  }
  assert.deepEqual(await keysOf(store), keys)
  assert.deepEqual(await keysOf(store, 'm'), ['m/1.webp', 'm/2.webp', 'mm/1.webp'])
  assert.deepEqual(await keysOf(store, 'm/'), ['m/1.webp', 'm/2.webp'])
  assert.deepEqual(await keysOf(apart), ['m/1.webp', 'm/2.webp'])
  assert.deepEqual(await keysOf(rest), ['a/1.webp', 'mm/1.webp', 'z/1.webp'])
  await store.deleteMany(['m/1.webp', 'z/1.webp'])
  assert.deepEqual(await keysOf(store), ['a/1.webp', 'm/2.webp', 'mm/1.webp'])
  await close()
})
