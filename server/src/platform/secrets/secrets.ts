import { hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a key is for; each use has a key of its own, so that one signature never passes for another. */
export type KeyUse =
  | 'cursors'
  | 'idempotency'
  | 'media'
  | 'edges'
  | 'bus'
  | 'totp'
  | 'passkeys'
  | 'devices'
  | 'push'
  | 'exports'

/** The one that is used, and behind it those of before that are still believed. */
export type Keys = readonly [Buffer, ...Buffer[]]

export interface Secrets {
  /** 32 bytes, the same at every start. */
  key(use: KeyUse): Buffer
  keys(use: KeyUse): Keys
  /** When the master took the place of another that is still believed; null: there is none. */
  changedAt: Date | null
}

interface OldMaster {
  master: Buffer
  /** When it was followed by another. */
  changedAt: Date
}

export function createSecrets(master: Buffer, old: OldMaster | null = null): Secrets {
  const masters = old === null ? [master] : [master, old.master]
  if (masters.some(({ length }) => length < 32)) throw new RangeError('the master secret needs 32 bytes')
  const known = new Map<KeyUse, Keys>()
  const keys: Secrets['keys'] = (use) => {
    let found = known.get(use)
    if (found === undefined) {
      const [first, ...rest] = masters.map((each) =>
        Buffer.from(hkdfSync('sha256', each, 'heliograph', use, 32)),
      )
      found = [first!, ...rest]
      known.set(use, found)
    }
    return found
  }
  return { keys, key: (use) => keys(use)[0], changedAt: old?.changedAt ?? null }
}

/** Reads `secrets.json` of the data folder; made at the first start, readable by its owner alone. */
export async function loadSecrets(folder: string): Promise<Secrets> {
  const { master, old } = await readMasters(folder)
  return createSecrets(master, old)
}

/** The keys were changed while a process was starting with those of before. */
export class SecretsChangedError extends Error {
  override readonly name = 'SecretsChangedError'
}

/**
 * Of two moments, being counted among those that run and this, one comes after a change of the keys: nobody who has the keys of
 * before alone is taken for one that has both.
 */
export async function requireSameSecrets(folder: string, secrets: Secrets): Promise<void> {
  const now = await loadSecrets(folder)
  if (!now.key('totp').equals(secrets.key('totp')))
    throw new SecretsChangedError('The keys were changed during the start. Start once more.')
}

/** Another master; the one there was is still believed. False: there are two already. One at a time, as is what follows. */
export async function changeMaster(folder: string, changedAt: Date): Promise<boolean> {
  const { master, old } = await readMasters(folder)
  if (old !== null) return false
  await writeMasters(folder, { master: randomBytes(32), old: { master, changedAt } })
  return true
}

/**
 * From the next start on nothing is believed that an older master made. False: the keys were changed anew, or it was forgotten,
 * since `changedAt`; what was sealed with the one before may not be sealed anew.
 */
export async function forgetOldMaster(folder: string, changedAt: Date): Promise<boolean> {
  const { master, old } = await readMasters(folder)
  if (old?.changedAt.getTime() !== changedAt.getTime()) return false
  await writeMasters(folder, { master, old: null })
  return true
}

interface Masters {
  master: Buffer
  old: OldMaster | null
}

async function readMasters(folder: string): Promise<Masters> {
  const file = join(folder, 'secrets.json')
  const text = (await readIfThere(file)) ?? (await generate(file))
  const { master, before, changedAt } = JSON.parse(text) as Record<string, unknown>
  if (typeof master !== 'string') throw new Error('secrets.json holds no master secret')
  const old = typeof before === 'string' &&
    typeof changedAt === 'string' && {
      master: Buffer.from(before, 'base64url'),
      changedAt: new Date(changedAt),
    }
  return { master: Buffer.from(master, 'base64url'), old: old || null }
}

/** In one step: whoever reads finds the one or the other. */
async function writeMasters(folder: string, { master, old }: Masters): Promise<void> {
  const content = {
    version: 1,
    master: master.toString('base64url'),
    ...(old && { before: old.master.toString('base64url'), changedAt: old.changedAt.toISOString() }),
  }
  const file = join(folder, 'secrets.json')
  const { uid, gid } = await stat(file)
  const draft = await writeDraft(file, `${JSON.stringify(content)}\n`, { uid, gid })
  await rename(draft, file)
  await forgetDrafts(folder)
  await syncFolder(folder)
}

/** What somebody who was killed left of it holds masters too. */
async function forgetDrafts(folder: string): Promise<void> {
  const names = await readdir(folder)
  for (const name of names)
    if (/^secrets\.json\.[0-9a-f]{12}$/.test(name)) await rm(join(folder, name), { force: true })
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** `link` refuses to replace: of two processes that start at once both end with the same secrets. */
async function generate(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  const text = `${JSON.stringify({ version: 1, master: randomBytes(32).toString('base64url') })}\n`
  const draft = await writeDraft(file, text)
  try {
    await link(draft, file)
    await syncFolder(dirname(file))
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return await readFile(file, 'utf8')
  } finally {
    await unlink(draft)
  }
}

/** `owner`: who root gives it to; a server that has another account could not read it any more. */
async function writeDraft(file: string, text: string, owner?: { uid: number; gid: number }): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    if (owner && process.getuid?.() === 0) await handle.chown(owner.uid, owner.gid)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return draft
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
