import type { Readable } from 'node:stream'
import type { EvidenceType } from '@heliograph/contract/verification'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { pictureFormatOf } from '../child/sniff-format.ts'
import { masterKey } from '../media-keys.ts'
import { whyNotTaken } from '../uploads/media-upload-claims.ts'
import { attachUploads, deleteUpload, findUploads } from '../uploads/media-uploads-repository.ts'

/**
 * Files that show who somebody is. They stay what was uploaded, are decoded by nobody here, and lie where masters
 * lie: no address leads there. Who may see them is decided by who asks for them here.
 */
export interface Evidence {
  /** Before the transaction: that all are there and what they are. Throws upload.*, verification.evidence_invalid. */
  look(ownerId: Id, uploadIds: readonly Id[]): Promise<{ id: Id; type: EvidenceType; bytes: number }[]>
  /** Each once; from here on they stay until they are removed. Throws upload.*. */
  take(tx: Tx, ownerId: Id, uploadIds: readonly Id[]): Promise<void>
  /** Null: it is gone. */
  open(uploadId: Id): Promise<Readable | null>
  /** The bytes, then what knows of them. May be repeated. */
  remove(uploadIds: readonly Id[]): Promise<void>
}

interface Deps {
  database: Database
  blobs: BlobStore
  clock: Clock
}

const purpose = 'evidence'
/** As many as tell all types apart. */
const headBytes = 16

export function createEvidence({ database, blobs, clock }: Deps): Evidence {
  async function typeOf(uploadId: Id): Promise<EvidenceType> {
    const head = await blobs.open(masterKey(uploadId), { start: 0, end: headBytes - 1 })
    const bytes = head ? Buffer.concat(await head.stream.toArray()) : Buffer.alloc(0)
    if (bytes.subarray(0, 5).toString('latin1') === '%PDF-') return 'application/pdf'
    const format = pictureFormatOf(bytes)
    if (format !== 'jpeg' && format !== 'png' && format !== 'webp')
      throw fault('verification.evidence_invalid')
    return `image/${format}`
  }

  return {
    async look(ownerId, uploadIds) {
      if (new Set(uploadIds).size < uploadIds.length) throw fault('upload.used')
      const rows = new Map((await findUploads(database.main, uploadIds)).map((row) => [row.id, row]))
      const files: { id: Id; type: EvidenceType; bytes: number }[] = []
      for (const id of uploadIds) {
        const row = rows.get(id)
        const now = new Date(clock.now())
        const isUsable =
          row?.owner_id === ownerId &&
          row.purpose === purpose &&
          row.state === 'complete' &&
          row.expires_at > now
        if (!isUsable) throw whyNotTaken(row, { ownerId, purpose }, now)
        files.push({ id, type: await typeOf(id), bytes: Number(row.size) })
      }
      return files
    },
    async take(tx, ownerId, uploadIds) {
      const now = new Date(clock.now())
      const taken = await attachUploads(tx, { ownerId, purposes: [purpose], ids: uploadIds, now })
      if (taken.length < uploadIds.length) throw fault('upload.used')
    },
    open: async (uploadId) => (await blobs.open(masterKey(uploadId)))?.stream ?? null,
    async remove(uploadIds) {
      await blobs.deleteMany(uploadIds.map(masterKey))
      for (const id of uploadIds) await deleteUpload(database.main, id)
    },
  }
}
