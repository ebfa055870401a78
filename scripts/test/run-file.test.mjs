import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { root } from '../lib/root.mjs'
import { runTogether } from './run-file.mjs'

const imports = "import { after, before, test } from 'node:test'\n"
const contents = {
  fine: "test('holds', () => {})",
  wrong: "test('does not hold', () => { throw new Error('no') })",
  leaves: "test('holds', () => {}); test('ends all', () => process.exit(0))",
  unclosed: "after(() => { throw new Error('not closed') }); test('holds', () => {})",
  unread: "throw new Error('not read')",
}

test('no file of a process hides what another one proves, whatever becomes of it', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'heliograph-together-'))
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_TEST')),
  )
  const order = ['fine', 'wrong', 'leaves', 'unread', 'unclosed', 'last']
  try {
    const files = order.map((name) => {
      const file = path.join(folder, `${name}.mjs`)
      writeFileSync(file, imports + (contents[/** @type {keyof typeof contents} */ (name)] ?? contents.fine))
      return path.relative(root, file)
    })
    const { signal } = new AbortController()
    const results = await runTogether(files, { node: process.execPath, env, timeoutMs: 60_000, signal })
    assert.deepEqual(
      results.map(({ file }) => file),
      files,
    )
    assert.deepEqual(
      results.map(({ outcomes }) => outcomes.map(({ kind }) => kind)),
      [['pass'], ['fail'], ['fail'], ['fail'], ['pass', 'fail'], ['pass']],
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
