import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { makeRunFolder } from './run-folder.mjs'

test('a run that was killed does not keep its memory, and one that lives keeps its database', () => {
  const memory = mkdtempSync(path.join(os.tmpdir(), 'heliograph-memory-'))
  try {
    const { pid: gone } = spawnSync(process.execPath, ['--version'])
    const [forsaken, justEnded, lives] = [
      `heliograph-test-${gone}-forsaken`,
      `heliograph-test-${gone}-just-ended`,
      `heliograph-test-${process.pid}-lives`,
    ]
    for (const name of [forsaken, justEnded, lives, 'of-somebody-else']) mkdirSync(path.join(memory, name))
    const longAgo = new Date(Date.now() - 7_200_000)
    for (const name of [forsaken, lives, 'of-somebody-else'])
      utimesSync(path.join(memory, name), longAgo, longAgo)
    const made = makeRunFolder({ isLong: false, memory })
    const left = readdirSync(memory).filter((name) => name !== path.basename(made.all))
    assert.deepEqual(left.sort(), [justEnded, lives, 'of-somebody-else'].sort())
    rmSync(made.all, { recursive: true })
  } finally {
    rmSync(memory, { recursive: true, force: true })
  }
})

test('a long run, whose databases grow, takes no memory', () => {
  const memory = mkdtempSync(path.join(os.tmpdir(), 'heliograph-memory-'))
  try {
    const made = makeRunFolder({ isLong: true, memory })
    assert.equal(path.dirname(made.all), os.tmpdir())
    assert.equal(made.temporary, undefined)
    rmSync(made.all, { recursive: true })
  } finally {
    rmSync(memory, { recursive: true, force: true })
  }
})
