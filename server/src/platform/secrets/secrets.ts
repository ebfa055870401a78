import { hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
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

export interface Secrets {
  /** 32 bytes, the same at every start. */
  key(use: KeyUse): Buffer
}

export function createSecrets(master: Buffer): Secrets {
  if (master.length < 32) throw new RangeError('the master secret needs 32 bytes')
  const keys = new Map<KeyUse, Buffer>()
  return {
    key(use) {
      let key = keys.get(use)
      if (key === undefined) {
        key = Buffer.from(hkdfSync('sha256', master, 'heliograph', use, 32))
        keys.set(use, key)
      }
      return key
    },
  }
}

/** Reads `secrets.json` of the data folder; made at the first start, readable by its owner alone. */
export async function loadSecrets(folder: string): Promise<Secrets> {
  const file = join(folder, 'secrets.json')
  const text = (await readIfThere(file)) ?? (await generate(file))
  const { master } = JSON.parse(text) as { master?: unknown }
  if (typeof master !== 'string') throw new Error('secrets.json holds no master secret')
  return createSecrets(Buffer.from(master, 'base64url'))
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
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
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

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
