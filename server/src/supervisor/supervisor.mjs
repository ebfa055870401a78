import path from 'node:path'
import { chooseDataFolder, ensureWritable } from './data-folder.mjs'
import { checkDatabaseUrl } from './database-url.mjs'
import { takeLock } from './instance-lock.mjs'
import { keepPostgres } from './keep-postgres.mjs'
import { ensurePortFree, readPort } from './port.mjs'
import { keepServer } from './server-process.mjs'
import { StartFault } from './start-fault.mjs'
import { catchStopSignals } from './stop-signals.mjs'

/** Ctrl-C is over within ten seconds: the server drains, then PostgreSQL has what is left. */
const SERVER_DRAIN_MS = 8000
const POSTGRES_STOP_MS = 1000
const WHOLE_STOP_MS = 9000

/**
 * @typedef {object} SuperviseOptions
 * @property {string} root the checkout
 * @property {NodeJS.ProcessEnv} env
 * @property {(line: string) => void} print
 * @property {(options: { log: (line: string) => void, signal: AbortSignal }) => Promise<string>} prepare whatever has to be there
 *   first; answers with the Node to run the server with
 * @property {string} [serverEntry]
 * @property {(context: { url: string, databaseUrl: string, dataDir: string, node: string }) => void} [onReady]
 */

/**
 * Runs Heliograph until it is told to stop.
 *
 * @param {SuperviseOptions} options
 * @returns {Promise<number>} the exit code
 */
export async function supervise({ root, env, print, prepare, onReady, serverEntry }) {
  const signals = catchStopSignals()
  /** @type {(() => Promise<void>)[]} what to undo, the last first */
  const undo = []
  /** @type {(() => void)[]} */
  const kill = []
  signals.onSecond(() => {
    print('Stopped at once')
    for (const end of kill.reverse()) end()
    process.exit(130)
  })

  try {
    const port = readPort(env)
    const dataDir = chooseDataFolder({ env, root, log: print })
    ensureWritable(dataDir)
    const lock = await takeLock({ dataDir, kind: 'instance', port, log: print })
    undo.push(async () => lock.release())
    kill.push(() => lock.release())
    await ensurePortFree({ port, host: env.HOST, patienceMs: lock.tookOver ? 5000 : 0 })
    const node = await prepare({ log: print, signal: signals.first })
    signals.first.throwIfAborted()

    const database = await openDatabase({ env, dataDir, print, signals, undo, kill })
    signals.first.throwIfAborted()
    print('Starting the server')
    const fault = await new Promise((resolve) => {
      signals.first.addEventListener('abort', () => resolve(undefined))
      const server = keepServer({
        node,
        entry: serverEntry ?? path.join(root, 'server', 'src', 'main.ts'),
        env: {
          // Halves the time that a start spends on reading the code.
          NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled'),
          ...env,
          HELIOGRAPH_DATA: dataDir,
          DATABASE_URL: database.url,
        },
        log: print,
        onStart: (process) => lock.note({ server: process }),
        whenUseful: database.whenUp,
        onFault: resolve,
        onReady: ({ url, ownerLink }) => {
          lock.note({ url })
          print(`Heliograph is ready at ${url}`)
          if (ownerLink) print(`Become the owner with this link, which works once: ${ownerLink}`)
          onReady?.({ url, databaseUrl: database.url, dataDir, node })
        },
      })
      undo.push(() => server.stop(SERVER_DRAIN_MS))
      kill.push(() => server.kill())
    })
    if (fault !== undefined) throw new StartFault(fault)
    print('Stopping')
    return 0
  } catch (error) {
    if (signals.first.aborted) return 0
    if (!(error instanceof StartFault)) throw error
    print(error.message)
    return 1
  } finally {
    for (const step of undo.reverse()) await step()
    if (signals.first.aborted) print('Stopped')
    signals.release()
  }
}

/**
 * @param {{ env: NodeJS.ProcessEnv, dataDir: string, print: (line: string) => void,
 *   signals: ReturnType<typeof catchStopSignals>, undo: (() => Promise<void>)[], kill: (() => void)[] }} options
 * @returns {Promise<{ url: string, whenUp: () => Promise<void> }>}
 */
async function openDatabase({ env, dataDir, print, signals, undo, kill }) {
  if (env.DATABASE_URL) {
    print('Trying the database that DATABASE_URL names')
    await checkDatabaseUrl(env.DATABASE_URL)
    return { url: env.DATABASE_URL, whenUp: async () => {} }
  }
  print('Starting PostgreSQL')
  const postgres = await keepPostgres({ dataDir, log: print })
  undo.push(() => postgres.stop(Math.max(POSTGRES_STOP_MS, signals.remaining(WHOLE_STOP_MS))))
  kill.push(() => postgres.kill())
  return postgres
}
