import { type BlobStore, hashBlob, type ListedBlob } from '#platform/blobs/blobs.ts'
import { inBatches, mapWide } from '#platform/blobs/wide.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { keysOf, renderingOfKey, uploadIdOfMasterKey } from '../media-keys.ts'
import type { MediaObject } from '../media-tables.ts'
import { shownKeys } from '../rendering/media-names.ts'
import { findUploads } from '../uploads/media-uploads-repository.ts'
import { fillIn } from './media-fill-in.ts'
import { type Finding, noFinding, note } from './media-findings.ts'
import type { KeptObjects } from './media-objects.ts'
import { eachStored, findStoredMedia, type StoredMedia } from './media-stored-repository.ts'

const day = 24 * 3_600_000
const batch = 500

export interface VerifyReport {
  /** Objects in the store. */
  stored: { objects: number; bytes: number }
  /** Of those, what rows refer to. */
  referenced: { objects: number; bytes: number }
  /** Referred to and not there. */
  missing: Finding
  /** There, and longer or shorter than it was. */
  resized: Finding
  /** There, and other bytes than were put; looked at only in depth. */
  corrupt: Finding
  /** Referred to by nothing for a day or more. */
  orphans: Finding
  /** Media from before objects were kept, whose objects are kept now. */
  filledIn: number
}

/** Only so many of the buckets: the whole is looked at in `of` times. */
export interface Share {
  part: number
  of: number
}

export interface Verifier {
  /** Both ways: each referenced object is there and whole, each object is referenced. Removes nothing. */
  verify(options: { deep: boolean; share?: Share }): Promise<VerifyReport>
  /** Removes what nothing refers to for a day or more; a dry run only counts it. */
  collectOrphans(options: { dryRun: boolean }): Promise<Finding>
}

export interface VerifierDeps {
  database: Database
  blobs: BlobStore
  clock: Clock
  objects: KeptObjects
  /** Of a copy: media that it has not been given yet are not missed. */
  meantOf?: (rows: StoredMedia[]) => Promise<StoredMedia[]>
}

export function createVerifier(deps: VerifierDeps): Verifier {
  const { meantOf = async (rows) => rows } = deps
  return {
    async verify({ deep, share = { part: 0, of: 1 } }) {
      const report: VerifyReport = {
        stored: { objects: 0, bytes: 0 },
        referenced: { objects: 0, bytes: 0 },
        missing: noFinding(),
        resized: noFinding(),
        corrupt: noFinding(),
        orphans: noFinding(),
        filledIn: 0,
      }
      for await (const rows of eachStored(deps.database.main))
        if (rows[0]!.bucket % share.of === share.part)
          for (const row of await meantOf(rows.filter(({ revoked_at: revokedAt }) => revokedAt === null)))
            await examine(deps, row, report, deep)
      for await (const objects of inBatches(deps.blobs.list(''), batch)) await sortOut(deps, objects, report)
      return report
    },
    async collectOrphans({ dryRun }) {
      const found = noFinding()
      for await (const objects of inBatches(deps.blobs.list(''), batch)) {
        const orphans = await orphansAmong(deps, objects)
        for (const { key, size } of orphans) note(found, key, size)
        if (!dryRun) await deps.blobs.deleteMany(orphans.map(({ key }) => key))
      }
      return found
    },
  }
}

async function examine(
  deps: VerifierDeps,
  row: StoredMedia,
  report: VerifyReport,
  deep: boolean,
): Promise<void> {
  const needed = [...shownKeys(row), ...(Number(row.file_size) > 0 ? mastersOf(row) : [])]
  if (row.objects === null) {
    const possible = row.original_key === null ? [] : [row.original_key]
    if (await fillIn(deps, row, { needed, possible })) report.filledIn += 1
    else await mapWide(needed, (key) => examineKey(deps, { id: row.id, key }, report, false))
    return
  }
  const kept = new Set(row.objects.map(({ key }) => key))
  for (const key of needed) if (!kept.has(key)) note(report.missing, key)
  await mapWide(row.objects, (object) => examineKey(deps, { ...object, id: row.id }, report, deep))
}

