import type { BlobStore, OpenBlob } from '#platform/blobs/blobs.ts'
import type { Database } from '#platform/db/db.ts'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import { findMediaByIds } from './media-repository.ts'
import type { MediaRow } from './media-tables.ts'

/** Where the files of a medium lie in a copy that is given away; null: there is no such file. */
export interface MediaFileNames {
  /** As others see it. */
  shown: string | null
  /** As it was uploaded, for its owner. */
  uploaded: string | null
  captions: string | null
}

export interface MediaFile {
  name: string
  at: Date
  /** Null: it is not in the store. */
  open(): Promise<OpenBlob | null>
}

/** Media as files with names, for a copy that a person takes with them. Who may see them is decided by who asks. */
export interface MediaFiles {
  /** Those released are absent. What somebody else uploaded has no file of that. */
  namesOf(personId: Id, ids: readonly Id[]): Promise<Map<Id, MediaFileNames>>
  /** In the order of the ids, and for each the same at every time. */
  filesOf(personId: Id, ids: readonly Id[]): Promise<MediaFile[]>
}

interface Deps {
  database: Database
  blobs: BlobStore
}

const folders = {
  media: 'posts',
  captions: 'posts',
  story: 'stories',
  message: 'messages',
  voice: 'messages',
  avatar: 'profile',
  evidence: 'evidence',
} as const satisfies Record<MediaRow['purpose'], string>

export function createMediaFiles({ database, blobs }: Deps): MediaFiles {
  async function rowsOf(ids: readonly Id[]): Promise<MediaRow[]> {
    const rows = new Map((await findMediaByIds(database.main, ids)).map((row) => [row.id, row]))
    return ids.flatMap((id) => rows.get(id) ?? [])
  }

  return {
    namesOf: async (personId, ids) =>
      new Map((await rowsOf([...new Set(ids)])).map((row) => [row.id, namesOf(personId, row)])),
    async filesOf(personId, ids) {
      const rows = await rowsOf(ids)
      return rows.flatMap((row) => {
        const names = namesOf(personId, row)
        const keys = { shown: shownKey(row), uploaded: row.master_key, captions: row.captions_key }
        return (['shown', 'uploaded', 'captions'] as const).flatMap((what): MediaFile[] => {
          const [name, key] = [names[what], keys[what]]
          return name === null || key === null
            ? []
            : [{ name, at: row.created_at, open: () => blobs.open(key) }]
        })
      })
    },
  }
}

function namesOf(personId: Id, row: MediaRow): MediaFileNames {
  const day = new Date(timeOf(row.id)).toISOString().slice(0, 10)
  const name = `${day}_${row.id}`
  const folder = folders[row.purpose]
  const shown = shownKey(row)
  const isUploadKept = row.owner_id === personId && row.master_state !== 'gone'
  return {
    shown: shown && `${folder}/${name}${endingOf(shown)}`,
    uploaded: isUploadKept ? `${folder}/originals/${name}${row.format ? `.${row.format}` : ''}` : null,
    captions: row.captions_key && `${folder}/${name}${endingOf(row.captions_key)}`,
  }
}

/** What opens everywhere: JPEG before WebP. */
function shownKey(row: MediaRow): string | null {
  return row.video_key ?? row.audio_key ?? row.fallback_key ?? row.large_key
}

function endingOf(key: string): string {
  return key.slice(key.lastIndexOf('.'))
}
