import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { createS3Client } from '../../src/platform/blobs/s3-client.ts'
import { freePorts } from './free-ports.ts'

/**
 * OpenStack Swift of the system, speaking S3: one proxy and one of each storage server on loopback, in a folder that
 * goes with the test. None of the system's services is touched.
 */
export interface Swift {
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** Ends the proxy at once, in the middle of whatever it does. */
  killProxy(): Promise<void>
  startProxy(): Promise<void>
  /** Changes bytes on the disk behind Swift's back: of the object whose content begins with these. */
  corrupt(content: Buffer): Promise<void>
  close(): Promise<void>
}

const programs = [
  'swift-proxy-server',
  'swift-account-server',
  'swift-container-server',
  'swift-object-server',
]

export const withoutSwift = [...programs.map((name) => `/usr/bin/${name}`), '/usr/bin/memcached'].every(
  (path) => existsSync(path),
)
  ? false
  : 'needs OpenStack Swift of the system (apt: swift-proxy swift-account swift-container swift-object memcached)'

const kinds = ['account', 'container', 'object'] as const
type Kind = (typeof kinds)[number]
const region = 'us-east-1'
const accessKeyId = 'heliograph:store'
const secretAccessKey = 'a-secret-of-the-test'

/** With empty buckets of these names. */
export async function startSwift(buckets: readonly string[]): Promise<Swift> {
  const folder = await mkdtemp(join(findDisk(), 'heliograph-swift-'))
  const user = findUser()
  const [proxyPort, cachePort, ...ports] = await freePorts(5)
  const portOf = (kind: Kind) => ports[kinds.indexOf(kind)]!
  await mkdir(join(folder, 'devices', 'd1'), { recursive: true })
  await writeConfigurations(folder, { user: user.name, proxyPort: proxyPort!, cachePort: cachePort!, portOf })
  await Promise.all(kinds.map((kind) => writeRing(folder, kind, portOf(kind))))
  for (const path of [folder, join(folder, 'devices'), join(folder, 'devices', 'd1')])
    if (user.isOther) await chown(path, user.uid, user.gid)

  const options: SpawnOptions = {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
    ...(user.isOther ? { uid: user.uid, gid: user.gid } : {}),
  }
  // The shell ends the program when its input ends, so nothing outlives a test that was killed.
  const guard = '"$@" & read -r _; kill -9 $!; wait'
  const run = (name: string, args: string[]) =>
    spawn('/bin/sh', ['-c', guard, 'sh', `/usr/bin/${name}`, ...args], options)
  const runProxy = () => run('swift-proxy-server', [join(folder, 'proxy-server.conf')])
  const others = [
    run('memcached', ['-l', '127.0.0.1', '-p', String(cachePort), '-U', '0', '-m', '16']),
    ...kinds.map((kind) => run(`swift-${kind}-server`, [join(folder, `${kind}-server.conf`)])),
  ]
  let proxy = runProxy()
  const endpoint = `http://127.0.0.1:${proxyPort}`

  async function waitUntilUp(): Promise<void> {
    for (const port of [...ports, proxyPort!]) await waitFor(`http://127.0.0.1:${port}/healthcheck`)
  }
  try {
    await waitUntilUp()
    await makeBuckets(endpoint, buckets)
  } catch (error) {
    await Promise.all([...others, proxy].map(end))
    throw error
  }
  return {
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    killProxy: () => end(proxy),
    async startProxy() {
      proxy = runProxy()
      await waitUntilUp()
    },
    corrupt: (content) => corrupt(join(folder, 'devices'), content),
    async close() {
      await Promise.all([...others, proxy].map(end))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Swift writes what it knows of an object beside it as attributes, which files in memory have on new kernels alone. */
function findDisk(): string {
  return process.env.HELIOGRAPH_TEST_DISK ?? tmpdir()
}

/** The servers refuse nothing as root, but drop to the user of their package; others run them as themselves. */
function findUser() {
  const me = userInfo()
  if (me.uid !== 0) return { name: me.username, uid: me.uid, gid: me.gid, isOther: false }
  const idOf = (flag: string) => Number(execFileSync('/usr/bin/id', [flag, 'swift'], { encoding: 'utf8' }))
  return { name: 'swift', uid: idOf('-u'), gid: idOf('-g'), isOther: true }
}

/**
 * Which device holds which part of the keys, in the first version of Swift's own format: with a single device all parts
 * are its. Written here because the program for it takes a second for each of its nine steps.
 */
async function writeRing(folder: string, kind: Kind, port: number): Promise<void> {
  const partPower = 4
  const address = { ip: '127.0.0.1', port, replication_ip: '127.0.0.1', replication_port: port }
  const device = { id: 0, region: 1, zone: 1, device: 'd1', weight: 1, meta: '', ...address }
  const head = Buffer.from(
    JSON.stringify({ devs: [device], part_shift: 32 - partPower, replica_count: 1, byteorder: 'little' }),
  )
  const start = Buffer.alloc(10)
  start.write('R1NG')
  start.writeUInt16BE(1, 4)
  start.writeUInt32BE(head.length, 6)
  const deviceOfPart = Buffer.alloc(2 * 2 ** partPower)
  await writeFile(join(folder, `${kind}.ring.gz`), gzipSync(Buffer.concat([start, head, deviceOfPart])))
}

interface Places {
  user: string
  proxyPort: number
  cachePort: number
  portOf(kind: Kind): number
}

async function writeConfigurations(
  folder: string,
  { user, proxyPort, cachePort, portOf }: Places,
): Promise<void> {
  const common = (port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
swift_dir = ${folder}
devices = ${join(folder, 'devices')}
mount_check = false
user = ${user}
workers = 0
log_level = ERROR
`
  for (const kind of kinds)
    await writeFile(
      join(folder, `${kind}-server.conf`),
      `${common(portOf(kind))}
[pipeline:main]
pipeline = healthcheck ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
[filter:healthcheck]
use = egg:swift#healthcheck
`,
    )
  const filters = ['catch_errors', 'gatekeeper', 'healthcheck', 'bulk', 'copy', 'slo', 'dlo']
  await writeFile(
    join(folder, 'proxy-server.conf'),
    `${common(proxyPort)}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache bulk s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_heliograph_store = ${secretAccessKey} .admin
[filter:s3api]
use = egg:swift#s3api
location = ${region}
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cachePort}
${filters.map((name) => `[filter:${name}]\nuse = egg:swift#${name}`).join('\n')}
`,
  )
}

async function makeBuckets(endpoint: string, buckets: readonly string[]): Promise<void> {
  const client = createS3Client({ endpoint, region, accessKeyId, secretAccessKey })
  for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }))
  client.destroy()
}

async function waitFor(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(url).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await sleep(100)
  }
  throw new Error(`Swift does not answer at ${url}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  await gone
}

async function corrupt(devices: string, content: Buffer): Promise<void> {
  for (const entry of await readdir(devices, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.data')) continue
    const handle = await open(join(entry.parentPath, entry.name), 'r+')
    try {
      const { buffer } = await handle.read(Buffer.alloc(content.length), 0, content.length, 0)
      if (!buffer.equals(content)) continue
      await handle.write(Buffer.from([content[0]! ^ 0xff]), 0, 1, 0)
      return
    } finally {
      await handle.close()
    }
  }
  throw new Error('no object in Swift begins like this')
}
