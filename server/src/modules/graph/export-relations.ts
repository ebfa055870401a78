import { sql } from 'kysely'
import type { AccountsApi, ExportedData, ExportRoom, Relations } from '#modules/accounts'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import { bucketOf, type Id, timeOf } from '#platform/ids/ids.ts'
import { findHiddenWords, findInteractions } from './interactions-repository.ts'
import { listRows, type PairTable, type Place, pairs } from './pair-rows.ts'

interface Deps {
  database: Database
  accounts: Pick<AccountsApi, 'findByIds'>
  relations: Pick<Relations, 'visibleProfiles'>
}

const batch = 500

const columns = {
  follow_requests_sent: ['follower_id', 'followed_id'],
  suggestions_refused: ['user_id', 'refused_id'],
} as const

const lists: readonly [name: string, about: string, of: PairTable][] = [
  ['followers', 'Who follows you.', pairs.follows.mirror],
  ['following', 'Whom you follow.', pairs.follows.truth],
  ['follow-requests', 'Who asks to follow you.', pairs.requests.mirror],
  ['favourites', 'Your favourites.', pairs.favourites.truth],
  ['close-friends', 'Your close friends.', pairs.closeFriends.truth],
  ['blocked', 'Whom you blocked.', pairs.blocks.truth],
  ['muted', 'Whom you muted.', pairs.mutes.truth],
  ['restricted', 'Whom you restricted.', pairs.restricts.truth],
  ['stories-hidden-from', 'From whom you hide your Stories.', pairs.storyHidden.truth],
]

/** How somebody stands to others, by the lists that they find in the app: whom they may not see is in neither. */
export function createExportRelations({ database, accounts, relations }: Deps): ExportRoom {
  const db = database.main

  async function* named(id: Id, places: readonly { userId: Id; since: Date }[]) {
    const ids = places.map(({ userId }) => userId)
    const [visible, people] = [await relations.visibleProfiles({ id }, ids), await accounts.findByIds(ids)]
    for (const place of places) {
      const person = people.get(place.userId)
      if (person && visible.has(place.userId)) yield { username: person.username, since: place.since }
    }
  }

  async function* people(id: Id, of: PairTable) {
    const read = (last: Place | null) => listRows(db, of, id, { before: last?.id ?? null, limit: batch })
    for await (const places of eachPage(batch, read))
      yield* named(
        id,
        places.map((place) => ({ userId: place.userId, since: new Date(timeOf(place.id)) })),
      )
  }

  /** Of lists that nobody reads in an order: by whom they name. */
  async function* unordered(id: Id, table: 'follow_requests_sent' | 'suggestions_refused') {
    const [owner, other] = columns[table]
    const pages = eachPage<{ other: Id; at: Date }>(batch, async (last) => {
      const found = await sql<{ other: Id; at: Date }>`
        select ${sql.ref(other)} as other, created_at as at from ${sql.table(table)}
        where bucket = ${bucketOf(id)} and ${sql.ref(owner)} = ${id} and ${sql.ref(other)} > ${last?.other ?? '0'}
        order by ${sql.ref(other)} limit ${batch}
      `.execute(db)
      return found.rows
    })
    for await (const rows of pages)
      yield* named(
        id,
        rows.map((row) => ({ userId: row.other, since: row.at })),
      )
  }

  return {
    name: 'relations',
    data: ({ id }) => [
      ...lists.map(([name, about, of]): ExportedData => ({ name, about, rows: () => people(id, of) })),
      {
        name: 'follow-requests-sent',
        about: 'Whom you asked to follow.',
        rows: () => unordered(id, 'follow_requests_sent'),
      },
      {
        name: 'suggestions-refused',
        about: 'Whom you do not want to have suggested.',
        rows: () => unordered(id, 'suggestions_refused'),
      },
      {
        name: 'interactions',
        about: 'Who may comment, mention and write to you, and the words that you hide.',
        value: async () => ({
          ...(await findInteractions(db, id)),
          hiddenWords: await findHiddenWords(db, id),
        }),
      },
    ],
  }
}
