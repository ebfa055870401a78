// Scenario "live": what messages, open sockets and what hangs on them cost, beside bare servers over the same Redis and disk.
import { measureDelivery } from './live-delivery.ts'
import { measureDurable } from './live-durable.ts'
import { measureMemory } from './live-memory.ts'
import { measureNotifications } from './live-notifications.ts'
import { type MeasurePart, withLiveSetting } from './live-setting.ts'
import { measureTray, measureViews } from './live-stories.ts'
import type { RunScenario } from './scenario.ts'

/** One after the other, on the same people and processes. */
const parts: readonly MeasurePart[] = [
  measureDelivery,
  measureDurable,
  measureTray,
  measureViews,
  measureNotifications,
  measureMemory,
]

export const run: RunScenario = (context) =>
  withLiveSetting(context, async (setting) => {
    const found = []
    for (const measure of parts) found.push(await measure(setting))
    const { people, follows } = setting.set.size
    return {
      summary:
        'Two processes of the server on one PostgreSQL, which flushes what it commits, and one Redis; beside them two bare ' +
        'processes on the same two. Sockets, clients and what is compared take turns.',
      tables: found.flatMap(({ tables }) => tables),
      targets: found.flatMap(({ targets = [] }) => targets),
      facts: {
        'set live': `${people} people, ${follows} follows`,
        ...Object.assign({}, ...found.map(({ facts }) => facts ?? {})),
      },
    }
  })
