import type { EventOfKind } from '#platform/events/events.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Growth } from './signals-tables.ts'

type SignalsChanged = Extract<EventOfKind, { kind: 'signals.changed' }>

/** People of one event: what thousands did at once is told in a few rows instead of one for each. */
const peopleMax = 500

/** That something else is known of these now; without `grown` nothing of before holds. */
export function changedOf(people: Iterable<Id>, grown?: Growth): SignalsChanged[] {
  const ids = [...people]
  const events: SignalsChanged[] = []
  for (let at = 0; at < ids.length; at += peopleMax) {
    const [first, ...others] = ids.slice(at, at + peopleMax)
    const data = { ...(others.length > 0 && { alsoOf: others }), ...(grown && { grown }) }
    events.push({ kind: 'signals.changed', bucket: bucketOf(first!), subjectId: first!, data })
  }
  return events
}
