import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@heliograph/client'
import { createTestDatabase } from './database.ts'
import { freePorts } from './free-ports.ts'

// Server processes as they run at an operator's: children with a port each, on one database and one data folder.

const compiled = fileURLToPath(new URL('../../../.cache/compiled', import.meta.url))
const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface TestProcess {
  readonly url: string
  /** Signed out. */
  readonly client: Client
  readonly isRunning: boolean
  /** Everything that all its starts together have printed. */
  output(): string
  /** Resolves when it is ready; rejects with its sentence when it refuses to start. The settings are kept. */
  start(env?: Env): Promise<void>
  /** Ends by force, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Stops where it stands, as under a stalled machine; nothing of it is lost. */
  pause(): void
  resume(): void
  /** Gracefully; gives the exit code. */
  stop(): Promise<number | null>
}

type Env = Record<string, string>

export interface TestProcesses extends AsyncDisposable {
  readonly databaseUrl: string
  readonly dataFolder: string
  /** Two that serve people, */
  readonly a: TestProcess
  readonly b: TestProcess
  /** and one that does the work behind it. */
  readonly worker: TestProcess
}

export interface TestProcessesOptions {
  /** For all of them. */
  env?: Env
  a?: Env
  b?: Env
  worker?: Env
  /** Default: all three, one after the other. */
  start?: readonly ('a' | 'b' | 'worker')[]
}

export async function createProcesses(options: TestProcessesOptions = {}): Promise<TestProcesses> {
  const { env = {}, start = ['a', 'b', 'worker'] } = options
  const database = await createTestDatabase()
  const dataFolder = await mkdtemp(join(tmpdir(), 'heliograph-processes-'))
  const [portA, portB, portWorker] = await freePorts(3)
  const create = (port: number | undefined, roles: string, own: Env = {}) =>
    createProcess(port!, {
      DATABASE_URL: database.url,
      HELIOGRAPH_DATA: dataFolder,
      LOG_LEVEL: 'warn',
      DISK_RESERVE_MB: '0',
      ROLES: roles,
      ...env,
      ...own,
    })
  const all = {
    a: create(portA, 'web', options.a),
    b: create(portB, 'web', options.b),
    worker: create(portWorker, 'worker', options.worker),
  }
  const end = async () => {
    await Promise.all(Object.values(all).map((process) => process.kill()))
    await database.drop()
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    for (const name of start) await all[name].start()
  } catch (error) {
    await end()
    throw error
  }
  return { ...all, databaseUrl: database.url, dataFolder, [Symbol.asyncDispose]: end }
}

function createProcess(port: number, settings: Env): TestProcess {
  const url = `http://localhost:${port}`
  let env = { ...settings, PORT: String(port) }
  let child: ChildProcess | undefined
  let output = ''
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  const end = async (ask: (running: ChildProcess) => void): Promise<number | null> => {
    const running = child
    if (!running || !isRunning()) return running?.exitCode ?? null
    const gone = once(running, 'exit')
    ask(running)
    await gone
    return running.exitCode
  }

  return {
    url,
    client: createClient(url),
    get isRunning() {
      return isRunning()
    },
    output: () => output,
    async start(more = {}) {
      env = { ...env, ...more }
      const started = fork(entry, [], {
        // As the supervisor does it: half of a start is reading the code.
        env: { NODE_COMPILE_CACHE: compiled, ...cleanEnvironment(), ...env },
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      child = started
      for (const stream of [started.stdout, started.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      await ready(started, () => output)
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    kill: async () => void (await end((running) => running.kill('SIGKILL'))),
    stop: () => end((running) => running.kill('SIGTERM')),
  }
}

async function ready(child: ChildProcess, output: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`The process ended (${signal ?? `code ${code}`}):\n${output()}`)),
    )
    child.on('message', (message: { type: string; sentence?: string }) => {
      if (message.type === 'ready') resolve()
      else if (message.type === 'fault') reject(new Error(message.sentence))
    })
  })
}

/** What this shell or the test runner has set must not reach the processes. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const wanted = /^(PATH|HOME|TMPDIR|LANG|LC_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => wanted.test(name)))
}
