import type { AccountsApi } from '#modules/accounts'
import type { RecordAct } from '#modules/audit'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import { createExportVerification } from './export-verification.ts'
import { createDecisions, type Decisions } from './verification-decisions.ts'
import { createRequests } from './verification-requests.ts'
import { mountVerification } from './verification-routes.ts'
import { defineVerificationJobs } from './verification-upkeep.ts'

export type { VerificationEvents, VerificationTables } from './verification-tables.ts'

export interface VerificationDeps {
  database: Database
  ids: IdSource
  clock: Clock
  events: Events
  jobs: Jobs
  accounts: AccountsApi
  media: Pick<MediaApi, 'evidence'>
  record: RecordAct
  publicUrl: string
}

export interface Verification {
  /** `erase` does at once what the job does every hour. */
  api: Pick<Decisions, 'setVerified' | 'countWaiting'> & { erase(): Promise<number> }
  routes(http: Http): void
}

export function createVerification(deps: VerificationDeps): Verification {
  const { accounts } = deps
  const requests = createRequests(deps)
  const decisions = createDecisions(deps)
  const { erase } = defineVerificationJobs(deps)
  accounts.whenExported(createExportVerification(deps))
  accounts.whenMarkIsLost(decisions.noteLost)
  return {
    api: { setVerified: decisions.setVerified, countWaiting: decisions.countWaiting, erase },
    routes: (http) => mountVerification(http, { accounts, requests, decisions }),
  }
}
