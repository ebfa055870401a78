import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createUploadLocker } from './media-upload-locker.ts'

const never = new AbortController().signal

it('lets one request at a time at an upload, in their order, and asks the holder to end', async () => {
  const locker = createUploadLocker()
  const story: string[] = []
  const take = async (name: string) => {
    const lock = locker.newLock('1')
    await lock.lock(never, () => void story.push(`${name} asked`))
    story.push(`${name} in`)
    return lock
  }
  const first = await take('a')
  const second = take('b')
  const third = take('c')
  await new Promise(setImmediate)
  assert.deepEqual(story, ['a in', 'a asked', 'a asked'])
  await first.unlock()
  await (await second).unlock()
  await (await third).unlock()
  const entered = story.filter((line) => line.endsWith('in'))
  assert.deepEqual(entered, ['a in', 'b in', 'c in'])
  assert.ok(story.includes('b asked'), 'c waits for b')
  const fourth = await take('d')
  await fourth.unlock()
  assert.equal(story.at(-1), 'd in')
})

it('does not stop one upload for another', async () => {
  const locker = createUploadLocker()
  const one = locker.newLock('1')
  await one.lock(never, () => assert.fail('nobody waits'))
  const two = locker.newLock('2')
  await two.lock(never, () => assert.fail('nobody waits'))
  await one.unlock()
  await two.unlock()
})

it('forgets who gave up waiting', async () => {
  const locker = createUploadLocker()
  const holder = locker.newLock('1')
  await holder.lock(never, () => undefined)
  const gone = new AbortController()
  const waiting = locker.newLock('1').lock(gone.signal, () => undefined)
  gone.abort()
  await assert.rejects(waiting, { status_code: 500 })
  await holder.unlock()
  const next = locker.newLock('1')
  await next.lock(never, () => undefined)
  await next.unlock()
})
