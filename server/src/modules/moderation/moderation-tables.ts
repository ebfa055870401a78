import type {
  ModerationAct,
  ModerationFinding,
  ModerationLogEntry,
  ModerationSubject,
  ReportReason,
} from '@heliograph/contract/moderation'
import type { ColumnType, JSONColumnType } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

type Json<T extends object> = JSONColumnType<T, string, string>
type Counter = ColumnType<number, number, number>

export interface ModerationCasesTable {
  bucket: number
  id: Id
  subject: ModerationSubject
  subject_id: Id
  post_id: Id | null
  author_id: Id
  state: 'waiting' | 'decided' | 'withdrawn'
  findings: Json<ModerationFinding[]>
  report_count: Counter
  opened_at: Date
  act: ModerationAct | null
  decided_by: Id | null
  decided_at: Date | null
  /** Digests by field, of an account that was approved. */
  approved_texts: ColumnType<Record<string, string> | null, string | null, string | null>
}

export interface ModerationReportsTable {
  bucket: number
  subject: ModerationSubject
  subject_id: Id
  reporter_id: Id
  id: Id
  case_id: Id
  reason: ReportReason
  note: string
  created_at: Date
}

export interface ModerationLogTable {
  bucket: number
  id: Id
  case_id: Id | null
  act: ModerationLogEntry['act']
  at: Date
  actor_id: Id | null
  actor_name: string | null
  subject: ModerationLogEntry['subject']
  subject_id: Id
  post_id: Id | null
  author_id: Id | null
  author_name: string | null
  note: string
  before: Json<Record<string, unknown>>
  after: Json<Record<string, unknown>>
}

export interface BlockedPicturesTable {
  bucket: number
  id: Id
  media_id: Id
  perceptual_hash: Buffer
  whole_hash: Buffer | null
  frame_hashes: Buffer | null
  created_at: Date
}

export interface ModerationTables {
  moderation_cases: ModerationCasesTable
  moderation_reports: ModerationReportsTable
  moderation_log: ModerationLogTable
  blocked_pictures: BlockedPicturesTable
}

/** Subject: the case's id. */
export interface ModerationEvents {
  'moderation.decided': { caseId: Id; subject: ModerationSubject; authorId: Id; act: ModerationAct }
  /** Subject: the picture. */
  'moderation.block_list_changed': { mediaId: Id }
}
