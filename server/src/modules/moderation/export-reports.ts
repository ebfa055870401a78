import type { ExportRoom } from '#modules/accounts'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import type { Id } from '#platform/ids/ids.ts'

const batch = 200

/** What somebody reported; what became of it is told to nobody. */
export function createExportReports({ database }: { database: Database }): ExportRoom {
  async function* reports(id: Id) {
    const read = (last: { id: Id } | null) =>
      database.main
        .selectFrom('moderation_reports')
        .select(['id', 'subject', 'subject_id', 'reason', 'note', 'created_at'])
        .where('reporter_id', '=', id)
        .$if(last !== null, (query) => query.where('id', '>', last!.id))
        .orderBy('id')
        .limit(batch)
        .execute()
    for await (const rows of eachPage(batch, read))
      for (const { subject, subject_id, reason, note, created_at } of rows)
        yield { subject, subjectId: subject_id, reason, note, at: created_at }
  }
  return {
    name: 'reports',
    data: ({ id }) => [
      {
        name: 'reports',
        about: { en: 'What you reported.', de: 'Was du gemeldet hast.' },
        rows: () => reports(id),
      },
    ],
  }
}
