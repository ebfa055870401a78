import assert from 'node:assert/strict'
import { chown, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  changeMaster,
  createSecrets,
  forgetOldMaster,
  loadSecrets,
  requireSameSecrets,
  SecretsChangedError,
} from './secrets.ts'

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

test('after a change the old keys are believed behind the new ones, until they are forgotten', async () => {
  const place = join(folder, 'changed')
  const before = await loadSecrets(place)
  const at = new Date('2026-11-27T00:00:00Z')
  assert.ok(await changeMaster(place, at))
  const both = await loadSecrets(place)
  assert.deepEqual(both.keys('totp').slice(1), [before.key('totp')])
  assert.notDeepEqual(both.key('totp'), before.key('totp'))
  assert.deepEqual([before.changedAt, both.changedAt], [null, at])
  await assert.rejects(requireSameSecrets(place, before), SecretsChangedError)
  await requireSameSecrets(place, both)
  assert.equal(await changeMaster(place, at), false, 'a second change would forget the first unseen')
  assert.equal(await forgetOldMaster(place, new Date(at.getTime() + 1)), false, 'another change came between')
  assert.equal((await loadSecrets(place)).keys('totp').length, 2)
  await writeFile(join(place, 'secrets.json.0123456789ab'), 'what a process left that was killed')
  assert.ok(await forgetOldMaster(place, at))
  assert.deepEqual((await loadSecrets(place)).keys('totp'), [both.key('totp')])
  assert.deepEqual(await readdir(place), ['secrets.json'])
  assert.equal((await stat(join(place, 'secrets.json'))).mode & 0o777, 0o600)
})

test('keys that root changes are still those of the account that the server runs as', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root gives files away')
  const place = join(folder, 'owned')
  await loadSecrets(place)
  await chown(join(place, 'secrets.json'), 4321, 4322)
  await changeMaster(place, new Date())
  const { uid, gid, mode } = await stat(join(place, 'secrets.json'))
  assert.deepEqual([uid, gid, mode & 0o777], [4321, 4322, 0o600])
})

test('a damaged file is told, not replaced: everything signed would be lost', async () => {
  const place = join(folder)
  await writeFile(join(place, 'secrets.json'), '{"version":1}')
  await assert.rejects(loadSecrets(place), /holds no master secret/)
})
