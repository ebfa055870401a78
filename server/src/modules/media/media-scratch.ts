import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BlobStore } from '#platform/blobs/blobs.ts'

/** Folders for one piece of work each. */
export interface Scratch {
  /** Removes what a killed process left; only for the one that serves, while nothing is under way. */
  clear(): Promise<void>
  /** Gives the work a folder of its own and a path of the master, which it must not change. */
  withMaster<T>(
    masterKey: string,
    work: (paths: { masterPath: string; outDir: string }) => Promise<T>,
  ): Promise<T>
}

export async function createScratch(folder: string, blobs: BlobStore): Promise<Scratch> {
  await mkdir(folder, { recursive: true })

  async function pathOfMaster(masterKey: string, outDir: string): Promise<string> {
    const local = blobs.localPath(masterKey)
    if (local !== null) return local
    const object = await blobs.open(masterKey)
    if (object === null) throw new Error('the master is not in the store')
    const path = join(outDir, 'master')
    await pipeline(object.stream, createWriteStream(path))
    return path
  }

  return {
    async clear() {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
    },
    async withMaster(masterKey, work) {
      const outDir = await mkdtemp(join(folder, 'work-'))
      try {
        return await work({ masterPath: await pathOfMaster(masterKey, outDir), outDir })
      } finally {
        await rm(outDir, { recursive: true, force: true })
      }
    },
  }
}
