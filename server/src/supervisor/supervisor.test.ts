import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePorts } from '../../test/helpers/free-ports.ts'
import { ensureWritable } from './data-folder.mjs'
import { ask, eventually, launch, makeDataFolder, postmasterPid } from './fixtures/launch.ts'
import { readHolder, takeLock } from './instance-lock.mjs'
import { openPostgres } from './postgres.mjs'
import { processesIn, processKey } from './process-identity.mjs'
import { waitForStart } from './wait-for-start.mjs'

test('starts, says where it is, and Ctrl-C stops all of it', async (t) => {
  const dataDir = await makeDataFolder(t)
  const run = launch(t, dataDir)
  const url = await run.ready()
  await run.says(/works once: http:\S+\/owner\/once/)
  const { pid } = await ask(url)
  const postmaster = await postmasterPid(dataDir)

  run.child.kill('SIGINT')
  assert.equal(await run.exited, 0)
  assert.equal(processKey(pid), undefined, 'the server is gone')
  assert.equal(processKey(postmaster), undefined, 'PostgreSQL is gone')
  assert.equal(existsSync(path.join(dataDir, 'instance.lock')), false)
})

test('a server that does not drain does not keep Ctrl-C waiting for ever, and a second one ends at once', async (t) => {
  const dataDir = await makeDataFolder(t)
  const run = launch(t, dataDir, { FAKE_SERVER: 'stubborn' })
  const { pid } = await ask(await run.ready())
  run.child.kill('SIGINT')
  await run.says(/Stopping/)
  // The same press may arrive twice: that is no second one.
  run.child.kill('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 800))
  assert.notEqual(processKey(pid), undefined)
  run.child.kill('SIGINT')
  assert.equal(await run.exited, 130)
  await eventually(async () => assert.equal(processKey(pid), undefined))
  await eventually(async () => assert.deepEqual(processesIn(path.join(dataDir, 'postgres')), []))
})

test('a second instance on one data folder is refused with a sentence that names the first', async (t) => {
  const dataDir = await makeDataFolder(t)
  const first = launch(t, dataDir)
  const url = await first.ready()
  const second = launch(t, dataDir)
  assert.equal(await second.exited, 1)
  assert.match(second.output(), /already runs on the data folder .*process \d+.*HELIOGRAPH_DATA=/s)
  assert.doesNotMatch(second.output(), /\n\s+at /)
  assert.equal((await ask(url)).rows[0]?.one, 1, 'the first one goes on')
})

test('instances that share a database and Redis share a data folder, and one that does not is refused', async (t) => {
  const postgres = await openPostgres({ dataDir: await makeDataFolder(t), durable: false })
  t.after(() => postgres.stop())
  const dataDir = await makeDataFolder(t)
  const shared = { DATABASE_URL: postgres.url, REDIS_URL: 'redis://127.0.0.1' }
  const [webPort, workerPort] = await freePorts(2)
  const web = launch(t, dataDir, { ...shared, PORT: String(webPort), ROLES: 'web' })
  const worker = launch(t, dataDir, { ...shared, PORT: String(workerPort), ROLES: 'worker' })
  const url = await web.ready()
  await worker.says(/worker is ready; how it is: http.*\/readyz/)
  assert.equal(readHolder(dataDir)?.url, url, 'commands find the one that serves')
  const alone = launch(t, dataDir, { DATABASE_URL: postgres.url })
  assert.equal(await alone.exited, 1)
  assert.match(alone.output(), /already runs on the data folder/)
})

test('after kill -9 of the supervisor the next start takes PostgreSQL over and has lost nothing', async (t) => {
  const dataDir = await makeDataFolder(t)
  const first = launch(t, dataDir)
  const url = await first.ready()
  const { pid } = await ask(url, 'create table kept as select 42 as answer')
  const postmaster = await postmasterPid(dataDir)

  first.child.kill('SIGKILL')
  await first.exited
  const second = launch(t, dataDir)
  const again = await second.ready()
  await second.says(/taken over/)
  assert.equal(await postmasterPid(dataDir), postmaster)
  assert.deepEqual((await ask(again, 'select answer from kept')).rows, [{ answer: 42 }])
  assert.equal(processKey(pid), undefined, 'the first server ended with its supervisor')

  second.child.kill('SIGTERM')
  assert.equal(await second.exited, 0)
  assert.equal(processKey(postmaster), undefined, 'what was taken over is stopped as well')
})

test('who wants something of an instance that is still starting is not told that nothing runs', async (t) => {
  const dataDir = await makeDataFolder(t)
  const said: string[] = []
  const wait = () => waitForStart(dataDir, { log: (line) => said.push(line), checkMs: 5 })
  assert.equal(await wait(), undefined, 'nothing runs, and nothing is waited for')

  const lock = await takeLock({ dataDir, kind: 'instance', port: 3000 })
  const waiting = wait()
  assert.deepEqual(said, ['Heliograph is still starting: waiting until it is ready'])
  lock.note({ url: 'http://localhost:3000' })
  assert.equal((await waiting)?.url, 'http://localhost:3000')

  lock.note({ url: '' })
  const leftAlone = wait()
  lock.release()
  assert.equal(await leftAlone, undefined, 'a start that failed is not waited for')
})

test('a lock whose number belongs to another program by now is no instance', async (t) => {
  const dataDir = await makeDataFolder(t)
  const stale = { pid: process.pid, key: 'an earlier process', kind: 'instance', startedAt: '2026-01-01' }
  await writeFile(path.join(dataDir, 'instance.lock'), JSON.stringify(stale))
  const run = launch(t, dataDir)
  await run.ready()
  const lock = JSON.parse(await readFile(path.join(dataDir, 'instance.lock'), 'utf8'))
  assert.equal(lock.pid, run.child.pid)
})

test('a lock that a full disk left half-written is no instance', async (t) => {
  const dataDir = await makeDataFolder(t)
  await writeFile(path.join(dataDir, 'instance.lock'), '{"pid":')
  await launch(t, dataDir).ready()
})

test('PostgreSQL is started again after kill -9 of the postmaster, under the same server', async (t) => {
  const dataDir = await makeDataFolder(t)
  const run = launch(t, dataDir)
  const url = await run.ready()
  const { pid } = await ask(url, 'create table kept as select 42 as answer')
  // A backend in the middle of something holds the shared memory on.
  const busy = ask(url, 'select pg_sleep(30)').catch(() => 'cut off')
  const killed = await postmasterPid(dataDir)
  process.kill(killed, 'SIGKILL')

  await run.says(/PostgreSQL is back/)
  const answer = await eventually(() => ask(url, 'select answer from kept'))
  assert.deepEqual(answer, { pid, rows: [{ answer: 42 }] })
  assert.notEqual(await postmasterPid(dataDir), killed)
  assert.equal(await busy, 'cut off')
})

test('supervisor and postmaster killed at once: the next start works and has lost nothing', async (t) => {
  const dataDir = await makeDataFolder(t)
  const first = launch(t, dataDir)
  await ask(await first.ready(), 'create table kept as select 42 as answer')
  const postmaster = await postmasterPid(dataDir)
  first.child.kill('SIGKILL')
  process.kill(postmaster, 'SIGKILL')
  await first.exited
  const url = await launch(t, dataDir).ready()
  assert.deepEqual((await ask(url, 'select answer from kept')).rows, [{ answer: 42 }])
})

test('a server that dies is started again', async (t) => {
  const run = launch(t, await makeDataFolder(t), { PORT: String(await freePort()) })
  const url = await run.ready()
  const { pid } = await ask(url)
  process.kill(pid, 'SIGKILL')
  await run.says(/ended \(SIGKILL\); starting it again/)
  const next = await eventually(() => ask(url))
  assert.notEqual(next.pid, pid)
  await run.says(/back at/)
})

test('a server with a fault is not started again; its sentence is the last word', async (t) => {
  const run = launch(t, await makeDataFolder(t), { FAKE_SERVER: 'fault' })
  assert.equal(await run.exited, 1)
  assert.match(run.output(), /ROLES is wrong: say web or worker\.\n$/)
})

test('a server that never gets ready is given up', async (t) => {
  const run = launch(t, await makeDataFolder(t), { FAKE_SERVER: 'crash' })
  assert.equal(await run.exited, 1)
  assert.match(run.output(), /ended 3 times before it was ready/)
})

test('a taken port is told with another one to choose, before anything is started', async (t) => {
  const dataDir = await makeDataFolder(t)
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const run = launch(t, dataDir, { PORT: String(port) })
  assert.equal(await run.exited, 1)
  assert.equal(
    run.output(),
    `Port ${port} is taken by another program on this machine. Choose another one: PORT=${port + 1} npm start\n`,
  )
  assert.equal(existsSync(path.join(dataDir, 'postgres')), false)
})

test('bad settings are told all at once, and no database is made for them', async (t) => {
  const dataDir = await makeDataFolder(t)
  const run = launch(t, dataDir, { HOST: '0.0.0.0', REDIS_URL: 'localhost:6379', RATE_LIMITS: 'foo' })
  assert.equal(await run.exited, 1)
  for (const fault of [
    /PUBLIC_URL must say/,
    /REDIS_URL must begin with redis:/,
    /RATE_LIMITS=foo must be one/,
  ])
    assert.match(run.output(), fault)
  assert.doesNotMatch(run.output(), /Starting PostgreSQL/)
  assert.equal(existsSync(path.join(dataDir, 'postgres')), false)
})

test('a port that is none is told', async (t) => {
  const run = launch(t, await makeDataFolder(t), { PORT: '99999' })
  assert.equal(await run.exited, 1)
  assert.match(run.output(), /^PORT is "99999", which is no port.*\n$/)
})

test('a data folder that is a file, or below one, is told in a sentence', async (t) => {
  const file = path.join(await makeDataFolder(t), 'file')
  await writeFile(file, 'not a folder')
  for (const place of [file, path.join(file, 'data')]) {
    const run = launch(t, place)
    assert.equal(await run.exited, 1)
    assert.match(run.output(), /^The data folder \S+ is not a folder but a file\. .*HELIOGRAPH_DATA=.*\n$/)
  }
})

test('a data folder where the file system makes none does not keep the start trying for ever', async (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux has /proc')
  for (const place of ['/proc/heliograph', '/proc/heliograph/deep/data']) {
    const run = launch(t, place)
    assert.equal(await run.exited, 1)
    assert.match(run.output(), /^The data folder \S+ cannot be used \(\w+\)\. .*HELIOGRAPH_DATA=.*\n$/)
  }
})

test('a command makes no new database where it was given the wrong folder', async (t) => {
  const folder = path.join(await makeDataFolder(t), 'mistyped')
  const launcher = fileURLToPath(new URL('../../../bin/heliograph.mjs', import.meta.url))
  const { DATABASE_URL: _, ...inherited } = process.env
  const own = { ...inherited, HELIOGRAPH_DATA: folder }
  for (const env of [own, { ...own, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }]) {
    const run = promisify(execFile)(process.execPath, [launcher, 'keys', 'status'], { env })
    await assert.rejects(run, (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 1)
      assert.match(error.stderr, /^There is no Heliograph in \S+mistyped\. .*HELIOGRAPH_DATA=.*\n$/)
      return true
    })
  }
  assert.equal(existsSync(folder), false)
})

