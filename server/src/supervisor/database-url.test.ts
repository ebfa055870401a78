import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launch, makeDataFolder } from './fixtures/launch.ts'
import { openPostgres } from './postgres.mjs'

test('a wrong DATABASE_URL is told in one sentence that never holds the password', async (t) => {
  const dataDir = await makeDataFolder(t)
  const postgres = await openPostgres({ dataDir, durable: false })
  t.after(() => postgres.stop())
  const change = (edit: (url: URL) => void) => {
    const url = new URL(postgres.url)
    edit(url)
    return url.href
  }
  const cases: [string, RegExp][] = [
    ['not a url with s3cret', /DATABASE_URL must begin with postgres:\/\//],
    ['mysql://me:s3cret@localhost/x', /DATABASE_URL must begin with postgres:\/\//],
    ['postgres://me:s3cret@127.0.0.1:1/x', /nothing answers at 127\.0\.0\.1:1/],
    [
      'postgres://me:s3cret@no-such-host.invalid/x',
      /name in no-such-host\.invalid:5432 is not known|no connection/,
    ],
    [
      change((url) => {
        url.password = 's3cret'
      }),
      /refuses the user "heliograph"/,
    ],
    [
      change((url) => {
        url.pathname = '/nowhere'
      }),
      /there is no database "nowhere"/,
    ],
  ]
  const empty = await makeDataFolder(t)
  for (const [url, expected] of cases) {
    const run = launch(t, empty, { DATABASE_URL: url })
    assert.equal(await run.exited, 1)
    assert.match(run.output(), expected)
    assert.match(
      run.output(),
      /^Trying the database.*\n.*\n$|^Heliograph cannot start with these settings:\n {2}- DATABASE_URL.*\n$/,
      'sentences only',
    )
    assert.doesNotMatch(run.output(), /s3cret/)
    assert.equal(run.output().includes(new URL(postgres.url).password), false)
  }
})

test('with a good DATABASE_URL no PostgreSQL of ours is made', async (t) => {
  const postgres = await openPostgres({ dataDir: await makeDataFolder(t), durable: false })
  t.after(() => postgres.stop())
  const dataDir = await makeDataFolder(t)
  const run = launch(t, dataDir, { DATABASE_URL: postgres.url })
  await run.ready()
  assert.doesNotMatch(run.output(), /Making the database/)
})
