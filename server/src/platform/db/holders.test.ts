import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { createHolder, endHolder, isHolderDead } from './holders.ts'

test('a holder of this process lives until it ends', () => {
  const holder = createHolder()
  assert.ok(!isHolderDead(holder))
  endHolder(holder)
  assert.ok(isHolderDead(holder))
})

test('a holder of a process that is gone is dead, one of a living process or of another host is not', async () => {
  const [host] = createHolder().split('|')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const holder = `${host}|${child.pid}|abc`
  assert.ok(!isHolderDead(holder))
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.ok(isHolderDead(holder))
  assert.ok(!isHolderDead(`elsewhere|${child.pid}|abc`))
})

test('an earlier process with our number is dead', () => {
  const [host] = createHolder().split('|')
  assert.ok(isHolderDead(`${host}|${process.pid}|earlier`))
})
