import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createProcesses, type TestProcesses } from './helpers/processes.ts'

let processes: TestProcesses

before(async () => {
  processes = await createProcesses()
})
after(() => processes[Symbol.asyncDispose]())

test('a process that only works answers for its health, and nothing of people', async () => {
  const { a, worker } = processes
  const statusOf = async (url: string) => (await fetch(url)).status
  assert.equal(await statusOf(`${a.url}/readyz`), 200)
  assert.equal(await statusOf(`${worker.url}/readyz`), 200)
  assert.equal(await statusOf(`${a.url}/api/capabilities`), 200)
  assert.equal(await statusOf(`${worker.url}/api/capabilities`), 404)
  assert.equal(await statusOf(`${worker.url}/`), 404)
  assert.equal(await statusOf(`${worker.url}/metrics`), 200)
})
