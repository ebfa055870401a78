import type { AccountsApi, Preferences } from '#modules/accounts'
import type { ReasonLanguage } from '#modules/ranking'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Events } from '#platform/events/events.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type Soon, whenThere } from '#platform/soon/soon.ts'

interface Deps {
  events: Pick<Events, 'on'>
  coherence: Pick<Coherence, 'createKept'>
  accounts: Pick<AccountsApi, 'preferencesOf'>
}

const keptMax = 20_000

/** In which language viewers read why they see a post. */
export function createLanguages({
  events,
  coherence,
  accounts,
}: Deps): (viewerId: Id) => Soon<ReasonLanguage> {
  const kept = coherence.createKept<Id, Preferences>({
    name: 'feed_languages',
    max: keptMax,
    load: (ids) => accounts.preferencesOf(ids),
  })
  events.on('accounts.preferences_changed', ({ subjectId }) => kept.drop(subjectId))
  return (viewerId) =>
    whenThere(kept.peek(viewerId) ?? kept.get(viewerId), (preferences) => preferences?.language ?? 'en')
}
