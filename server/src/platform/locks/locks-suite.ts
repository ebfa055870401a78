import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { until } from '../../../test/helpers/until.ts'
import { type Locks, LockTimeoutError } from './locks.ts'

export interface LocksUnderTest {
  /** As two processes have them; the same where there is only one. */
  ours: Locks
  theirs: Locks
}

const patient = { patienceMs: 20_000 }
const upload = { id: '8388608', use: 'upload' }
const nobody = () => assert.fail('nobody waits')

/** What every engine of the locks does. */
export function locksSuite(name: string, create: (t: TestContext) => Promise<LocksUnderTest>): void {
  const check = (title: string, work: (given: LocksUnderTest) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => work(await create(t)))

  check('one at a time, and who waits asks the holder to end', async ({ ours, theirs }) => {
    const inside: string[] = []
    const story: string[] = []
    const visit = async (who: string, locks: Locks) => {
      const done = Promise.withResolvers<void>()
      const release = await locks.take(upload, { ...patient, onAsked: () => done.resolve() })
      inside.push(who)
      assert.deepEqual(inside, [who], 'alone')
      story.push(who)
      if (story.length < 6) await done.promise
      inside.pop()
      await release()
    }
    await Promise.all(['a', 'b', 'c'].flatMap((who) => [visit(who, ours), visit(`${who}'`, theirs)]))
    assert.equal(story.length, 6)
    assert.deepEqual(
      story.filter((who) => who.length === 1),
      ['a', 'b', 'c'],
      'within a process in the order they came',
    )
  })

  check('one thing is not held up for another, nor for another use of it', async ({ ours, theirs }) => {
    const releases = await Promise.all([
      ours.take(upload, { ...patient, onAsked: nobody }),
      theirs.take({ ...upload, id: '8388609' }, { ...patient, onAsked: nobody }),
      theirs.take({ ...upload, use: 'finish' }, { ...patient, onAsked: nobody }),
    ])
    for (const release of releases) await release()
  })

  check('who gave up waiting is forgotten, and giving back twice is giving back once', async (given) => {
    const { ours, theirs } = given
    const release = await ours.take(upload, { ...patient, onAsked: () => undefined })
    for (const locks of [ours, theirs]) {
      const gone = new AbortController()
      const waiting = locks.take(upload, { ...patient, signal: gone.signal, onAsked: nobody })
      await turn()
      gone.abort()
      await assert.rejects(waiting, LockTimeoutError)
      await assert.rejects(locks.take(upload, { patienceMs: 1, onAsked: nobody }), LockTimeoutError)
    }
    await release()
    const next = await theirs.take(upload, { ...patient, onAsked: () => undefined })
    await release()
    let entered = false
    const last = ours.take(upload, { ...patient, onAsked: () => undefined }).then((released) => {
      entered = true
      return released
    })
    await turn()
    assert.equal(entered, false)
    await next()
    await until(() => entered)
    await (await last)()
  })
}
