import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createHolder, endHolder } from '../db/holders.ts'
import type { BlobStore, ListedBlob } from './blobs.ts'
import { carryPrefix } from './carry.ts'
import { turnMark, turnsFolder } from './carry-turn.ts'
import { createFolderStore } from './folder-store.ts'
import { createLayeredStore } from './layered-store.ts'
import { moveStore } from './move-store.ts'
import type { StorePlaces } from './stores.ts'

// Two folders stand for folder and S3: what is tried here is the order of things, which no engine knows of.

describe('a store that is moved', () => {
  let folder: string
  let here: BlobStore
  let there: BlobStore
  const keys = Array.from({ length: 12 }, (_, number) => `photos/${number}.webp`)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliograph-move-'))
    here = createFolderStore({ name: 'media', folder: join(folder, 'here') })
    there = createFolderStore({ name: 'media', folder: join(folder, 'there') })
    for (const key of keys) await put(here, key)
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function put(store: BlobStore, key: string): Promise<void> {
    const path = join(folder, 'draft')
    await writeFile(path, `bytes of ${key}`)
    await store.putFile(key, path, { type: 'image/webp' })
  }
  const placesOf = (s3: BlobStore, home: BlobStore = here): StorePlaces => ({
    home: 's3',
    folder: home,
    s3,
    scratch: join(folder, 'scratch'),
  })
  const listOf = async (store: BlobStore) => {
    const objects: ListedBlob[] = []
    for await (const object of store.list('')) objects.push(object)
    return objects.map(({ key }) => key)
  }

  test('lies in the other place afterwards, whole, and nothing is left behind', async () => {
    assert.equal((await moveStore(placesOf(there), { to: 's3' })).objects, keys.length)
    assert.deepEqual(await listOf(here), [])
    assert.deepEqual(await listOf(there), keys.toSorted())
    assert.equal((await moveStore(placesOf(there), { to: 's3' })).objects, 0)
    await moveStore(placesOf(there), { to: 'folder' })
    assert.deepEqual(await listOf(there), [])
    assert.deepEqual(await listOf(here), keys.toSorted())
  })

  test('never loses an object, at whatever step it is ended, and is ended by doing it again', async () => {
    for (let deadline = 1; ; deadline++) {
      let steps = 0
      // As after a kill: from this step on nothing happens any more.
      const dying = (store: BlobStore): BlobStore => {
        const step = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
          return async (...args: A): Promise<R> => {
            if (++steps >= deadline) throw new Error('killed')
            return await work(...args)
          }
        }
        return {
          ...store,
          putFile: step(store.putFile),
          open: step(store.open),
          stat: step(store.stat),
          delete: step(store.delete),
          deleteMany: step(store.deleteMany),
          copyTo: step(store.copyTo),
        }
      }
      const died = await moveStore(placesOf(dying(there), dying(here)), { to: 's3' }).then(
        () => false,
        () => true,
      )
      const door = createLayeredStore('media', [there, here])
      assert.deepEqual(await listOf(door), keys.toSorted(), `step ${deadline}`)
      if (!died) break
    }
    assert.deepEqual(await listOf(here), [])
  })

  test('never loses an object to a second move beside the first, and leaves none behind for ever', async () => {
    await Promise.all([1, 2, 3].map(() => moveStore(placesOf(there), { to: 's3' })))
    assert.deepEqual(await listOf(createLayeredStore('media', [there, here])), keys.toSorted())
    // Of one that was killed while it carried, and of one that is there.
    const [killed, living] = [createHolder(), createHolder()]
    endHolder(killed)
    const markOf = (key: string, holder: string) =>
      join(turnsFolder(join(folder, 'scratch')), turnMark(key, holder))
    await moveStore(placesOf(there), { to: 's3' })
    await moveStore(placesOf(there), { to: 'folder' })
    await writeFile(markOf(keys[0]!, killed), '')
    await writeFile(markOf(keys[1]!, living), '')
    assert.equal((await moveStore(placesOf(there), { to: 's3' })).busy, 1)
    assert.deepEqual(await listOf(here), [keys[1]])
    endHolder(living)
    await moveStore(placesOf(there), { to: 's3' })
    assert.deepEqual([await listOf(here), await listOf(there)], [[], keys.toSorted()])
  })

  test('leaves no copy behind that somebody was at who was killed, and takes none from who lives', async () => {
    const [killed, living] = [createHolder(), createHolder()]
    endHolder(killed)
    const scratch = join(folder, 'scratch')
    for (const holder of [killed, living])
      await mkdir(join(scratch, `${carryPrefix(holder)}abcdef`), { recursive: true })
    await moveStore(placesOf(there), { to: 's3' })
    assert.deepEqual(
      (await readdir(scratch)).filter((name) => name.startsWith('carry-')),
      [`${carryPrefix(living)}abcdef`],
    )
    endHolder(living)
  })

  test('never serves nothing while an object is between the places, nor what was deleted', async () => {
    const door = createLayeredStore('media', [there, here])
    let isMoving = true
    const moving = moveStore(placesOf(there), { to: 's3' }).finally(() => {
      isMoving = false
    })
    const doomed = keys[11]!
    const deleting = door.delete(doomed)
    do {
      for (const key of keys.slice(0, 11)) assert.ok(await door.stat(key), key)
      await put(door, 'photos/new.webp')
    } while (isMoving)
    await Promise.all([moving, deleting])
    assert.equal(await door.stat(doomed), null)
    assert.deepEqual(await listOf(here), [])
    assert.ok((await listOf(there)).includes('photos/new.webp'))
  })
})
