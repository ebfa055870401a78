import type { AccountsApi } from '#modules/accounts'
import type { GraphApi } from '#modules/graph'
import type { MediaApi } from '#modules/media'
import type { PostsApi } from '#modules/posts'
import type { StoriesApi } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Bus } from '#platform/live/bus.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Log } from '#platform/telemetry/log.ts'

export interface MessagesDeps {
  database: Database
  ids: IdSource
  events: Events
  bus: Pick<Bus, 'publish' | 'subscribe'>
  clock: Clock
  jobs: Pick<Jobs, 'define' | 'enqueue' | 'every'>
  log: Log
  hub: Pick<LiveHub, 'isConnected' | 'send'>
  accounts: AccountsApi
  graph: GraphApi
  media: Pick<MediaApi, 'claimUploads' | 'files' | 'presentAttached' | 'release'>
  posts: Pick<PostsApi, 'presentVisible'>
  stories: Pick<StoriesApi, 'present' | 'over'>
}

/** Everybody who reads messages is signed in. */
export type Reader = { readonly id: Id }
