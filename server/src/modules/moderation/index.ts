import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { MessagesModeration } from '#modules/messages'
import type { PostsApi } from '#modules/posts'
import type { StoriesApi } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import { createExportReports } from './export-reports.ts'
import type { BlockList } from './moderation-block-list.ts'
import { createDecisions, type Decisions } from './moderation-decisions.ts'
import { createModerationLog, type ModerationLog } from './moderation-log.ts'
import { defineModerationJobs } from './moderation-profiles.ts'
import { createQueue, type Queue } from './moderation-queue.ts'
import { createReports } from './moderation-reports.ts'
import { mountModeration } from './moderation-routes.ts'
import type { ModerationScreening } from './moderation-screening.ts'
import { createModerationUpkeep, type ModerationUpkeep } from './moderation-upkeep.ts'

export type { ModerationLog } from './moderation-log.ts'
export type { Queue } from './moderation-queue.ts'
export { createScreening, type ModerationScreening } from './moderation-screening.ts'
export type { ModerationEvents, ModerationTables } from './moderation-tables.ts'

export interface ModerationDeps {
  database: Database
  ids: IdSource
  events: Events
  jobs: Jobs
  clock: Clock
  accounts: AccountsApi
  media: MediaApi
  posts: PostsApi
  messages: MessagesModeration
  stories: StoriesApi
  screening: ModerationScreening
}

export interface Moderation {
  /** For the command line; the operator is nobody's viewer. */
  api: {
    queue: Queue
    log: Pick<ModerationLog, 'list'>
    decisions: Decisions
    blockList: Pick<BlockList, 'list'>
    upkeep: ModerationUpkeep
  }
  routes(http: Http): void
}

export function createModeration(deps: ModerationDeps): Moderation {
  const { accounts, media, screening } = deps
  const posts = deps.posts.moderation
  const stories = deps.stories.moderation
  const { blockList } = screening
  const log = createModerationLog(deps)
  const reports = createReports({ ...deps, posts, stories })
  const queue = createQueue({ ...deps, posts, stories, reports })
  const decisions = createDecisions({ ...deps, media, posts, stories, blockList, log })
  const upkeep = createModerationUpkeep({ ...deps, posts, stories })
  defineModerationJobs(deps)
  accounts.whenExported(createExportReports(deps))
  deps.jobs.every('moderation.withdraw_gone', '*/10 * * * *', async () => void (await upkeep.withdrawGone()))
  deps.jobs.every(
    'moderation.queue_forgotten',
    '27 3 * * *',
    async ({ log: words }) => {
      const queued = await upkeep.queueForgotten()
      if (queued > 0) words.error({ queued }, 'posts waited for a moderator without a case')
    },
    { lane: 'bulk' },
  )
  return {
    api: { queue, log, decisions, blockList, upkeep },
    routes: (http) => mountModeration(http, { accounts, reports, queue, decisions, log }),
  }
}
