import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import type { MediaApi } from './media-api.ts'

/** What was found in pictures, for those who decide what may be shown. */
export function createMediaModeration(
  database: Database,
): Pick<MediaApi, 'moderationOf' | 'approve' | 'hashesOf'> {
  return {
    async moderationOf(ids, db = database.main) {
      if (ids.length === 0) return new Map()
      const rows = await db
        .selectFrom('media')
        .select(['id', 'moderation'])
        .where('bucket', 'in', [...new Set(ids.map(bucketOf))])
        .where('id', 'in', [...ids])
        .execute()
      return new Map(rows.flatMap(({ id, moderation }) => (moderation ? [[id, moderation]] : [])))
    },
    async approve(tx, mediaIds) {
      for (const id of [...mediaIds].sort())
        await tx
          .updateTable('media')
          .set({ moderation: sql<string>`moderation || '{"verdict": "pass"}'` })
          .where('bucket', '=', bucketOf(id))
          .where('id', '=', id)
          .where('moderation', 'is not', null)
          .execute()
    },
    async hashesOf(tx, mediaIds) {
      if (mediaIds.length === 0) return new Map()
      const rows = await tx
        .selectFrom('media')
        .select(['id', 'perceptual_hash'])
        .where('bucket', 'in', [...new Set(mediaIds.map(bucketOf))])
        .where('id', 'in', [...mediaIds])
        .execute()
      return new Map(rows.flatMap(({ id, perceptual_hash: hash }) => (hash ? [[id, hash]] : [])))
    },
  }
}
