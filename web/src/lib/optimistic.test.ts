import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optimistic, toggle } from './optimistic.ts'

test('a change is shown at once and settled by the answer', async () => {
  const log: string[] = []
  const done = await optimistic({
    apply: () => log.push('apply'),
    call: async () => 7,
    settle: (answer) => log.push(`settle ${answer}`),
    revert: () => log.push('revert'),
  })
  assert.equal(done, true)
  assert.deepEqual(log, ['apply', 'settle 7'])
})

test('a refused change does not stay on the screen', async () => {
  const log: string[] = []
  const done = await optimistic({
    apply: () => log.push('apply'),
    call: () => Promise.reject(new Error('no')),
    revert: () => log.push('revert'),
    failed: () => log.push('failed'),
  })
  assert.equal(done, false)
  assert.deepEqual(log, ['apply', 'revert', 'failed'])
})

function switchOf(answers: ('ok' | 'fail')[]) {
  const state = { shown: false, sent: [] as boolean[], settled: [] as boolean[], failures: 0 }
  const gates: (() => void)[] = []
  const act = {
    show: (wanted: boolean) => {
      state.shown = wanted
    },
    async send(wanted: boolean) {
      state.sent.push(wanted)
      const answer = answers.shift()
      await new Promise<void>((resolve) => gates.push(resolve))
      if (answer === 'fail') throw new Error('no')
      return wanted
    },
    settle: (answer: boolean) => {
      state.settled.push(answer)
    },
    failed: () => {
      state.failures++
    },
  }
  const open = async () => {
    gates.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { state, act, open }
}

test('quick taps send one request at a time, and the last wish wins', async () => {
  const { state, act, open } = switchOf(['ok', 'ok'])
  const first = toggle('post', true, act)
  void toggle('post', false, act)
  void toggle('post', true, act)
  void toggle('post', false, act)
  assert.equal(state.shown, false)
  assert.deepEqual(state.sent, [true])
  await open()
  assert.deepEqual(state.sent, [true, false])
  await open()
  await first
  assert.deepEqual(state.settled, [false])
})

test('taps that end where they began send nothing more', async () => {
  const { state, act, open } = switchOf(['ok'])
  const first = toggle('post', true, act)
  void toggle('post', false, act)
  void toggle('post', true, act)
  await open()
  await first
  assert.deepEqual(state.sent, [true])
  assert.equal(state.shown, true)
})

test('a refused tap does not leave the heart filled', async () => {
  const { state, act, open } = switchOf(['fail'])
  const first = toggle('post', true, act)
  await open()
  await first
  assert.equal(state.shown, false)
  assert.equal(state.failures, 1)
})

test('when only the second request fails, the first one’s outcome stays', async () => {
  const { state, act, open } = switchOf(['ok', 'fail'])
  const first = toggle('post', true, act)
  void toggle('post', false, act)
  await open()
  await open()
  await first
  assert.equal(state.shown, true)
  assert.equal(state.failures, 1)
})
