import { type NotificationChoices, preferenceShapes } from '@heliograph/contract/preferences'
import { type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Db, Tx } from '#platform/db/db.ts'
import { prepared } from '#platform/db/prepared.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { PreferencesTable } from './accounts-tables.ts'

const Choices = z.object(preferenceShapes)
/** What is kept apart from the account's own row: nobody else's reads need it. */
export type Choices = z.output<typeof Choices>
type ChoicesPatch = Partial<Omit<Choices, 'notifications'>> & {
  notifications?: Partial<NotificationChoices> | undefined
}

const asItComes: Choices = {
  autoplay: 'always',
  defaultAudience: 'public',
  shareMetadata: false,
  keepStoryArchive: false,
  notifications: {
    likes: 'everyone',
    comments: 'everyone',
    mentions: 'everyone',
    follows: 'everyone',
    requests: 'everyone',
    messages: 'everyone',
    conversations: 'everyone',
    stories: 'following',
    own: 'everyone',
    security: 'everyone',
  },
  quietHours: null,
  pushText: false,
  digest: 'off',
}

/** Of several people; whoever never chose anything has what comes by itself. */
export async function findChoicesOf(db: Db | Tx, ids: readonly Id[]): Promise<Map<Id, Choices>> {
  const rows = await choicesByIds(db, { buckets: ids.map(bucketOf), ids: [...ids] })
  const found = new Map(rows.map((row) => [row.user_id, row]))
  return new Map(ids.map((id) => [id, toChoices(found.get(id))]))
}

const choicesByIds = prepared(
  'preferences_by_ids',
  (db, { buckets, ids }: { buckets: number[]; ids: Id[] }) => ({
    compile: () =>
      sql<Selectable<PreferencesTable>>`
        select p.* from unnest(${buckets}::smallint[], ${ids}::bigint[]) as wanted(bucket, id)
        join preferences p on p.bucket = wanted.bucket and p.user_id = wanted.id
      `.compile(db),
  }),
)

export async function findChoices(db: Db | Tx, id: Id): Promise<Choices> {
  const [row] = await choicesByIds(db, { buckets: [bucketOf(id)], ids: [id] })
  return toChoices(row)
}

function toChoices(row: Selectable<PreferencesTable> | undefined): Choices {
  if (!row) return asItComes
  return {
    autoplay: row.autoplay,
    defaultAudience: row.default_audience,
    shareMetadata: row.share_metadata,
    keepStoryArchive: row.keep_story_archive,
    notifications: { ...asItComes.notifications, ...row.notifications },
    quietHours:
      row.quiet_from === null || row.quiet_to === null ? null : { from: row.quiet_from, to: row.quiet_to },
    pushText: row.push_text,
    digest: row.digest,
  }
}

/** Those named in a request, without what belongs to the profile; undefined when there are none. */
export function choicesIn(patch: ChoicesPatch): ChoicesPatch | undefined {
  const { autoplay, defaultAudience, shareMetadata, keepStoryArchive, notifications } = patch
  const { quietHours, pushText, digest } = patch
  const named = {
    ...(autoplay !== undefined && { autoplay }),
    ...(defaultAudience !== undefined && { defaultAudience }),
    ...(shareMetadata !== undefined && { shareMetadata }),
    ...(keepStoryArchive !== undefined && { keepStoryArchive }),
    ...(notifications !== undefined && { notifications }),
    ...(quietHours !== undefined && { quietHours }),
    ...(pushText !== undefined && { pushText }),
    ...(digest !== undefined && { digest }),
  }
  return Object.keys(named).length > 0 ? named : undefined
}

/** Changes what is named; the caller holds the account's lock, so that two devices cannot undo each other. */
export async function saveChoices(tx: Tx, id: Id, patch: ChoicesPatch): Promise<void> {
  const before = await findChoices(tx, id)
  const now = { ...before, ...patch, notifications: { ...before.notifications, ...patch.notifications } }
  const row = {
    autoplay: now.autoplay,
    default_audience: now.defaultAudience,
    share_metadata: now.shareMetadata,
    keep_story_archive: now.keepStoryArchive,
    notifications: JSON.stringify(now.notifications),
    quiet_from: now.quietHours?.from ?? null,
    quiet_to: now.quietHours?.to ?? null,
    push_text: now.pushText,
    digest: now.digest,
  }
  await tx
    .insertInto('preferences')
    .values({ bucket: bucketOf(id), user_id: id, ...row })
    .onConflict((conflict) => conflict.columns(['bucket', 'user_id']).doUpdateSet(row))
    .execute()
}
