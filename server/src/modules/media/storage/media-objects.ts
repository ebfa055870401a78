import type { StoredObject, Tier } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Tx } from '#platform/db/db.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { isRenditionKey } from '../media-keys.ts'
import type { MediaObject } from '../media-tables.ts'
import { addStoredBytes } from './media-quotas-repository.ts'
import { addUncopied } from './media-uncopied-repository.ts'

export interface ObjectsChange {
  add?: readonly MediaObject[]
  /** Which of those that are there go. */
  drop?: (key: string) => boolean
}

export interface KeptObjects {
  /**
   * Keeps the objects of a medium and its account's bytes in step, in the caller's transaction. Call it after the
   * change of the row itself. False: the medium is gone or released.
   */
  change(tx: Tx, mediaId: Id, change: ObjectsChange): Promise<boolean>
  /** All of them at once, where none were kept. */
  write(tx: Tx, mediaId: Id, objects: readonly MediaObject[]): Promise<void>
  /** From here on something of it waits to be copied; without a second region nothing waits. */
  noteUncopied(tx: Tx, mediaId: Id): Promise<void>
}

export function createKeptObjects({
  clock,
  hasCopy,
}: {
  clock: Pick<Clock, 'now'>
  /** There is a second region. */
  hasCopy: boolean
}): KeptObjects {
  const kept: KeptObjects = {
    change: (tx, mediaId, change) => changeObjects(kept, tx, mediaId, change),
    async write(tx, mediaId, objects) {
      await setObjects(tx, mediaId, objects)
      await kept.noteUncopied(tx, mediaId)
    },
    async noteUncopied(tx, mediaId) {
      if (hasCopy) await addUncopied(tx, mediaId, new Date(clock.now()))
    },
  }
  return kept
}

async function changeObjects(
  kept: KeptObjects,
  tx: Tx,
  mediaId: Id,
  change: ObjectsChange,
): Promise<boolean> {
  const row = await tx
    .selectFrom('media')
    .select(['owner_id', 'objects'])
    .where('bucket', '=', bucketOf(mediaId))
    .where('id', '=', mediaId)
    .where('revoked_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return false
  // From before objects were kept: all of them are looked up at once, by `storage verify`.
  if (row.objects === null) return true
  const objects = applyChange(row.objects, change)
  await kept.write(tx, mediaId, objects)
  await addStoredBytes(tx, row.owner_id, bytesOf(objects) - bytesOf(row.objects))
  return true
}

/** A rendering takes the place of the one before; master, original and captions stay. */
export function renderingOf(made: readonly StoredObject[]): ObjectsChange {
  return { add: made, drop: isRenditionKey }
}

/** Where objects lie from now on; those that are gone meanwhile stay gone. */
export async function retier(tx: Tx, mediaId: Id, tiers: ReadonlyMap<string, Tier>): Promise<void> {
  const row = await tx
    .selectFrom('media')
    .select('objects')
    .where('bucket', '=', bucketOf(mediaId))
    .where('id', '=', mediaId)
    .forUpdate()
    .executeTakeFirst()
  if (!row?.objects) return
  const objects = row.objects.map((object) => ({ ...object, tier: tiers.get(object.key) ?? object.tier }))
  await setObjects(tx, mediaId, objects)
}

async function setObjects(tx: Tx, mediaId: Id, objects: readonly MediaObject[]): Promise<void> {
  await tx
    .updateTable('media')
    .set({ objects: JSON.stringify(objects) })
    .where('bucket', '=', bucketOf(mediaId))
    .where('id', '=', mediaId)
    .execute()
}

export function applyChange(
  objects: readonly MediaObject[],
  { add = [], drop = () => false }: ObjectsChange,
): MediaObject[] {
  const added = new Set(add.map((object) => object.key))
  return [...objects.filter(({ key }) => !added.has(key) && !drop(key)), ...add]
}

export function bytesOf(objects: readonly MediaObject[]): number {
  return objects.reduce((sum, object) => sum + object.bytes, 0)
}
