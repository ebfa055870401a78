import type { EvidenceType, VerificationCategory, VerificationState } from '@heliograph/contract/verification'
import type { JSONColumnType, Selectable } from 'kysely'
import type { Id } from '#platform/ids/ids.ts'

type Json<T extends object> = JSONColumnType<T, string, string>

export interface EvidenceFile {
  /** Its upload's. */
  id: Id
  type: EvidenceType
  bytes: number
}

export interface VerificationRequestsTable {
  bucket: number
  id: Id
  user_id: Id
  category: VerificationCategory
  full_name: string
  known_as: string
  links: Json<string[]>
  evidence: Json<EvidenceFile[]>
  state: VerificationState
  reason: string
  created_at: Date
  decided_at: Date | null
  erase_at: Date | null
}

export interface VerificationTables {
  verification_requests: VerificationRequestsTable
}

export type RequestRow = Selectable<VerificationRequestsTable>

/** Subject: the request. */
export interface VerificationEvents {
  /** An admin granted or refused it, or took the mark away. */
  'verification.decided': {
    userId: Id
    /** Not in those of before it was told in the list of notifications. */
    state?: 'granted' | 'refused' | 'revoked'
  }
}
