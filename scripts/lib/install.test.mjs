import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { isInstalled } from './install.mjs'

const here = { os: [process.platform], cpu: [process.arch], optional: true }
const elsewhere = { os: ['aix'], cpu: ['ppc64'], optional: true }

/** @typedef {Record<string, object>} Packages */

/**
 * @param {import('node:test').TestContext} t
 * @param {Packages} wanted
 * @param {Packages | undefined} there
 */
function makeFolder(t, wanted, there) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'heliograph-install-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, 'node_modules'))
  const write = (/** @type {string} */ file, /** @type {Packages} */ packages) =>
    writeFileSync(path.join(folder, file), JSON.stringify({ packages }))
  write('package-lock.json', wanted)
  if (there) write('node_modules/.package-lock.json', there)
  return { folder, change: (/** @type {Packages} */ packages) => write('package-lock.json', packages) }
}

test('what npm never finished is not installed', (t) => {
  const { folder } = makeFolder(t, { 'node_modules/a': { version: '1.0.0' } }, undefined)
  assert.equal(isInstalled(folder), false)
})

test('what npm installed for somebody else counts, until the lockfile changes', (t) => {
  const packages = { '': {}, web: {}, 'node_modules/a': { version: '1.0.0' } }
  const { folder, change } = makeFolder(t, packages, packages)
  assert.equal(isInstalled(folder), true)
  assert.equal(isInstalled(folder), true, 'by its stamp')
  change({ ...packages, 'web/node_modules/a': { version: '2.0.0' } })
  assert.equal(isInstalled(folder), false, 'a new one')
  change({ ...packages, 'node_modules/a': { version: '1.0.1' } })
  assert.equal(isInstalled(folder), false, 'another version')
})

test("other platforms' packages are not missed, this one's are", (t) => {
  const a = { 'node_modules/a': { version: '1.0.0' } }
  const foreign = makeFolder(t, { ...a, 'node_modules/n': { version: '1.0.0', ...elsewhere } }, a)
  assert.equal(isInstalled(foreign.folder), true)
  const ours = makeFolder(t, { ...a, 'node_modules/n': { version: '1.0.0', ...here } }, a)
  assert.equal(isInstalled(ours.folder), false)
})
