import { spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from './data-folder.mjs'
import { boundLog, lastFatal, logSize, readLogFrom } from './log-file.mjs'
import { preparePostgresBinaries } from './postgres-binaries.mjs'
import {
  checkClusterVersion,
  clusterDir,
  createCluster,
  postgresEnv,
  readSecrets,
} from './postgres-cluster.mjs'
import { connectWhenReady, ensureDatabase, socketUrl } from './postgres-database.mjs'
import { clearRemains, livePostmaster, until } from './postgres-postmaster.mjs'
import { serverSettings, settingArguments } from './postgres-settings.mjs'
import { prepareSocketDir } from './postgres-socket.mjs'
import { processKey, signalProcess } from './process-identity.mjs'
import { StartFault } from './start-fault.mjs'
import { asUser, canReach, findOrCreateSystemUser, isRoot } from './system-user.mjs'

/** @typedef {import('./system-user.mjs').SystemUser} SystemUser */

/**
 * A running PostgreSQL.
 * @typedef {object} Postgres
 * @property {string} url for the application, over the private socket
 * @property {boolean} adopted whether it ran already: an earlier supervisor was killed and left it
 * @property {number} pid
 * @property {() => boolean} alive
 * @property {Promise<void>} exited resolves when the postmaster is gone, for whatever reason
 * @property {(options?: { withinMs?: number }) => Promise<void>} stop fast mode; when that takes too long, immediate mode, from
 *   which the next start recovers
 * @property {() => void} kill immediate mode, without waiting
 */

/**
 * @typedef {object} OpenOptions
 * @property {string} dataDir
 * @property {(line: string) => void} [log] progress, a line each
 * @property {Record<string, string>} [settings] PostgreSQL settings over ours
 * @property {boolean} [durable] false for tests: no fsync, and the server ends with the process that opened it
 */

/**
 * Starts the PostgreSQL of a data folder, or takes over the one that runs there already.
 *
 * @param {OpenOptions} options
 * @returns {Promise<Postgres>}
 */
export async function openPostgres({ dataDir, log = () => {}, settings = {}, durable = true }) {
  makeFolder(path.resolve(dataDir))
  const home = realpathSync(dataDir)
  const cluster = clusterDir(home)
  checkClusterVersion(cluster)
  const user = chooseUser(home, cluster, log)
  const native = await preparePostgresBinaries({ user, copyTo: home, log })
  const socketDir = await prepareSocketDir(home, user)
  const args = ['-D', cluster, ...settingArguments(serverSettings({ socketDir, durable, settings }))]
  const context = { home, cluster, user, native, socketDir, args, durable, log }

  const adopted = await adopt(context)
  if (adopted) return adopted
  if (existsSync(cluster)) {
    await clearRemains(context)
  } else {
    log('Making the database')
    await createCluster({ dataDir: home, privateDir: socketDir, native, user, durable })
  }
  return start(context, 3)
}

/**
 * The URL of the PostgreSQL that runs in a data folder, without touching it: for a command beside a running instance.
 *
 * @param {string} dataDir
 * @returns {string | undefined}
 */
export function findPostgresUrl(dataDir) {
  if (!existsSync(clusterDir(dataDir))) return undefined
  const home = realpathSync(dataDir)
  const live = livePostmaster(clusterDir(home))
  return live && applicationUrl(home, live.socketDir)
}

/**
 * @typedef {{ home: string, cluster: string, user: SystemUser | undefined, native: string, socketDir: string,
 *   args: string[], durable: boolean, log: (line: string) => void }} Context
 */

/**
 * @param {string} home
 * @param {string} cluster
 * @param {(line: string) => void} log
 * @returns {SystemUser | undefined}
 */
function chooseUser(home, cluster, log) {
  if (!isRoot()) return undefined
  const user = ownerOf(cluster) ?? findOrCreateSystemUser(log)
  // Others may pass through the data folder to what is theirs in it, not list it.
  if ((statSync(home).mode & 0o011) !== 0o011) chmodSync(home, (statSync(home).mode & 0o7777) | 0o011)
  if (canReach(user, home)) return user
  throw new StartFault(
    `PostgreSQL runs as the system user "${user.name}", which cannot reach the data folder ${home}: a folder above it is closed to others. Choose a folder elsewhere: HELIOGRAPH_DATA=/var/lib/heliograph npm start`,
  )
}

/**
 * A database that was made by an ordinary user stays that user's when root starts it.
 *
 * @param {string} cluster
 * @returns {SystemUser | undefined}
 */
function ownerOf(cluster) {
  if (!existsSync(cluster)) return undefined
  const { uid, gid } = statSync(cluster)
  return uid === 0 ? undefined : { name: `uid ${uid}`, uid, gid }
}

/**
 * @param {Context} context
 * @returns {Promise<Postgres | undefined>}
 */
async function adopt(context) {
  const { home, cluster, native, socketDir, args, log } = context
  const live = existsSync(cluster) ? livePostmaster(cluster) : undefined
  if (!live) return undefined
  const isDead = () => processKey(live.pid) === undefined
  if (live.socketDir === socketDir && startedAs(cluster, path.join(native, 'bin', 'postgres'), args)) {
    const client = await connectWhenReady({
      url: ownerUrl(home, live.socketDir),
      isDead,
      withinMs: 60_000,
      log,
    })
    if (client) {
      await ensureDatabase(client, readSecrets(home))
      await client.end()
      log(`PostgreSQL still runs from before (process ${live.pid}): taken over`)
      return handle({ context, pid: live.pid, adopted: true })
    }
  }
  log('PostgreSQL still runs from before, with other settings: starting it anew')
  await stopPostmaster(live.pid, 20_000)
  return undefined
}

/**
 * PostgreSQL notes its own command line; another one means other settings or another version of ours.
 *
 * @param {string} cluster
 * @param {string} program
 * @param {string[]} args
 */
function startedAs(cluster, program, args) {
  try {
    const noted = readFileSync(path.join(cluster, 'postmaster.opts'), 'utf8').trim()
    return noted === [program, ...args.map((arg) => `"${arg}"`)].join(' ')
  } catch {
    return false
  }
}

/**
 * @param {Context} context
 * @param {number} attempts
 * @returns {Promise<Postgres>}
 */
async function start(context, attempts) {
  const { home, log } = context
  const logFile = path.join(home, 'postgres.log')
  const logStart = logSize(logFile)
  const child = spawnPostmaster(context, logFile)
  const isDead = () => child.exitCode !== null || child.signalCode !== null
  const url = ownerUrl(home, context.socketDir)
  const client = await connectWhenReady({ url, isDead, withinMs: 3_600_000, log })
  if (client) {
    await ensureDatabase(client, readSecrets(home))
    await client.end()
    return handle({ context, pid: /** @type {number} */ (child.pid), adopted: false, child })
  }
  const said = readLogFrom(logFile, logStart)
  if (attempts > 1 && /still in use|already exists|Is another postmaster/i.test(said)) {
    await sleep(500)
    await clearRemains(context)
    return start(context, attempts - 1)
  }
  throw startFault(said, logFile)
}

/**
 * In a session of its own: Ctrl-C in the terminal reaches only the supervisor, which stops PostgreSQL last.
 *
 * @param {Context} context
 * @param {string} logFile
 */
function spawnPostmaster({ native, args, user }, logFile) {
  const out = openSync(logFile, 'a', 0o600)
  try {
    const child = spawn(path.join(native, 'bin', 'postgres'), args, {
      ...asUser(user),
      cwd: '/',
      env: postgresEnv(),
      detached: true,
      stdio: ['ignore', out, out],
    })
    child.unref()
    return child
  } finally {
    closeSync(out)
  }
}

/**
 * @param {string} said
 * @param {string} logFile
 */
function startFault(said, logFile) {
  if (/No space left on device/i.test(said)) {
    return new StartFault(
      'The disk is full: PostgreSQL cannot start. Free some space (about 100 MB are needed) and start again; nothing is lost.',
    )
  }
  if (/still in use|Is another postmaster/i.test(said)) {
    return new StartFault(
      'Another PostgreSQL still works in the data folder. End its processes (`ps -ef | grep postgres`), then start again.',
    )
  }
  return new StartFault(`PostgreSQL did not start: ${lastFatal(said)} (its log: ${logFile})`)
}

/**
 * @param {{ context: Context, pid: number, adopted: boolean, child?: import('node:child_process').ChildProcess }} options
 * @returns {Postgres}
 */
function handle({ context, pid, adopted, child }) {
  const key = processKey(pid)
  const alive = () => key !== undefined && processKey(pid) === key
  const stopBounding = boundLog(path.join(context.home, 'postgres.log'))
  if (!context.durable) endWithUs(pid)
  return {
    url: applicationUrl(context.home, context.socketDir),
    adopted,
    pid,
    alive,
    exited: whenGone(alive, child),
    stop: async ({ withinMs = 30_000 } = {}) => {
      stopBounding()
      if (alive()) await stopPostmaster(pid, withinMs)
      removeOutsideFolder(context)
    },
    kill: () => {
      if (alive()) signalProcess(pid, 'SIGQUIT')
    },
  }
}

/**
 * A socket folder in the machine's temporary folder is made anew each time.
 *
 * @param {Context} context
 */
function removeOutsideFolder({ home, socketDir }) {
  if (socketDir.startsWith(home)) return
  try {
    rmdirSync(socketDir)
  } catch {
    // Not empty: PostgreSQL was killed rather than stopped, and the next start looks after it.
  }
}

/**
 * @param {() => boolean} alive
 * @param {import('node:child_process').ChildProcess | undefined} child
 * @returns {Promise<void>}
 */
function whenGone(alive, child) {
  return new Promise((resolve) => {
    if (child) {
      if (child.exitCode !== null || child.signalCode !== null) resolve()
      else child.once('exit', () => resolve())
      return
    }
    // Somebody else's child tells us nothing when it ends.
    const timer = setInterval(() => {
      if (alive()) return
      clearInterval(timer)
      resolve()
    }, 500)
    timer.unref()
  })
}

/**
 * @param {number} pid
 * @param {number} withinMs
 */
async function stopPostmaster(pid, withinMs) {
  const key = processKey(pid)
  const gone = () => processKey(pid) !== key
  signalProcess(pid, 'SIGINT')
  if (await until(gone, withinMs)) return
  signalProcess(pid, 'SIGQUIT')
  if (await until(gone, 5000)) return
  signalProcess(pid, 'SIGKILL')
  await until(gone, 2000)
}

/**
 * A throw-away server must not outlive the tests, not even those that are killed: a shell waits for our end of a pipe to
 * close.
 *
 * @param {number} pid
 */
function endWithUs(pid) {
  const watcher = spawn('/bin/sh', ['-c', `cat >/dev/null; kill -QUIT ${pid} 2>/dev/null`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.unref()
  const pipe = /** @type {import('node:net').Socket} */ (watcher.stdin)
  pipe.on('error', () => {})
  pipe.unref()
}

/**
 * @param {string} home
 * @param {string} socketDir
 */
function applicationUrl(home, socketDir) {
  const password = readSecrets(home).heliograph
  return socketUrl({ socketDir, user: 'heliograph', password, database: 'heliograph' })
}

/**
 * @param {string} home
 * @param {string} socketDir
 */
function ownerUrl(home, socketDir) {
  return socketUrl({
    socketDir,
    user: 'postgres',
    password: readSecrets(home).postgres,
    database: 'postgres',
  })
}
