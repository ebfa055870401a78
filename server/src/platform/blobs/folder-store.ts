import { randomBytes } from 'node:crypto'
import { constants, type Dirent, type Stats } from 'node:fs'
import { access, copyFile, link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { fault } from '../http/fault.ts'
import {
  type BlobFacts,
  type BlobStore,
  hashFile,
  isBlobKey,
  type ListedBlob,
  requireBlobKey,
  type StoredObject,
  typeOfBlob,
} from './blobs.ts'
import { freeBytes } from './free-bytes.ts'
import { mapWide } from './wide.ts'

export interface FolderStoreOptions {
  name: string
  folder: string
  /** Bytes that uploads leave free, so that the database on the same disk can go on. */
  reserveBytes?: number
  /** How a file is made durable; tests let it fail. */
  sync?: (path: string) => Promise<void>
  /** How a file is given to somebody under a name of their own; tests let it fail. */
  share?: (source: string, path: string) => Promise<void>
}

/** Drafts lie beside the objects: a rename is atomic only inside one file system. */
const draftsFolder = '.drafts'
/** A draft lives for moments; one that is older was left by a crash. */
const draftLifeMs = 60 * 60 * 1000

export function createFolderStore(options: FolderStoreOptions): BlobStore {
  const { name, folder, reserveBytes = 0, sync = syncFile, share = linkOrCopy } = options
  const placing: Placing = { folder, sync, durable: new LRUCache({ max: 10_000 }), swept: undefined }
  const pathOf = (key: string) => {
    requireBlobKey(key)
    return join(folder, key)
  }
  return {
    name,
    async putFile(key, path) {
      const target = pathOf(key)
      try {
        return { key, ...(await place(placing, path, target)) }
      } catch (error) {
        throw asStorageFault(error)
      }
    },
    async open(key, range) {
      const path = pathOf(key)
      const handle = await open(path, 'r').catch(nullWhenAbsent)
      if (handle === null) return null
      try {
        const facts = factsOf(key, await handle.stat())
        return { ...facts, stream: handle.createReadStream(range) }
      } catch (error) {
        await handle.close()
        throw error
      }
    },
    async stat(key) {
      const stats = await stat(pathOf(key)).catch(nullWhenAbsent)
      return stats?.isFile() ? factsOf(key, stats) : null
    },
    async delete(key) {
      const path = pathOf(key)
      await unlink(path).catch(nullWhenAbsent)
      await syncFolder(dirname(path)).catch(nullWhenAbsent)
    },
    async deleteMany(keys) {
      const paths = keys.map(pathOf)
      await mapWide(paths, (path) => unlink(path).catch(nullWhenAbsent))
      await mapWide([...new Set(paths.map((path) => dirname(path)))], (path) =>
        syncFolder(path).catch(nullWhenAbsent),
      )
    },
    list: (prefix) => listFolder(folder, prefix),
    async copyTo(key, path) {
      const source = pathOf(key)
      try {
        return (await share(source, path).catch(nullWhenAbsent)) !== null
      } catch (error) {
        throw asStorageFault(error)
      }
    },
    async hasRoom(bytes) {
      await mkdir(folder, { recursive: true })
      return (await freeBytes(folder)) - bytes >= reserveBytes
    },
    async setTier(key, tier) {
      return tier === 'hot' && (await stat(pathOf(key)).catch(nullWhenAbsent)) !== null
    },
    async check() {
      await mkdir(folder, { recursive: true })
      await access(folder, constants.R_OK | constants.W_OK)
    },
    async tidy() {
      await sweepDrafts(join(folder, draftsFolder))
    },
    close: () => undefined,
  }
}

interface Placing {
  folder: string
  sync: (path: string) => Promise<void>
  /** Folders whose own names are known to be on the disk: another put may have made one a moment ago. */
  durable: LRUCache<string, true>
  /** The first put waits for it. */
  swept: Promise<void> | undefined
}

/** What is placed is durable and complete before its name exists. */
async function place(placing: Placing, source: string, target: string): Promise<Omit<StoredObject, 'key'>> {
  const { folder, sync } = placing
  const drafts = join(folder, draftsFolder)
  await makeFolder(placing, dirname(target))
  await mkdir(drafts, { recursive: true })
  placing.swept ??= sweepDrafts(drafts)
  await placing.swept
  const facts = await hashFile(source)
  const draft = join(drafts, randomBytes(12).toString('hex'))
  try {
    await rename(source, draft).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error
      await copyFile(source, draft)
    })
    await sync(draft)
    await rename(draft, target)
    await syncFolder(dirname(target))
    await rm(source, { force: true })
    return facts
  } catch (error) {
    // A job tries again with the same file: it goes back to where it was.
    await rename(draft, source).catch(() => rm(draft, { force: true }))
    throw error
  }
}

/** A new folder is only there after a crash when the folders above it were synced too. */
async function makeFolder({ folder: root, durable }: Placing, folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true })
  if (made === undefined && durable.has(folder)) return
  for (let at = folder; at.length >= root.length; at = dirname(at)) await syncFolder(at)
  await syncFolder(dirname(root))
  durable.set(folder, true)
}

async function linkOrCopy(source: string, path: string): Promise<void> {
  try {
    await link(source, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EXDEV' && code !== 'EPERM') throw error
    await copyFile(source, path)
  }
}

async function sweepDrafts(drafts: string): Promise<void> {
  for (const name of (await readdir(drafts).catch(nullWhenAbsent)) ?? []) {
    const path = join(drafts, name)
    const stats = await stat(path).catch(nullWhenAbsent)
    if (stats !== null && Date.now() - stats.ctimeMs > draftLifeMs) await rm(path, { force: true })
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* listFolder(folder: string, prefix: string): AsyncIterable<ListedBlob> {
  const start = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : ''
  if (start !== '') requireBlobKey(start.slice(0, -1))
  yield* walk(folder, start, prefix)
}

async function* walk(folder: string, base: string, prefix: string): AsyncIterable<ListedBlob> {
  const entries = (await readdir(join(folder, base), { withFileTypes: true }).catch(nullWhenAbsent)) ?? []
  // As keys: a folder's stand where its name with the slash does.
  const sorting = (entry: Dirent) => (entry.isDirectory() ? `${entry.name}/` : entry.name)
  entries.sort((a, b) => (sorting(a) < sorting(b) ? -1 : 1))
  for (const entry of entries) {
    const key = base + entry.name
    if (!isBlobKey(key)) continue
    if (entry.isDirectory()) {
      const inside = `${key}/`
      if (inside.startsWith(prefix) || prefix.startsWith(inside)) yield* walk(folder, inside, prefix)
    } else if (key.startsWith(prefix)) {
      const stats = await stat(join(folder, key)).catch(nullWhenAbsent)
      if (stats !== null) yield { key, size: stats.size }
    }
  }
}

function factsOf(key: string, stats: Stats): BlobFacts {
  if (!stats.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' })
  return {
    size: stats.size,
    type: typeOfBlob(key),
    etag: `"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}"`,
    lastModified: stats.mtime,
  }
}

function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}

function asStorageFault(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' ? fault('server.storage_full', { cause: error }) : error
}
