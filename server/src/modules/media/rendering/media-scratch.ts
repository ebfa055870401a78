import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
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

  return {
    async clear() {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
    },
    async withMaster(masterKey, work) {
      const outDir = await mkdtemp(join(folder, 'work-'))
      try {
        // Its own name for it: the object may move to another place while the work goes on.
        const masterPath = join(outDir, 'master')
        if (!(await blobs.copyTo(masterKey, masterPath))) throw new Error('the master is not in the store')
        return await work({ masterPath, outDir })
      } finally {
        await rm(outDir, { recursive: true, force: true })
      }
    },
  }
}
