import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createQuiet } from './media-quiet.ts'

const { signal } = new AbortController()

it('lets nobody begin beside what people wait for, nor between two of theirs', async () => {
  const quiet = createQuiet({ calm: 50, longest: 60_000 })
  const told: string[] = []
  let end = () => {}
  const first = quiet.break(() => new Promise<void>((resolve) => (end = resolve)))
  const waiting = quiet.wait(signal).then(() => told.push('the other work'))
  const second = first.then(() => quiet.break(async () => void told.push('the next photograph')))
  end()
  await Promise.all([second, waiting])
  assert.deepEqual(told, ['the next photograph', 'the other work'])
})

it('waits for no quiet that never comes, and for none when it is stopped', async () => {
  const quiet = createQuiet({ calm: 10, longest: 30 })
  void quiet.break(() => new Promise(() => {}))
  await quiet.wait(signal)
  await assert.rejects(quiet.wait(AbortSignal.abort()), { name: 'AbortError' })
})

it('that a failure broke comes back', async () => {
  const quiet = createQuiet({ calm: 1, longest: 60_000 })
  await assert.rejects(quiet.break(() => Promise.reject(new Error('broken'))))
  await quiet.wait(signal)
})
