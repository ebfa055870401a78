import { presentMetadata } from '@heliograph/contract/photo-metadata'
import { sql } from 'kysely'
import type { Database } from '#platform/db/db.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import type { MediaApi, PictureScreening } from './media-api.ts'
import { findHashes, findWords } from './media-repository.ts'
import type { Moderation } from './media-tables.ts'

/** What was found in pictures, for those who decide what may be shown. */
export function createMediaModeration(
  database: Database,
  screening: Pick<PictureScreening, 'recognise'>,
): Pick<MediaApi, 'moderationOf' | 'judgedNow' | 'wordsOf' | 'approve' | 'hashesOf'> {
  const moderationOf: MediaApi['moderationOf'] = async (ids, db = database.main) => {
    if (ids.length === 0) return new Map()
    const rows = await db
      .selectFrom('media')
      .select(['id', 'moderation'])
      .where('bucket', 'in', [...new Set(ids.map(bucketOf))])
      .where('id', 'in', [...ids])
      .execute()
    return new Map(rows.flatMap(({ id, moderation }) => (moderation ? [[id, moderation]] : [])))
  }

  return {
    moderationOf,
    hashesOf: findHashes,
    async judgedNow(tx, ids) {
      const judged = new Map(await moderationOf(ids, tx))
      for (const [id, hashes] of await findHashes(tx, ids)) {
        const found = await screening.recognise(tx, hashes)
        const unseen: Moderation = { verdict: 'pass', model: null, scores: null }
        if (found) judged.set(id, { ...(judged.get(id) ?? unseen), ...found })
      }
      return judged
    },
    async wordsOf(tx, ids) {
      const rows = await findWords(tx, ids)
      const shown = rows.map(({ exif }) => presentMetadata(exif, 'everybody'))
      const isText = (text: string | null | undefined) => typeof text === 'string'
      return {
        captions: rows.map(({ captions_text }) => captions_text).filter(isText),
        cameras: shown.flatMap(({ camera, lens }) => [camera, lens]).filter(isText),
      }
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
  }
}
