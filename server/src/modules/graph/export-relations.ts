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

const lists: readonly [name: string, about: ExportedData['about'], of: PairTable][] = [
  ['followers', { en: 'Who follows you.', de: 'Wer dir folgt.' }, pairs.follows.mirror],
  ['following', { en: 'Whom you follow.', de: 'Wem du folgst.' }, pairs.follows.truth],
  ['follow-requests', { en: 'Who asks to follow you.', de: 'Wer dir folgen möchte.' }, pairs.requests.mirror],
  ['favourites', { en: 'Your favourites.', de: 'Deine Favoriten.' }, pairs.favourites.truth],
  ['close-friends', { en: 'Your close friends.', de: 'Deine engen Freunde.' }, pairs.closeFriends.truth],
  ['blocked', { en: 'Whom you blocked.', de: 'Wen du blockiert hast.' }, pairs.blocks.truth],
  ['muted', { en: 'Whom you muted.', de: 'Wen du stummgeschaltet hast.' }, pairs.mutes.truth],
  ['restricted', { en: 'Whom you restricted.', de: 'Wen du eingeschränkt hast.' }, pairs.restricts.truth],
  [
    'stories-hidden-from',
    { en: 'From whom you hide your Stories.', de: 'Vor wem du deine Storys verbirgst.' },
    pairs.storyHidden.truth,
  ],
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
        about: { en: 'Whom you asked to follow.', de: 'Wem du folgen möchtest.' },
        rows: () => unordered(id, 'follow_requests_sent'),
      },
      {
        name: 'suggestions-refused',
        about: {
          en: 'Whom you do not want to have suggested.',
          de: 'Wer dir nicht vorgeschlagen werden soll.',
        },
        rows: () => unordered(id, 'suggestions_refused'),
      },
      {
        name: 'interactions',
        about: {
          en: 'Who may comment, mention and write to you, and the words that you hide.',
          de: 'Wer bei dir kommentieren, dich erwähnen und dir schreiben darf, und die Wörter, die du verbirgst.',
        },
        value: async () => ({
          ...(await findInteractions(db, id)),
          hiddenWords: await findHiddenWords(db, id),
        }),
      },
    ],
  }
}
