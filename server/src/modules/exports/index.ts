import type { AccountsApi } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { BlobStore } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { createExportAddresses } from './exports-addresses.ts'
import { createEnding, type Ending } from './exports-ending.ts'
import { defineExportsJobs } from './exports-jobs.ts'
import { createMaking } from './exports-making.ts'
import { mountExports } from './exports-routes.ts'
import { createExports } from './exports-service.ts'
import { createExportToFolder, type ExportToFolder } from './exports-to-folder.ts'
import { createWritePart } from './exports-writing.ts'

export type { ExportsEvents, ExportsTables } from './exports-tables.ts'

export interface ExportsDeps {
  database: Database
  ids: IdSource
  clock: Clock
  events: Events
  jobs: Jobs
  metrics: Metrics
  accounts: AccountsApi
  media: Pick<MediaApi, 'files' | 'quotas'>
  store: BlobStore
  /** A folder for what is on its way into the store. */
  scratch: string
  signingKeys: Keys
  publicUrl: string
  /** Behind this a copy goes on in another file. */
  partBytes: number
}

/** Copies of everything that is somebody's own, for them to take along. What that is, every room says for itself. */
export interface PersonalExports {
  api: Ending & { toFolder: ExportToFolder }
  routes(http: Http): void
}

export function createPersonalExports(deps: ExportsDeps): PersonalExports {
  const writePart = createWritePart(deps)
  const ending = createEnding(deps)
  defineExportsJobs({ ...deps, ending, making: createMaking({ ...deps, writePart }) })
  const signing = createExportAddresses({ keys: deps.signingKeys, clock: deps.clock })
  return {
    api: { ...ending, toFolder: createExportToFolder({ ...deps, writePart }) },
    routes: (http) => mountExports(http, createExports({ ...deps, signing })),
  }
}
