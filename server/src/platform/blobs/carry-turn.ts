import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHolder, endHolder, isHolderDead } from '../db/holders.ts'

/** An object takes minutes at most; a mark that is older was left by a machine that nobody can ask. */
const turnLifeMs = 24 * 3_600_000

/** Beside the copies under way: who is carrying what. */
export function turnsFolder(scratch: string): string {
  return join(scratch, 'turns')
}

export function turnMark(key: string, holder: string): string {
  const what = createHash('sha256').update(key).digest('hex').slice(0, 32)
  return `${what}.${Buffer.from(holder).toString('base64url')}`
}

/**
 * One at a time for each object: who finds the source gone takes it for deleted, and of two the second would find it gone
 * because the first had carried it. Null: somebody else is at it; of two that begin in the same moment neither goes on.
 * Who was killed is in nobody's way.
 */
export async function takeCarryTurn(scratch: string, key: string): Promise<(() => Promise<void>) | null> {
  const folder = turnsFolder(scratch)
  await mkdir(folder, { recursive: true })
  const holder = createHolder()
  const own = turnMark(key, holder)
  const end = async () => {
    endHolder(holder)
    await rm(join(folder, own), { force: true })
  }
  await writeFile(join(folder, own), '')
  const [what = ''] = own.split('.')
  for (const name of await readdir(folder)) {
    if (name === own || !name.startsWith(`${what}.`)) continue
    if (await isLeft(join(folder, name), name)) {
      await rm(join(folder, name), { force: true })
      continue
    }
    await end()
    return null
  }
  return end
}

async function isLeft(path: string, name: string): Promise<boolean> {
  const [, mark = ''] = name.split('.')
  if (isHolderDead(Buffer.from(mark, 'base64url').toString())) return true
  const facts = await stat(path).catch(() => null)
  return facts === null || Date.now() - facts.mtimeMs > turnLifeMs
}
