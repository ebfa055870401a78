import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import { freeBytes } from '#platform/blobs/free-bytes.ts'
import { createHolder, endHolder, isHolderDead } from '#platform/db/holders.ts'
import { fault } from '#platform/http/fault.ts'

/** Folders for one piece of work each. */
export interface Scratch {
  /** Removes what killed processes left, and nothing of those that live. */
  clear(): Promise<void>
  /**
   * Gives the work a folder of its own and a path of the master, which it must not change. Rejects with
   * `server.storage_full` while work that takes so much room would reach into the database's.
   */
  withMaster<T>(
    master: { key: string; roomBytes: number },
    work: (paths: { masterPath: string; outDir: string }) => Promise<T>,
  ): Promise<T>
  /** What is still there may be removed. */
  close(): void
}

export function scratchFolder(dataFolder: string): string {
  return join(dataFolder, 'scratch')
}

/** On a disk shared with other machines nobody knows who still lives there: no work takes so long. */
const abandonedMs = 24 * 3_600_000

export async function createScratch(
  folder: string,
  blobs: BlobStore,
  reserveBytes: number,
): Promise<Scratch> {
  await mkdir(folder, { recursive: true })
  const holder = createHolder()
  const mark = (owner: string) => Buffer.from(owner).toString('base64url')

  async function isAbandoned(name: string): Promise<boolean> {
    const [, owner] = /^work-([\w-]+)\.[^.]+$/.exec(name) ?? []
    if (owner !== undefined && isHolderDead(Buffer.from(owner, 'base64url').toString())) return true
    const facts = await stat(join(folder, name)).catch(() => null)
    return facts !== null && Date.now() - facts.mtimeMs > abandonedMs
  }

  return {
    close: () => endHolder(holder),
    async clear() {
      for (const name of await readdir(folder))
        if (await isAbandoned(name)) await rm(join(folder, name), { recursive: true, force: true })
    },
    async withMaster({ key, roomBytes }, work) {
      // What is small may take of the reserve: it is there so that things can be brought to their end.
      if (roomBytes > 0 && (await freeBytes(folder)) - roomBytes < reserveBytes)
        throw fault('server.storage_full')
      const outDir = await mkdtemp(join(folder, `work-${mark(holder)}.`))
      try {
        // Its own name for it: the object may move to another place while the work goes on.
        const masterPath = join(outDir, 'master')
        if (!(await blobs.copyTo(key, masterPath))) throw new Error('the master is not in the store')
        return await work({ masterPath, outDir })
      } finally {
        await rm(outDir, { recursive: true, force: true })
      }
    },
  }
}
