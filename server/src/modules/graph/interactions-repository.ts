import type { HiddenWords, WhoMay } from '@heliograph/contract/interactions'
import { type Insertable, type Selectable, sql } from 'kysely'
import type { Interactions } from '#modules/accounts'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { InteractionSettingsTable } from './graph-tables.ts'
import type { Pair } from './pair-rows.ts'

const asItComes = {
  comments: 'everyone',
  mentions: 'everyone',
  messages: 'everyone',
  hidden_words: [] as string[],
  hides_foul_words: false,
} as const satisfies Partial<Insertable<InteractionSettingsTable>>

async function findSettings(
  db: Db | Tx,
  id: Id,
): Promise<Omit<Selectable<InteractionSettingsTable>, 'bucket' | 'user_id'>> {
  const [row] = await settingsOf(db, { bucket: bucketOf(id), id })
  return row ?? asItComes
}

const settingsOf = prepared('interaction_settings_of', (db, p: { bucket: number; id: Id }) =>
  db
    .selectFrom('interaction_settings')
    .select(['comments', 'mentions', 'messages', 'hidden_words', 'hides_foul_words'])
    .where('bucket', '=', p.bucket)
    .where('user_id', '=', p.id),
)

export async function findInteractions(db: Db | Tx, id: Id): Promise<Interactions> {
  const { comments, mentions, messages } = await findSettings(db, id)
  return { comments, mentions, messages }
}

export async function findHiddenWords(db: Db | Tx, id: Id): Promise<HiddenWords> {
  const row = await findSettings(db, id)
  return { words: row.hidden_words, useList: row.hides_foul_words }
}

/** What is not named stays as it is; also when another device changes that at the same moment. */
export async function saveSettings(
  tx: Tx,
  id: Id,
  columns: Partial<Omit<Insertable<InteractionSettingsTable>, 'bucket' | 'user_id'>>,
): Promise<void> {
  await tx
    .insertInto('interaction_settings')
    .values({ bucket: bucketOf(id), user_id: id, ...asItComes, ...columns })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id']).doUpdateSet(columns))
    .execute()
}

/** Of these accounts those that do not let everybody. */
export const findChosenInteractions = prepared<{ buckets: number[]; ids: Id[] }, Interactions & { id: Id }>(
  'interactions_of',
  (db, p) => ({
    compile: () =>
      sql<Interactions & { id: Id }>`
      select s.user_id as id, s.comments, s.mentions, s.messages
      from unnest(${p.buckets}::smallint[], ${p.ids}::bigint[]) as wanted(bucket, id)
      join interaction_settings s on s.bucket = wanted.bucket and s.user_id = wanted.id
    `.compile(db),
  }),
)

/** How an owner stands to somebody who comments, and what they let people say. */
export interface CommentRules {
  who: WhoMay
  /** The writer follows the owner. */
  follows: boolean
  /** The owner follows the writer. */
  is_followed: boolean
  is_restricted: boolean
  hidden_words: string[]
  hides_foul_words: boolean
}

/** All of it lies in the owner's bucket. `from` owns the post, `to` writes. */
export async function findCommentRules(db: Db | Tx, { from, to }: Pair): Promise<CommentRules> {
  const [rules] = await commentRules(db, { bucket: bucketOf(from), owner: from, writer: to })
  return rules!
}

const commentRules = prepared<{ bucket: number; owner: Id; writer: Id }, CommentRules>(
  'comment_rules',
  (db, { bucket, owner, writer }) => ({
    compile: () =>
      sql<CommentRules>`
        select
          coalesce(s.comments, 'everyone') as who,
          exists (
            select from followers where bucket = ${bucket} and followed_id = ${owner} and follower_id = ${writer}
          ) as follows,
          exists (
            select from following where bucket = ${bucket} and follower_id = ${owner} and followed_id = ${writer}
          ) as is_followed,
          exists (
            select from restricts
            where bucket = ${bucket} and restricter_id = ${owner} and restricted_id = ${writer}
          ) as is_restricted,
          coalesce(s.hidden_words, '{}') as hidden_words,
          coalesce(s.hides_foul_words, false) as hides_foul_words
        from (select 1) as one
        left join interaction_settings s on s.bucket = ${bucket} and s.user_id = ${owner}
      `.compile(db),
  }),
)
