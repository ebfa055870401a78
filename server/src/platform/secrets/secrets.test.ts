import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createSecrets, loadSecrets } from './secrets.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-secrets-'))
})
after(() => rm(folder, { recursive: true }))

test('made once, kept for its owner alone, the same at every start', async () => {
  const place = join(folder, 'once', 'data')
  const starts = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(place)))
  const keys = new Set(starts.map((secrets) => secrets.key('cursors').toString('hex')))
  assert.equal(keys.size, 1)
  assert.deepEqual(await readdir(place), ['secrets.json'])
  assert.equal((await stat(join(place, 'secrets.json'))).mode & 0o777, 0o600)
  const again = await loadSecrets(place)
  assert.ok(keys.has(again.key('cursors').toString('hex')))
})

test('each use has a key of its own', () => {
  const secrets = createSecrets(Buffer.alloc(32, 1))
  const keys = (['cursors', 'idempotency', 'media'] as const).map((use) => secrets.key(use).toString('hex'))
  assert.equal(new Set(keys).size, 3)
  assert.ok(keys.every((key) => key.length === 64))
})

test('a damaged file is told, not replaced: everything signed would be lost', async () => {
  const place = join(folder)
  await writeFile(join(place, 'secrets.json'), '{"version":1}')
  await assert.rejects(loadSecrets(place), /holds no master secret/)
})
