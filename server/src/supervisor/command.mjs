import { spawn } from 'node:child_process'
import path from 'node:path'
import { ensureInstalled, hasPackages } from '../../../scripts/lib/install.mjs'
import { findNode } from '../../../scripts/lib/packaged-node.mjs'
import { root } from '../../../scripts/lib/root.mjs'
import { chooseDataFolder, ensureWritable, requireInstance } from './data-folder.mjs'
import { readHolder, takeLock } from './instance-lock.mjs'
import { findPostgresUrl, openPostgres } from './postgres.mjs'
import { StartFault } from './start-fault.mjs'

/**
 * Runs a command of cli.ts with the database it needs: the one of DATABASE_URL, that of the running instance, or that of the
 * data folder, started for as long as the command takes.
 *
 * @param {{ args: string[], needsDatabase: boolean }} options
 * @returns {Promise<number>}
 */
export async function runCommand({ args, needsDatabase }) {
  const log = (/** @type {string} */ line) => console.error(line)
  // Not brought up to date here: that would pull the packages from under a running instance.
  if (!hasPackages()) await ensureInstalled({ what: 'the packages', log })
  const node = findNode()
  const dataDir = chooseDataFolder({ env: process.env, root, log })
  const holder = readHolder(dataDir)
  const url = holder?.kind === 'instance' ? holder.url : undefined
  const given = process.env.DATABASE_URL
  if (needsDatabase && holder?.kind !== 'instance') requireInstance(dataDir)
  // The app keeps its secrets there, whoever runs the database.
  if (given && needsDatabase) ensureWritable(dataDir)
  if (given || !needsDatabase) return ended(spawnCli({ node, args, dataDir, url, databaseUrl: given }))
  if (holder?.kind === 'instance') {
    const databaseUrl = findPostgresUrl(dataDir)
    if (databaseUrl) return ended(spawnCli({ node, args, dataDir, url, databaseUrl }))
    throw new StartFault('Heliograph is just starting or stopping. Try again in a moment.')
  }
  return withOwnPostgres({ dataDir, log }, (databaseUrl) =>
    ended(spawnCli({ node, args, dataDir, databaseUrl })),
  )
}

/**
 * @param {{ dataDir: string, log: (line: string) => void }} options
 * @param {(databaseUrl: string) => Promise<number>} work
 */
async function withOwnPostgres({ dataDir, log }, work) {
  ensureWritable(dataDir)
  // The command is told as well, by the terminal or by ended(); we stay to stop PostgreSQL after it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  const lock = await takeLock({ dataDir, kind: 'command', log })
  try {
    const postgres = await openPostgres({ dataDir, log })
    try {
      return await work(postgres.url)
    } finally {
      await postgres.stop()
    }
  } finally {
    lock.release()
  }
}

/**
 * @param {{ node: string, args: string[], dataDir: string, url?: string | undefined, databaseUrl?: string | undefined }} options
 */
export function spawnCli({ node, args, dataDir, url, databaseUrl }) {
  const entry = path.join(root, 'server', 'src', 'cli', 'cli.ts')
  return spawn(node, [entry, ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      HELIOGRAPH_DATA: dataDir,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      ...(url ? { HELIOGRAPH_URL: url } : {}),
    },
  })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}
