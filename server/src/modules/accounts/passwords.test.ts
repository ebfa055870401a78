import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from './passwords.ts'

test('who reads a file never waits behind everybody who signs in', async () => {
  const hash = await hashPassword('a long enough password')
  const many = 24
  let done = 0
  const signingIn = Array.from({ length: many }, async () => {
    assert.equal(await verifyPassword(hash, 'a long enough password'), true)
    done++
  })
  await stat(import.meta.filename)
  assert.ok(done < many / 2, `${done} of ${many} came first`)
  await Promise.all(signingIn)
})
