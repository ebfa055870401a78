import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from './free-ports.ts'
import { until } from './until.ts'

/** Redis of the system on loopback, single or a Cluster of three, with nothing in it and nothing kept on disk. */
export interface TestRedis extends AsyncDisposable {
  /** As REDIS_URL wants it: one address, or three. */
  readonly url: string
  readonly ports: readonly number[]
  readonly isRunning: boolean
  /** All nodes end at once, and all that they held is lost. */
  kill(): Promise<void>
  /** Again, at the same addresses, empty. */
  start(): Promise<void>
  flush(): Promise<void>
  /** What redis-cli prints; on a Cluster it follows to the node of the key. */
  cli(...args: string[]): Promise<string>
  /** As an operator sees them. */
  keys(): Promise<string[]>
}

const program = '/usr/bin/redis-server'
const client = '/usr/bin/redis-cli'

export const withoutRedis =
  existsSync(program) && existsSync(client) ? false : 'needs Redis of the system (apt: redis-server)'

export async function startRedis({ cluster = false } = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-redis-'))
  const count = cluster ? 3 : 1
  // The nodes of a Cluster talk to each other at ports of their own.
  const all = await freePorts(2 * count)
  const [ports, busPorts] = [all.slice(0, count), all.slice(count)]
  const run = promisify(execFile)
  let nodes: ChildProcess[] = []

  const on = async (port: number, ...args: string[]) =>
    (await run(client, [...(cluster ? ['-c'] : []), '-h', '127.0.0.1', '-p', String(port), ...args])).stdout
  const everywhere = (...args: string[]) => Promise.all(ports.map((port) => on(port, ...args)))

  async function start(): Promise<void> {
    nodes = ports.map((port, n) => spawnNode(folder, port, cluster ? busPorts[n] : undefined))
    await until(async () => (await everywhere('ping')).every((answer) => answer.trim() === 'PONG'))
    if (cluster) await makeCluster(ports, busPorts, on)
  }
  async function kill(): Promise<void> {
    await Promise.all(nodes.map(end))
    nodes = []
  }
  try {
    await start()
  } catch (error) {
    await kill()
    throw error
  }
  return {
    url: ports.map((port) => `redis://127.0.0.1:${port}`).join(','),
    ports,
    get isRunning() {
      return nodes.length > 0
    },
    start,
    kill,
    flush: async () => void (await everywhere('flushall')),
    cli: (...args) => on(ports[0]!, ...args),
    keys: async () => (await everywhere('--scan')).flatMap((text) => text.split('\n').filter(Boolean)).sort(),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function spawnNode(folder: string, port: number, busPort: number | undefined): ChildProcess {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  // A file that none has written to yet: a restarted node begins anew.
  const file = join(folder, `nodes-${port}-${Date.now()}.conf`)
  const clustered = [
    '--cluster-enabled',
    'yes',
    '--cluster-config-file',
    file,
    '--cluster-port',
    String(busPort),
    '--cluster-node-timeout',
    '2000',
  ]
  // The shell ends the program when its input ends, so nothing outlives a test that was killed.
  const guard = '"$@" & read -r _; kill -9 $!; wait'
  const args = [program, ...settings, ...(busPort === undefined ? [] : clustered)]
  return spawn('/bin/sh', ['-c', guard, 'sh', ...args], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] })
}

async function makeCluster(
  ports: readonly number[],
  busPorts: readonly number[],
  on: (port: number, ...args: string[]) => Promise<string>,
): Promise<void> {
  const slots = 16_384
  await Promise.all(
    ports.map(async (port, n) => {
      const first = Math.floor((n * slots) / ports.length)
      const last = Math.floor(((n + 1) * slots) / ports.length) - 1
      await on(port, 'cluster', 'set-config-epoch', String(n + 1))
      await on(port, 'cluster', 'addslotsrange', String(first), String(last))
    }),
  )
  for (const [n, port] of ports.entries())
    if (n > 0) await on(ports[0]!, 'cluster', 'meet', '127.0.0.1', String(port), String(busPorts[n]))
  await until(async () => {
    const states = await Promise.all(ports.map((port) => on(port, 'cluster', 'info')))
    return states.every((text) => /cluster_state:ok/.test(text) && /cluster_known_nodes:3/.test(text))
  }, 30_000)
}

async function end(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return
  const gone = once(node, 'exit')
  node.stdin?.end()
  await gone
}