test('a data folder several levels below what is there is made', async (t) => {
  const parent = await makeDataFolder(t)
  const folder = path.join(parent, 'a', 'b', 'c')
  ensureWritable(folder)
  ensureWritable(folder)
  assert.ok(existsSync(folder))
})

test('a data folder that may not be written is told in a sentence', async (t) => {
  const parent = await makeDataFolder(t)
  await chmod(parent, 0o711)
  const closed = path.join(parent, 'closed')
  await mkdir(closed, { mode: 0o555 })
  // Root writes everywhere, so it first becomes somebody else.
  const script = `
    const { ensureWritable } = await import(${JSON.stringify(new URL('data-folder.mjs', import.meta.url).href)})
    if (process.getuid() === 0) process.setuid(65534)
    try {
      ensureWritable(process.argv[1])
    } catch (error) {
      console.log(error.name + ': ' + error.message)
    }`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    closed,
  ])
  assert.match(
    stdout,
    /^StartFault: The data folder \S+ cannot be written by this account.*HELIOGRAPH_DATA=.*\n$/,
  )
})

test('a database of another major version is told, and not touched', async (t) => {
  const dataDir = await makeDataFolder(t)
  await mkdir(path.join(dataDir, 'postgres'))
  await writeFile(path.join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
  const run = launch(t, dataDir)
  assert.equal(await run.exited, 1)
  assert.match(run.output(), /made by PostgreSQL 17; this Heliograph brings PostgreSQL 18/)
})

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
