import type { AccountsApi } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import { findApprovedTexts, openCase } from './moderation-cases.ts'
import type { ModerationScreening } from './moderation-screening.ts'
import { digestsOf, wordsOf } from './moderation-versions.ts'

interface Deps {
  database: Database
  ids: IdSource
  clock: Clock
  events: Events
  jobs: Jobs
  accounts: Pick<AccountsApi, 'findByIds'>
  screening: Pick<ModerationScreening, 'words'>
}

/**
 * What people write about themselves goes out at once and is looked at a moment after: a name is needed to sign
 * up, and a wrong suspicion should not keep anybody outside (docs/adr/0012). Of who waits to be let in it is looked
 * at once they are.
 */
export function defineModerationJobs({
  database,
  ids,
  clock,
  events,
  jobs,
  accounts,
  screening,
}: Deps): void {
  jobs.define<{ accountId: Id }>('moderation.screen_profile', {
    lane: 'default',
    maxAttempts: 8,
    async run({ accountId }) {
      const account = (await accounts.findByIds([accountId])).get(accountId)
      if (account?.state !== 'active') return
      const words = wordsOf(account)
      const [digests, approved] = [digestsOf(words), await findApprovedTexts(database.main, accountId)]
      const texts = Object.entries(words).map(([field, text]) => ({
        field: field as keyof typeof words,
        text,
      }))
      const unseen = texts.filter(({ field }) => digests[field] !== approved[field])
      const findings = screening.words(
        unseen.map(({ field, text }) => ({
          field,
          text: field === 'username' ? text.replaceAll(/[._]/g, ' ') : text,
        })),
      )
      if (findings.length === 0) return
      const about = { subject: 'account' as const, subjectId: accountId, postId: null, authorId: accountId }
      const id = ids.next(bucketOf(accountId))
      await database.transaction((tx) =>
        openCase(tx, { ...about, id, findings, reports: 0, now: new Date(clock.now()) }),
      )
    },
  })
  for (const kind of ['accounts.signed_up', 'accounts.approved', 'accounts.profile_changed'] as const)
    events.react(kind, 'moderation.screen_profile', ({ subjectId }) => ({ accountId: subjectId }), {
      key: ({ subjectId }) => `moderation.screen_profile:${subjectId}`,
    })
}
