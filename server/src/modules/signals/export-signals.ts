import type { KeptSignal } from '@heliograph/contract/signals'
import type { z } from 'zod'
import type { ExportRoom } from '#modules/accounts'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { createSignalsView } from './signals-view.ts'

interface Deps {
  database: Database
  view: ReturnType<typeof createSignalsView>
}

const batch = 500

/** What the feed knows of a person, as their settings show it. */
export function createExportSignals({ database, view }: Deps): ExportRoom {
  async function* kept(id: Id) {
    const read = (last: z.output<typeof KeptSignal> | null) => view.list({ id }, last?.id ?? null, batch)
    for await (const rows of eachPage(batch, read)) yield* rows
  }

  async function* hidden(id: Id) {
    const read = (last: { id: Id } | null) =>
      database.main
        .selectFrom('hidden_posts')
        .select(['id', 'post_id', 'created_at'])
        .where('bucket', '=', bucketOf(id))
        .where('user_id', '=', id)
        .$if(last !== null, (query) => query.where('id', '<', last!.id))
        .orderBy('id', 'desc')
        .limit(batch)
        .execute()
    for await (const rows of eachPage(batch, read))
      for (const row of rows) yield { postId: row.post_id, at: row.created_at }
  }

  return {
    name: 'signals',
    data: ({ id }) => [
      {
        name: 'signals',
        about: {
          en: 'What you looked at and did, as your feed uses it, for 90 days.',
          de: 'Was du angesehen und getan hast, wie dein Feed es nutzt, 90 Tage lang.',
        },
        rows: () => kept(id),
      },
      {
        name: 'interests',
        about: { en: 'What your feed makes of it.', de: 'Was dein Feed daraus macht.' },
        async value() {
          const { people, ...rest } = await view.interests({ id })
          return {
            ...rest,
            people: people.map(({ user, strength }) => ({ username: user.username, strength })),
          }
        },
      },
      {
        name: 'hidden-posts',
        about: {
          en: 'Posts that you want to see less of.',
          de: 'Beiträge, von denen du weniger sehen möchtest.',
        },
        rows: () => hidden(id),
      },
    ],
  }
}
