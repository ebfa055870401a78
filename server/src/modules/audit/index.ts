export {
  type Act,
  type Actor,
  type AuditLog,
  createAuditLog,
  type Named,
  type RecordAct,
} from './audit-log.ts'
export type { AuditTables } from './audit-tables.ts'
