import type { BlobStore } from '#platform/blobs/blobs.ts'
import { inBatches } from '#platform/blobs/wide.ts'
import { folderOfPlaylist, keysOf, type RenditionKeys, renderingOfKey } from '../media-keys.ts'
import type { MediaRow } from '../media-tables.ts'

/** Keys, and of a video the folder that plays: its name ends with a slash. */
export function namesOf({ hls, ...single }: RenditionKeys): string[] {
  const names = Object.values(single).filter((key) => key !== null)
  return hls ? [...names, folderOfPlaylist(hls)] : names
}

const deletedAtOnce = 1000

/** Of folders, all that lies in them. */
export async function deleteAll(blobs: BlobStore, names: readonly string[]): Promise<void> {
  await blobs.deleteMany(names.filter((name) => !name.endsWith('/')))
  for (const folder of names.filter((name) => name.endsWith('/')))
    for await (const objects of inBatches(blobs.list(folder), deletedAtOnce))
      await blobs.deleteMany(objects.map(({ key }) => key))
}

export function shownKeys(row: MediaRow): string[] {
  const pictures = [row.thumbnail_key, row.medium_key, row.large_key, row.fallback_key]
  return [...pictures, row.video_key, row.hls_key, row.audio_key].filter((key) => key !== null)
}

/** The same, with the folder in the place of its playlist. */
export function shownNames(row: MediaRow): string[] {
  return shownKeys(row).map((key) => (key === row.hls_key ? folderOfPlaylist(key) : key))
}

export function tokenShown(row: MediaRow): string | null {
  return (row.thumbnail_key && renderingOfKey(row.thumbnail_key)?.token) ?? null
}

export function lingeringNames(row: MediaRow): string[] {
  return row.lingering_token === null ? [] : namesOf(keysOf({ ...row, token: row.lingering_token }))
}
