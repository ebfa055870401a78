import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { eventually, makeDataFolder } from './fixtures/launch.ts'
import { findPostgresUrl, openPostgres } from './postgres.mjs'
import { processKey } from './process-identity.mjs'

async function ask(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows[0]
  } finally {
    await client.end()
  }
}

test('the application gets a database of its own, in UTF-8 and with checksums, and is no superuser', async (t) => {
  const dataDir = await makeDataFolder(t)
  const postgres = await openPostgres({ dataDir, durable: false })
  t.after(() => postgres.stop())
  const row = await ask(
    postgres.url,
    `select current_user, current_database(), current_setting('server_encoding'), current_setting('data_checksums'),
       current_setting('listen_addresses'), (select rolsuper from pg_roles where rolname = current_user)`,
  )
  assert.deepEqual(row, ['heliograph', 'heliograph', 'UTF8', 'on', '', false])
  assert.equal(findPostgresUrl(dataDir), postgres.url)
})

test('nobody else reads the passwords, and a wrong one is refused', async (t) => {
  const dataDir = await makeDataFolder(t)
  const postgres = await openPostgres({ dataDir, durable: false })
  t.after(() => postgres.stop())
  assert.equal((await stat(path.join(dataDir, 'postgres-secrets.json'))).mode & 0o077, 0)
  assert.equal((await stat(path.join(dataDir, 'run'))).mode & 0o077, 0)
  assert.deepEqual(
    (await readdir(path.join(dataDir, 'run'))).filter((file) => file.includes('password')),
    [],
  )
  const wrong = new URL(postgres.url)
  wrong.password = 'guess'
  await assert.rejects(ask(wrong.href, 'select 1'), { code: '28P01' })
})

test('a path too long for a socket is no hindrance', async (t) => {
  const parent = await makeDataFolder(t)
  await chmod(parent, 0o711)
  const dataDir = path.join(parent, 'x'.repeat(100))
  const postgres = await openPostgres({ dataDir, durable: false })
  t.after(() => postgres.stop())
  assert.deepEqual(await ask(postgres.url, 'select 1'), [1])
})

test('one that runs already is taken over, and with other settings started anew', async (t) => {
  const dataDir = await makeDataFolder(t)
  const first = await openPostgres({ dataDir, durable: false })
  t.after(() => first.stop())
  const second = await openPostgres({ dataDir, durable: false })
  assert.deepEqual([second.adopted, second.pid, second.url], [true, first.pid, first.url])
  const third = await openPostgres({ dataDir, durable: false, settings: { work_mem: '9MB' } })
  t.after(() => third.stop())
  assert.equal(third.adopted, false)
  assert.equal(first.alive(), false)
  assert.deepEqual(await ask(third.url, 'show work_mem'), ['9MB'])
})

test("the tests' server does not outlive the process that opened it, not even one that is killed", async (t) => {
  const dataDir = await makeDataFolder(t)
  const script = `
    const { openPostgres } = await import(${JSON.stringify(fileURLToPath(new URL('postgres.mjs', import.meta.url)))})
    console.log((await openPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false })).pid)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = await once(child.stdout, 'data')
  const pid = Number(text)
  assert.notEqual(processKey(pid), undefined)
  child.kill('SIGKILL')
  await eventually(async () => assert.equal(processKey(pid), undefined))
})
