import type { AccountsApi } from '#modules/accounts'
import type { AuditLog } from '#modules/audit'
import type { MediaApi } from '#modules/media'
import type { Moderation } from '#modules/moderation'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Http } from '#platform/http/http.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Processes } from '#platform/processes/processes.ts'
import { type AdminAccounts, createAdminAccounts } from './admin-accounts.ts'
import { type AdminReads, createAdminReads, type VerificationQueue } from './admin-reads.ts'
import { mountAdmin } from './admin-routes.ts'
import { createInstance, type Door, type InstanceService } from './instance-service.ts'
import { createOperatorActs, type OperatorActs } from './operator-acts.ts'

export { requireRank } from './admin-policy.ts'
export type { AdminTables } from './admin-tables.ts'

export interface AdminDeps {
  database: Database
  clock: Clock
  jobs: Jobs
  processes: Processes
  auditLog: AuditLog
  accounts: AccountsApi
  media: MediaApi
  moderation: Moderation['api']
  verification: VerificationQueue
  door: Door
}

export interface Admin {
  /** For the command line, whose acts are the operator's. */
  api: { instance: InstanceService; acts: AdminAccounts; operator: OperatorActs; log: AdminReads['log'] }
  routes(http: Http): void
}

export function createAdmin(deps: AdminDeps): Admin {
  const { record } = deps.auditLog
  const { door } = deps
  const instance = createInstance({
    ...deps,
    record,
    door: { signUp: door.signUp, minimumAge: door.minimumAge },
  })
  const acts = createAdminAccounts({ ...deps, instance, record })
  const reads = createAdminReads(deps)
  deps.jobs.every('admin.end_suspensions', '* * * * *', async ({ log }) => {
    const ended = await acts.endSuspensions()
    if (ended > 0) log.info({ ended }, 'suspensions ended by themselves')
  })
  return {
    api: {
      instance,
      acts,
      operator: createOperatorActs({ ...deps, record, lockInstance: instance.lock }),
      log: reads.log,
    },
    routes: (http) => mountAdmin(http, { ...deps, instance, acts, reads }),
  }
}
