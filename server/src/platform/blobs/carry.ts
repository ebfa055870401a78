import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createHolder, endHolder, isHolderDead } from '../db/holders.ts'
import { type BlobStore, hashBlob, type StoredObject, typeOfBlob } from './blobs.ts'
import { takeCarryTurn } from './carry-turn.ts'

/** `busy`: somebody else is carrying it at this moment. */
export type Carried = 'moved' | 'gone' | 'busy'

export interface Carriage {
  from: BlobStore
  to: BlobStore
  /** A folder for copies under way, best on the disk of a place that is one. */
  scratch: string
}

/**
 * Copies an object and reads the copy back before the source goes. Killed at any point it leaves the object in one
 * place or in both, never in none; doing it again ends it.
 */
export async function carryBlob(key: string, carriage: Carriage): Promise<Carried> {
  const endTurn = await takeCarryTurn(carriage.scratch, key)
  if (endTurn === null) return 'busy'
  return await carryAlone(key, carriage).finally(endTurn)
}

async function carryAlone(key: string, { from, to, scratch }: Carriage): Promise<Carried> {
  if ((await copyBlob(key, { from, to, scratch })) === null) return 'gone'
  // Deleted meanwhile: the copy must not outlive it.
  if ((await from.stat(key)) === null) {
    await to.delete(key)
    return 'gone'
  }
  await from.delete(key)
  return 'moved'
}

/** Null when there is nothing to copy. With `keepsBoth` two folders of one disk do not share the bytes. */
export async function copyBlob(
  key: string,
  { from, to, scratch, keepsBoth = false }: Carriage & { keepsBoth?: boolean },
): Promise<StoredObject | null> {
  return await inCarryFolder(scratch, async (folder) => {
    const path = join(folder, 'object')
    if (!(await from.copyTo(key, path))) return null
    const own = (await stat(path)).nlink > 1 && keepsBoth ? `${path}-own` : path
    if (own !== path) await copyFile(path, own)
    const sent = await to.putFile(key, own, { type: typeOfBlob(key) })
    const arrived = await hashBlob(to, key)
    if (arrived?.sha256 !== sent.sha256) throw new Error(`${to.name}: a copy did not arrive whole`)
    return sent
  })
}

/** A folder for what is on its way into a store. It says who is at it: whoever comes next takes away what the dead left. */
export async function inCarryFolder<T>(scratch: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(scratch, { recursive: true })
  await tidyCarried(scratch)
  const holder = createHolder()
  try {
    const folder = await mkdtemp(join(scratch, carryPrefix(holder)))
    return await work(folder).finally(() => rm(folder, { recursive: true, force: true }))
  } finally {
    endHolder(holder)
  }
}

export function carryPrefix(holder: string): string {
  return `carry-${Buffer.from(holder).toString('base64url')}.`
}

/** A copy takes minutes at most; a folder that is older was left by a machine that nobody can ask. */
const scratchLifeMs = 24 * 3_600_000

export async function tidyCarried(scratch: string): Promise<void> {
  const names = (await readdir(scratch).catch(() => [])).filter((name) => name.startsWith('carry-'))
  for (const name of names)
    if (await isLeft(join(scratch, name), name))
      await rm(join(scratch, name), { recursive: true, force: true })
}

async function isLeft(path: string, name: string): Promise<boolean> {
  const [holder = ''] = name.slice('carry-'.length).split('.')
  if (isHolderDead(Buffer.from(holder, 'base64url').toString())) return true
  const facts = await stat(path).catch(() => null)
  return facts !== null && Date.now() - facts.mtimeMs > scratchLifeMs
}
