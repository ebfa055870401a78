import type { UserSummary } from '@heliograph/contract/accounts'
import type {
  VerificationCase,
  VerificationItem,
  VerificationRequest,
} from '@heliograph/contract/verification'
import type { RequestRow } from './verification-tables.ts'

export function presentRequest(row: RequestRow): VerificationRequest {
  return {
    id: row.id,
    state: row.state,
    category: row.category,
    createdAt: row.created_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
    reason: row.reason,
  }
}

export function presentItem(row: RequestRow, user: UserSummary): VerificationItem {
  return { ...presentRequest(row), user }
}

export function presentCase(row: RequestRow, user: UserSummary): VerificationCase {
  return {
    ...presentItem(row, user),
    fullName: row.full_name,
    knownAs: row.known_as,
    links: row.links,
    evidence: row.evidence,
    evidenceUntil: row.erase_at?.toISOString() ?? null,
  }
}
