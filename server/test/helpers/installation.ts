import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readHolder } from '../../src/supervisor/instance-lock.mjs'
import { processesIn, processKey, signalProcess } from '../../src/supervisor/process-identity.mjs'
import { freePort } from './free-ports.ts'

// The real thing, as an operator starts it: supervisor, PostgreSQL, server and media children in a data folder and on
// a port of their own. Which processes those are can be told on Linux alone.

const launcher = fileURLToPath(new URL('../../../bin/heliograph.mjs', import.meta.url))

export type Victim = 'supervisor' | 'server' | 'media child' | 'postmaster'

export interface Installation extends AsyncDisposable {
  readonly url: string
  /** Everything that all starts together have printed. */
  output(): string
  /** Resolves when it can be used. */
  start(): Promise<void>
  /** As by Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>
  /** Ends one process by force; false: there is none of this kind just now. */
  kill(victim: Victim): Promise<boolean>
  /** Resident bytes of the server, and of the media child that has most; 0: there is none just now. */
  memory(): Promise<{ server: number; mediaChild: number }>
  /** The supervisor's process ends, for whatever reason. */
  ended(): Promise<void>
  /** `heliograph <args> --json` on this data folder. */
  command(...args: string[]): Promise<unknown>
  /** Processes that were ever seen to belong to it and still run. */
  remaining(): Promise<string[]>
}

interface Seen {
  pid: number
  key: string
  what: string
}

export interface InstallationOptions {
  /** Settings by environment. */
  env?: Record<string, string>
  /** An empty folder for its data, instead of a temporary one. */
  dataFolder?: string
}

export async function createInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const { env = {}, dataFolder } = options
  const folder = await realpath(dataFolder ?? (await mkdtemp(join(tmpdir(), 'heliograph-kill-'))))
  // PostgreSQL's own user has to pass through when all this runs as root.
  await chmod(folder, 0o711)
  const port = await freePort()
  const settings = cleanEnvironment({
    HELIOGRAPH_DATA: folder,
    PORT: String(port),
    LOG_LEVEL: 'error',
    ...env,
  })
  const seen = new Map<string, Seen>()
  let output = ''
  let supervisor: ChildProcess | undefined

  const note = (pid: number | undefined, what: string) => {
    const key = pid === undefined ? undefined : processKey(pid)
    if (pid !== undefined && key !== undefined) seen.set(`${pid} ${key}`, { pid, key, what })
  }
  /** The lock names the last one, also while the next is being started. */
  const serverPid = () => {
    const server = readHolder(folder)?.server
    return server && processKey(server.pid) === server.key ? server.pid : undefined
  }
  const find: Record<Victim, () => Promise<number | undefined>> = {
    supervisor: async () => supervisor?.pid,
    server: async () => serverPid(),
    'media child': async () => (await mediaChildren(serverPid()))[0],
    postmaster: () => postmasterOf(folder),
  }
  async function look(): Promise<void> {
    note(serverPid(), 'server')
    for (const pid of await mediaChildren(serverPid())) note(pid, 'media child')
    for (const pid of processesIn(join(folder, 'postgres')) ?? []) note(pid, 'PostgreSQL')
  }

  const installation: Installation = {
    url: `http://localhost:${port}`,
    output: () => output,
    async start() {
      const from = output.length
      const child = spawn(process.execPath, [launcher, 'start'], {
        env: settings,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      supervisor = child
      note(child.pid, 'supervisor')
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      while (!output.slice(from).includes('Heliograph is ready at')) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended:\n${output}`)
        await sleep(20)
      }
      await look()
    },
    async stop() {
      const child = supervisor
      if (!child || hasEnded(child)) return child?.exitCode ?? null
      await look()
      const closed = once(child, 'exit')
      child.kill('SIGINT')
      await closed
      return child.exitCode
    },
    async kill(victim) {
      await look()
      const pid = await find[victim]()
      return pid !== undefined && processKey(pid) !== undefined && signalProcess(pid, 'SIGKILL')
    },
    async memory() {
      const server = serverPid()
      const children = await Promise.all((await mediaChildren(server)).map(residentBytes))
      return { server: await residentBytes(server), mediaChild: Math.max(0, ...children) }
    },
    async ended() {
      if (supervisor && !hasEnded(supervisor)) await once(supervisor, 'exit')
    },
    async command(...args) {
      const run = promisify(execFile)
      const { stdout } = await run(process.execPath, [launcher, '--json', ...args], { env: settings })
      return JSON.parse(stdout)
    },
    async remaining() {
      await look()
      return [...seen.values()]
        .filter(({ pid, key }) => processKey(pid) === key)
        .map(({ pid, what }) => `${what} ${pid}`)
    },
    async [Symbol.asyncDispose]() {
      await installation.stop()
      for (const { pid, key } of seen.values()) if (processKey(pid) === key) process.kill(pid, 'SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return installation
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** What this shell or the test runner has set must not reach the installation. */
function cleanEnvironment(own: Record<string, string>): NodeJS.ProcessEnv {
  const foreign =
    /^(DATABASE_|HELIOGRAPH_|NODE_TEST|NODE_OPTIONS|PUBLIC_URL|HOST$|ROLES$|TRUSTED_|RATE_|S3_|SMTP_)/
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  return { ...Object.fromEntries(kept), ...own }
}

async function postmasterOf(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  return Number(text.split('\n')[0]) || undefined
}

/** Children of the server, told by the file that they run. */
async function mediaChildren(server: number | undefined): Promise<number[]> {
  if (server === undefined) return []
  const found: number[] = []
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
    if (Number(parent) !== server) continue
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(join('child', 'main.ts'))) found.push(Number(entry))
  }
  return found
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}
