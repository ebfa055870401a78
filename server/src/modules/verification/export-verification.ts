import type { ExportRoom } from '#modules/accounts'
import type { Database } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import { listNewest } from './verification-repository.ts'

/** More than anybody may ask in a life. */
const most = 1000

export function createExportVerification({ database }: { database: Database }): ExportRoom {
  async function* requests(id: Id) {
    for (const row of await listNewest(database.main, id, most))
      yield {
        state: row.state,
        category: row.category,
        fullName: row.full_name,
        knownAs: row.known_as,
        links: row.links,
        evidence: row.evidence.map(({ type, bytes }) => ({ type, bytes })),
        reason: row.reason,
        createdAt: row.created_at,
        decidedAt: row.decided_at,
      }
  }
  return {
    name: 'verification',
    data: ({ id }) => [
      {
        name: 'verification-requests',
        about: {
          en: 'Your requests to be verified, without the evidence.',
          de: 'Deine Anträge auf Verifizierung, ohne die Nachweise.',
        },
        rows: () => requests(id),
      },
    ],
  }
}
