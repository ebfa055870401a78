import path from 'node:path'
import { chooseDataFolder, ensureWritable } from './data-folder.mjs'
import { checkDatabaseUrl } from './database-url.mjs'
import { takeLock } from './instance-lock.mjs'
import { keepPostgres } from './keep-postgres.mjs'
import { boundLog } from './log-file.mjs'
import { ensurePortFree, readPort } from './port.mjs'
import { keepServer } from './server-process.mjs'
import { checkSettings } from './settings-check.mjs'
import { StartFault } from './start-fault.mjs'
import { catchStopSignals } from './stop-signals.mjs'

/** Ctrl-C is over within ten seconds: the server drains, then PostgreSQL has what is left. */
const SERVER_DRAIN_MS = 8000
const POSTGRES_STOP_MS = 1000
const WHOLE_STOP_MS = 9000

/** Stands for our own database while it does not run yet; nobody calls it. */
const ANY_DATABASE = 'postgres://localhost/heliograph'

/**
 * @typedef {object} SuperviseOptions
 * @property {string} root the checkout
 * @property {NodeJS.ProcessEnv} env
 * @property {(line: string) => void} print
 * @property {(options: { log: (line: string) => void, signal: AbortSignal }) => Promise<string>} prepare whatever has to be there
 *   first; answers with the Node to run the server with
 * @property {string} [serverEntry]
 * @property {boolean} [logToFile] for a person at a terminal: the server's log into the data folder, so that what we print can
 *   be read
 * @property {(context: { url: string, databaseUrl: string, dataDir: string, node: string }) => void} [onReady]
 */

/**
 * What has been begun and how it is ended, the last first: in order, or at once.
 * @typedef {{ end: () => Promise<void> | void, kill?: () => void }} Begun
 * @typedef {{ signals: ReturnType<typeof catchStopSignals>, begun: Begun[] }} Session
 */

/**
 * Runs Heliograph until it is told to stop.
 *
 * @param {SuperviseOptions} options
 * @returns {Promise<number>} the exit code
 */
export async function supervise(options) {
  const { print } = options
  /** @type {Session} */
  const session = { signals: catchStopSignals(), begun: [] }
  const { first } = session.signals
  session.signals.onSecond(() => {
    print('Stopped at once')
    for (const { kill } of session.begun.reverse()) kill?.()
    process.exit(130)
  })
  try {
    await run(options, session)
    print('Stopping')
    return 0
  } catch (error) {
    if (first.aborted) return 0
    if (!(error instanceof StartFault)) throw error
    print(error.message)
    return 1
  } finally {
    for (const { end } of session.begun.reverse()) await end()
    if (first.aborted) print('Stopped')
    session.signals.release()
  }
}

/**
 * @param {SuperviseOptions} options
 * @param {Session} session
 */
async function run({ root, env, print, prepare, serverEntry, logToFile, onReady }, session) {
  const { first } = session.signals
  const port = readPort(env)
  const dataDir = chooseDataFolder({ env, root, log: print })
  ensureWritable(dataDir)
  const isShared = Boolean(env.DATABASE_URL && env.REDIS_URL)
  const lock = await takeLock({ dataDir, kind: 'instance', port, isShared, log: print })
  session.begun.push({ end: lock.release, kill: lock.release })
  await ensurePortFree({ port, host: env.HOST, patienceMs: lock.tookOver ? 5000 : 0 })
  const node = await prepare({ log: print, signal: first })
  first.throwIfAborted()
  const settings = { root, env, dataDir, databaseUrl: env.DATABASE_URL || ANY_DATABASE }
  await checkSettings({ node, root, env: serverEnv(settings), signal: first })
  first.throwIfAborted()

  const database = await openDatabase({ env, dataDir, print, session })
  first.throwIfAborted()
  const logFile = logToFile ? openLog(dataDir, session) : undefined
  print(logFile ? `Starting the server (its log: ${logFile})` : 'Starting the server')
  await /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      first.addEventListener('abort', () => resolve())
      const server = keepServer({
        node,
        entry: serverEntry ?? path.join(root, 'server', 'src', 'main.ts'),
        env: serverEnv({ root, env, dataDir, databaseUrl: database.url }),
        log: print,
        logFile,
        whenUseful: database.whenUp,
        onStart: (process) => lock.note({ server: process }),
        onFault: (sentence) => reject(new StartFault(sentence)),
        onReady: ({ url, serves, ownerLink, again }) => {
          if (serves) lock.note({ url })
          print(readyLine({ url, serves, again }))
          // Each start of the server draws a new one, so the one printed before is void.
          if (ownerLink) print(`Become the owner with this link, which works once: ${ownerLink}`)
          if (!again) onReady?.({ url, databaseUrl: database.url, dataDir, node })
        },
      })
      session.begun.push({ end: () => server.stop(SERVER_DRAIN_MS), kill: server.kill })
    })
  )
}

/** @param {{ url: string, serves: boolean, again: boolean }} server */
function readyLine({ url, serves, again }) {
  if (!serves) return `Heliograph's worker is ${again ? 'back' : 'ready'}; how it is: ${url}/readyz`
  return again ? `The server is back at ${url}` : `Heliograph is ready at ${url}`
}

/**
 * @param {{ env: NodeJS.ProcessEnv, dataDir: string, print: (line: string) => void, session: Session }} options
 * @returns {Promise<{ url: string, whenUp: () => Promise<void> }>}
 */
async function openDatabase({ env, dataDir, print, session }) {
  if (env.DATABASE_URL) {
    print('Trying the database that DATABASE_URL names')
    await checkDatabaseUrl(env.DATABASE_URL)
    return { url: env.DATABASE_URL, whenUp: async () => {} }
  }
  print('Starting PostgreSQL')
  const postgres = await keepPostgres({ dataDir, log: print })
  session.begun.push({
    end: () => postgres.stop(Math.max(POSTGRES_STOP_MS, session.signals.remaining(WHOLE_STOP_MS))),
    kill: postgres.kill,
  })
  return postgres
}

/**
 * @param {string} dataDir
 * @param {Session} session
 */
function openLog(dataDir, session) {
  const file = path.join(dataDir, 'server.log')
  session.begun.push({ end: boundLog(file) })
  return file
}

/**
 * @param {{ root: string, env: NodeJS.ProcessEnv, dataDir: string, databaseUrl: string }} options
 * @returns {NodeJS.ProcessEnv}
 */
function serverEnv({ root, env, dataDir, databaseUrl }) {
  return {
    // Halves the time that a start spends on reading the code.
    NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled'),
    ...env,
    HELIOGRAPH_DATA: dataDir,
    DATABASE_URL: databaseUrl,
  }
}
