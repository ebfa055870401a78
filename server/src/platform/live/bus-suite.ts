import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { until } from '../../../test/helpers/until.ts'
import type { Bus } from './bus.ts'

export interface BusUnderTest {
  /** As two processes have it; the same one where there is only one. */
  ours: Bus
  theirs: Bus
}

/** What every engine of the bus does. */
export function busSuite(
  name: string,
  create: (t: TestContext, onError: (error: unknown) => void) => Promise<BusUnderTest>,
  skip: string | false = false,
): void {
  const check = (title: string, work: (given: BusUnderTest, errors: unknown[]) => Promise<void>) =>
    test(`${name}: ${title}`, { skip }, async (t) => {
      const errors: unknown[] = []
      const given = await create(t, (error) => errors.push(error))
      await until(() => given.ours.isUp && given.theirs.isUp)
      await work(given, errors)
      await given.ours.close()
      await given.theirs.close()
    })

  /** Subscribed, and known to be: words sent before that may be lost. */
  async function hear(from: Bus, to: Bus, channel: string): Promise<{ words: string[]; stop: () => void }> {
    const words: string[] = []
    let arrived = false
    const stop = to.subscribe(channel, (text) => {
      if (text === 'probe') arrived = true
      else words.push(text)
    })
    await until(() => {
      from.publish(channel, 'probe')
      return arrived
    })
    return { words, stop }
  }

  check('a word reaches every subscriber of its channel, the publisher too, and no other', async (bus) => {
    const [mine, yours, other] = await Promise.all([
      hear(bus.theirs, bus.ours, 'a'),
      hear(bus.ours, bus.theirs, 'a'),
      hear(bus.ours, bus.theirs, 'b'),
    ])
    bus.ours.publish('a', 'héllo 🌍')
    await until(() => mine.words.length > 0 && yours.words.length > 0)
    bus.ours.publish('b', 'end')
    await until(() => other.words.length > 0)
    assert.deepEqual([mine.words, yours.words, other.words], [['héllo 🌍'], ['héllo 🌍'], ['end']])
  })

  check('words of one process keep their order, and large ones arrive whole', async (bus) => {
    const { words } = await hear(bus.ours, bus.theirs, 'order')
    const sent = Array.from({ length: 500 }, (_, n) => (n === 250 ? 'x'.repeat(300_000) : String(n)))
    for (const word of sent) bus.ours.publish('order', word)
    await until(() => words.length >= sent.length)
    assert.deepEqual(words, sent)
  })

  check('who has unsubscribed hears nothing, and nobody else is unsubscribed with him', async (bus) => {
    const one = await hear(bus.ours, bus.theirs, 'c')
    const two = await hear(bus.ours, bus.theirs, 'c')
    one.stop()
    one.stop()
    bus.ours.publish('c', '1')
    await until(() => two.words.length > 0)
    two.stop()
    const again = await hear(bus.ours, bus.theirs, 'c')
    bus.ours.publish('c', '2')
    await until(() => again.words.length > 0)
    assert.deepEqual([one.words, two.words, again.words], [[], ['1'], ['2']])
  })

  check('a handler that throws is told of and keeps nobody from hearing', async (bus, errors) => {
    const stop = bus.theirs.subscribe('d', (text) => {
      if (text === 'bad') throw new Error('the handler is broken')
    })
    const { words } = await hear(bus.ours, bus.theirs, 'd')
    bus.ours.publish('d', 'bad')
    await until(() => words.length > 0 && errors.length > 0)
    stop()
    assert.match(String(errors[0]), /the handler is broken/)
  })

  check('closed is silent, and publishing on it is no error', async (bus) => {
    await bus.ours.close()
    bus.ours.publish('e', 'nothing')
  })
}
