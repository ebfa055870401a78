import { spawnSync } from 'node:child_process'
import { chmod, chown, lchown, lstat, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MadeFile, unexpected } from './media-made-files.ts'
import { scratchFolder } from './media-scratch.ts'

/** Whom decoding processes are where the server is root. */
export interface DecoderAccount {
  uid: number
  gid: number
}

/**
 * A number that no account has and that systemd gives to none (60706–61183 are free in its table): whoever takes a decoder over
 * through a file owns nothing on this machine.
 */
const nobodyElse: DecoderAccount = { uid: 61_177, gid: 61_177 }
const entry = fileURLToPath(new URL('../child/main.ts', import.meta.url))

interface AccountLog {
  warn(text: string): void
}

/**
 * Undefined: decoders are who the server is. So it is for everybody but root, and for root where others do not get through to
 * the program or to the data folder.
 */
export async function findDecoderAccount(
  folder: string,
  log: AccountLog,
): Promise<DecoderAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    await closeToOthers(folder)
    await tryOut(scratchFolder(folder), nobodyElse)
    return nobodyElse
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.warn(`decoding processes run as root: others do not get through to ${reason}`)
    return undefined
  }
}

/** Modes, access lists, mounts and containers all have a say, so it is tried. */
async function tryOut(scratch: string, account: DecoderAccount): Promise<void> {
  const outDir = await mkdtemp(join(scratch, 'trial-'))
  try {
    const masterPath = join(outDir, 'master')
    await writeFile(masterPath, '', { mode: 0o600 })
    await lend({ masterPath, outDir }, account)
    const script = 'test -x "$1" && test -r "$2" && test -r "$3/master" && echo > "$3/made"'
    const { status, error } = spawnSync('/bin/sh', ['-c', script, 'sh', process.execPath, entry, outDir], {
      ...account,
      cwd: '/',
      env: {},
      stdio: 'ignore',
    })
    if (status !== 0) throw error ?? new Error(`one of ${process.execPath}, ${entry}, ${outDir}`)
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

/** The data folder lets everybody pass, to the database, which has an account of its own: what they pass by is nothing of theirs. */
async function closeToOthers(folder: string): Promise<void> {
  for (const name of ['blobs', 'uploads']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 })
    await chmod(join(folder, name), 0o700)
  }
  await mkdir(scratchFolder(folder), { recursive: true })
  await chmod(scratchFolder(folder), 0o711)
}

interface Lent {
  masterPath: string
  outDir: string
}

/** The folder of one job becomes theirs; the master in it they may read. */
export async function lend({ masterPath, outDir }: Lent, { uid, gid }: DecoderAccount): Promise<void> {
  const { mode } = await stat(masterPath)
  // Also the object's in the store, to which only we get through.
  if ((mode & 0o004) === 0) await chmod(masterPath, (mode & 0o777) | 0o004)
  await chown(outDir, uid, gid)
}

/** Nobody can change what lies there any more; only then is it looked at: a link would show us something of ours. */
export async function takeBack(outDir: string, files: readonly MadeFile[]): Promise<void> {
  const [uid, gid] = [process.getuid!(), process.getgid!()]
  await chown(outDir, uid, gid)
  for (const { path } of files) {
    const facts = await lstat(path).catch(() => null)
    if (!facts?.isFile() || facts.nlink > 1) throw unexpected()
    await lchown(path, uid, gid)
  }
}
