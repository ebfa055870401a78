import type { AdminAct, AdminLogEntry } from '@heliograph/contract/admin'
import type { JSONColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

type Json<T extends object> = JSONColumnType<T, string, string>

export interface AdminLogTable {
  bucket: number
  id: Id
  act: AdminAct
  at: Date
  by: AdminLogEntry['by']
  actor_id: Id | null
  actor_name: string | null
  subject_id: Id | null
  subject_name: string | null
  note: string
  before: Json<Record<string, unknown>>
  after: Json<Record<string, unknown>>
}

export interface AuditTables {
  admin_log: AdminLogTable
}
