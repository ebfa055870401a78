import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { freeBytes } from '#platform/blobs/free-bytes.ts'
import { fault } from '#platform/http/fault.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Checksum, hashFor, isAsTold } from './media-upload-checksum.ts'

/** The bytes of uploads that are not complete yet: a file each, named by the upload's id. */
export interface UploadFiles {
  pathOf(id: Id): string
  /** From here on there is a file, so that one that is missing has been taken over by the store. */
  begin(id: Id): Promise<void>
  /** How many bytes are there that nobody doubts; the place from which the upload goes on. Null when there is no file. */
  sizeOf(id: Id): Promise<number | null>
  /**
   * Resolves with the new size when all bytes are durable. What came before a failure stays, unless its sender told a
   * checksum: then all of it stands, or nothing.
   */
  append(id: Id, offset: number, stream: Readable, checksum: Checksum | null): Promise<number>
  remove(id: Id): Promise<void>
  list(): Promise<Id[]>
  /** They are gathered on this machine's disk, wherever objects lie in the end. */
  hasRoom(bytes: number): Promise<boolean>
}

/** Between two looks at the disk: many at once go no further beyond the reserve than so much each. */
const lookEveryBytes = 4 * 1024 ** 2

export async function createUploadFiles(
  folder: string,
  reserveBytes: number,
  /** Bytes that are left on the disk; tests let it fill up. */
  leftOn = freeBytes,
): Promise<UploadFiles> {
  await mkdir(folder, { recursive: true })
  const pathOf = (id: Id) => join(folder, id)
  /** Tells from which byte on the file is not proved yet, also after a crash. */
  const doubtOf = (id: Id) => `${pathOf(id)}.doubt`

  async function sizeOf(id: Id): Promise<number | null> {
    const facts = await stat(pathOf(id)).catch(nullWhenAbsent)
    const doubt = facts && (await readFile(doubtOf(id), 'latin1').catch(nullWhenAbsent))
    return facts && Math.min(facts.size, doubt ? Number(doubt) : facts.size)
  }

  async function openAt(id: Id, offset: number, checksum: Checksum | null): Promise<FileHandle> {
    const handle = await open(pathOf(id), offset === 0 ? 'w' : 'r+')
    // What stands behind this place was never acknowledged.
    await handle.truncate(offset)
    if (checksum) await writeFile(doubtOf(id), String(offset), { flush: true })
    else await rm(doubtOf(id), { force: true })
    return handle
  }

  const hasRoom = async (bytes: number) => (await leftOn(folder)) - bytes >= reserveBytes

  /** There was room for all of it when it was announced; others have been writing since then. */
  async function requireRoom(): Promise<void> {
    if (!(await hasRoom(0))) throw fault('server.storage_full')
  }

  return {
    pathOf,
    sizeOf,
    hasRoom,
    async begin(id) {
      const handle = await open(pathOf(id), 'a').catch((error: unknown) => {
        throw asStorageFault(error)
      })
      await handle.close()
    },
    async append(id, offset, stream, checksum) {
      let handle: FileHandle | undefined
      let position = offset
      let looksAt = offset
      const hash = hashFor(checksum)
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          if (position >= looksAt) {
            await requireRoom()
            looksAt = position + lookEveryBytes
          }
          // Only now: of a complete upload the file is gone, and an empty request changes nothing.
          handle ??= await openAt(id, offset, checksum)
          await writeAll(handle, chunk, position)
          hash?.update(chunk)
          position += chunk.length
        }
        if (!isAsTold(checksum, hash)) throw fault('upload.checksum')
      } catch (error) {
        if (checksum) await handle?.truncate(offset)
        throw asStorageFault(error)
      } finally {
        await handle?.sync().finally(() => handle?.close())
        if (handle && (offset === 0 || checksum)) await syncFolder(folder)
      }
      if (checksum) await rm(doubtOf(id), { force: true })
      return position
    },
    async remove(id) {
      await rm(pathOf(id), { force: true })
      await rm(doubtOf(id), { force: true })
    },
    async list() {
      return (await readdir(folder)).filter((name) => /^[1-9][0-9]{0,18}$/.test(name))
    },
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done)
    done += bytesWritten
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

function asStorageFault(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' ? fault('server.storage_full', { cause: error }) : error
}

function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
