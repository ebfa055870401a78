import assert from 'node:assert/strict'
import { execFile, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { asUser, findOrCreateSystemUser, isRoot } from '../src/supervisor/system-user.mjs'

/**
 * DATABASE_URL is the equal path: the parts that speak the most SQL, on the PostgreSQL of Debian, which is an older one than
 * ours and not run by us.
 */
const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const suites = [
  'test/story.test.ts',
  'src/modules/feed/feed.test.ts',
  ...(isLong
    ? [
        'src/platform/http/idempotency.test.ts',
        'src/modules/graph/graph.test.ts',
        'src/platform/events/events.test.ts',
        'src/platform/ids/id-source.test.ts',
        'src/modules/accounts/accounts.test.ts',
        'src/modules/posts/posts.test.ts',
      ]
    : []),
].filter((file) => existsSync(inServer(file)))

const bin = findPrograms()

describe('on a PostgreSQL of the operator', {
  skip: bin ? false : 'needs PostgreSQL 15 or newer of the system (apt: postgresql)',
  timeout: 240_000,
}, () => {
  let server: Awaited<ReturnType<typeof startServer>>
  before(async () => {
    server = await startServer(bin!)
  })
  after(() => server?.stop())

  test('it is another one than ours', async () => {
    assert.ok(server.major >= 15)
  })

  for (const file of suites) {
    test(file, async () => {
      const env = { ...process.env, HELIOGRAPH_TEST_DATABASE_URL: server.url }
      const run = promisify(execFile)(
        process.execPath,
        ['--test-reporter=dot', '--no-warnings', inServer(file)],
        {
          env,
          maxBuffer: 2 ** 24,
        },
      )
      await assert.doesNotReject(run.catch((error) => Promise.reject(new Error(error.stdout + error.stderr))))
    })
  }
})

function inServer(file: string) {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

/** The oldest one from 15 on: what it understands, newer ones do. */
function findPrograms() {
  const base = '/usr/lib/postgresql'
  if (!existsSync(base)) return undefined
  const majors = readdirSync(base).map(Number)
  const major = majors
    .filter((version) => version >= 15 && existsSync(`${base}/${version}/bin/postgres`))
    .sort((one, other) => one - other)[0]
  return major === undefined ? undefined : `${base}/${major}/bin`
}

async function startServer(programs: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'heliograph-debian-'))
  const cluster = path.join(folder, 'cluster')
  await mkdir(cluster, { mode: 0o700 })
  const user = isRoot() ? findOrCreateSystemUser(() => {}) : undefined
  if (user) for (const place of [folder, cluster]) chownSync(place, user.uid, user.gid)
  const options: SpawnOptions = { ...asUser(user), cwd: '/', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } }

  const initdb = spawnSync(
    `${programs}/initdb`,
    ['-D', cluster, '--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-locale', '--no-sync'],
    options,
  )
  assert.equal(initdb.status, 0, String(initdb.stderr))
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: '200',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(`${programs}/postgres`, ['-D', cluster, ...args], { ...options, stdio: 'ignore' })

  const url = (role: string, database: string) =>
    `postgres://${role}@localhost/${database}?host=${encodeURIComponent(folder)}`
  const admin = await connect(url('postgres', 'postgres'))
  await admin.query("create role app login createdb password 'app'")
  await admin.query('create database app owner app')
  const { rows } = await admin.query<{ server_version_num: string }>('show server_version_num')
  await admin.end()
  return {
    url: url('app:app', 'app'),
    major: Math.floor(Number(rows[0]!.server_version_num) / 10_000),
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGINT')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function connect(connectionString: string) {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString })
    try {
      await client.connect()
      return client
    } catch (error) {
      if (attempt > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