async function examineKey(
  { database, blobs }: VerifierDeps,
  object: { id: Id; key: string } & Partial<MediaObject>,
  report: VerifyReport,
  deep: boolean,
): Promise<void> {
  const { id, key, bytes, sha256 } = object
  const facts = await blobs.stat(key)
  if (facts === null) {
    if (await isStillMeant(database, id, key)) note(report.missing, key, bytes)
    return
  }
  if (bytes !== undefined && facts.size !== bytes) return note(report.resized, key, facts.size)
  if (deep && (await hashBlob(blobs, key))?.sha256 !== sha256) note(report.corrupt, key, bytes)
}

/** People go on while this looks: what was replaced or deleted a moment ago is not missed. */
async function isStillMeant(database: Database, id: Id, key: string): Promise<boolean> {
  const [row] = await findStoredMedia(database.main, [id])
  return row !== undefined && row.revoked_at === null && [...knownKeys(row), ...mastersOf(row)].includes(key)
}

async function sortOut(deps: VerifierDeps, objects: ListedBlob[], report: VerifyReport): Promise<void> {
  const orphans = new Set(await orphansAmong(deps, objects, report))
  for (const object of objects) {
    report.stored.objects += 1
    report.stored.bytes += object.size
    if (orphans.has(object)) note(report.orphans, object.key, object.size)
  }
}

/** Younger than a day: what is being written now is referred to in a moment. */
async function orphansAmong(
  { database, blobs, clock, objects: kept }: VerifierDeps,
  objects: ListedBlob[],
  report?: VerifyReport,
): Promise<ListedBlob[]> {
  const keys = objects.map(({ key }) => key)
  const uploads = await findUploads(database.main, present(keys.map(uploadIdOfMasterKey)))
  const ofMasters = uploads.map(({ media_id: id }) => id ?? undefined)
  const ofRenditions = keys.map((key) => renderingOfKey(key)?.mediaId)
  const rows = await findStoredMedia(database.main, present([...ofRenditions, ...ofMasters]))
  const mediaOf = new Map(rows.map((row) => [row.id, row]))
  const keysOfMedia = new Map(rows.map((row) => [row.id, new Set(knownKeys(row))]))
  const left = new Set(rows.filter((row) => mastersOf(row).length === 0).map((row) => row.upload_id))
  const uploadIds = new Set(uploads.map(({ id }) => id).filter((id) => !left.has(id)))
  const unknown: ListedBlob[] = []
  for (const object of objects) {
    const { key, size } = object
    const mediaId = renderingOfKey(key)?.mediaId ?? ''
    const isMaster = uploadIds.has(uploadIdOfMasterKey(key) ?? '')
    if (!isMaster && !keysOfMedia.get(mediaId)?.has(key)) unknown.push(object)
    else if (report) {
      report.referenced.objects += 1
      report.referenced.bytes += size
      await recordOriginal({ database, blobs, objects: kept }, mediaOf.get(mediaId), key)
    }
  }
  const old: ListedBlob[] = []
  await mapWide(unknown, async (object) => {
    const facts = await blobs.stat(object.key)
    if (facts && facts.lastModified.getTime() < clock.now() - day) old.push(object)
  })
  return old
}

/** Made, and then the process was ended before its row said so. */
async function recordOriginal(
  { database, blobs, objects }: Pick<VerifierDeps, 'database' | 'blobs' | 'objects'>,
  row: StoredMedia | undefined,
  key: string,
): Promise<void> {
  if (row?.original_key !== key || row.objects === null || row.objects.some((object) => object.key === key))
    return
  const object = await hashBlob(blobs, key)
  if (object !== null) await database.transaction((tx) => objects.change(tx, row.id, { add: [object] }))
}

/** None when what was uploaded is needed no more. */
export function mastersOf({ master_key: key, master_state: state }: StoredMedia): string[] {
  return state === 'gone' ? [] : [key]
}

/** With those of the rendering under way. */
export function knownKeys(row: StoredMedia): string[] {
  const isUnderWay = row.processing_status === 'processing'
  const planned = isUnderWay ? Object.values(keysOf(row)) : []
  return [
    ...(row.objects ?? []).map(({ key }) => key),
    ...shownKeys(row),
    ...planned,
    ...(row.original_key === null ? [] : [row.original_key]),
  ].filter((key) => key !== null)
}

function present(ids: (Id | undefined)[]): Id[] {
  return [...new Set(ids.filter((id) => id !== undefined))]
}
