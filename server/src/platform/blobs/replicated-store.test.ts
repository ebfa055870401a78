import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { createTestClock } from '../clock/clock.ts'
import { fault } from '../http/fault.ts'
import { blobSuite } from './blob-suite.ts'
import type { BlobStore } from './blobs.ts'
import { createFolderStore } from './folder-store.ts'
import { createReplicatedStore } from './replicated-store.ts'

async function twoPlaces() {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-copy-'))
  const place = (name: string) => createFolderStore({ name, folder: join(folder, name) })
  return {
    folder,
    primary: place('first'),
    replica: place('copy'),
    close: () => rm(folder, { recursive: true }),
  }
}

blobSuite('a store with a copy', async () => {
  const { primary, replica, close } = await twoPlaces()
  const clock = createTestClock(0)
  return { store: createReplicatedStore({ name: 'media', primary, replica, clock }), close }
})

test('a first place that hangs is not waited for, and after three times not asked until it has rested', async () => {
  const { folder, primary, replica, close } = await twoPlaces()
  await writeFile(join(folder, 'draft'), 'bytes')
  await replica.putFile('a.webp', join(folder, 'draft'), { type: 'image/webp' })
  let asked = 0
  let isBack = false
  const hanging: BlobStore = {
    ...primary,
    open: (key, range) => {
      asked += 1
      return isBack ? replica.open(key, range) : new Promise(() => undefined)
    },
  }
  const clock = createTestClock(1_000_000)
  const store = createReplicatedStore({ name: 'media', primary: hanging, replica, clock, patienceMs: 20 })
  const read = async () => String(await buffer((await store.open('a.webp'))!.stream))
  for (let i = 0; i < 6; i++) assert.equal(await read(), 'bytes')
  assert.equal(asked, 3)
  await clock.advance(10_000)
  isBack = true
  assert.equal(await read(), 'bytes')
  assert.equal(asked, 4)
  await close()
})

test('a copy that is away keeps nobody from hearing that there is nothing', async () => {
  const { primary, replica, close } = await twoPlaces()
  const away = async () => {
    throw fault('server.unavailable')
  }
  const clock = createTestClock(0)
  const store = createReplicatedStore({ name: 'media', primary, replica: { ...replica, stat: away }, clock })
  assert.equal(await store.stat('a.webp'), null)
  await close()
})

test('what neither has while the first is away is not told as gone', async () => {
  const { primary, replica, close } = await twoPlaces()
  const away = async () => {
    throw fault('server.unavailable')
  }
  const clock = createTestClock(0)
  const store = createReplicatedStore({ name: 'media', primary: { ...primary, stat: away }, replica, clock })
  for (let i = 0; i < 5; i++) await assert.rejects(store.stat('a.webp'), { code: 'server.unavailable' })
  await close()
})
