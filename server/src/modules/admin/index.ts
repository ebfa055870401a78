import type { AccountsApi } from '#modules/accounts'
import type { AuditLog } from '#modules/audit'
import type { Database } from '#platform/db/db.ts'
import type { Http } from '#platform/http/http.ts'
import { mountAdmin } from './admin-routes.ts'
import { createInstance, type InstanceService } from './instance-service.ts'

export type { AdminTables } from './admin-tables.ts'

export interface AdminDeps {
  database: Database
  auditLog: AuditLog
  accounts: AccountsApi
}

export interface Admin {
  /** For the command line. */
  api: { instance: InstanceService; log: AuditLog }
  routes(http: Http): void
}

export function createAdmin({ database, auditLog: log, accounts }: AdminDeps): Admin {
  const instance = createInstance({
    database,
    record: log.record,
    door: { signUp: 'open', minimumAge: 0 },
  })
  return { api: { instance, log }, routes: (http) => mountAdmin(http, { accounts, log, instance }) }
}
