import { createHash } from 'node:crypto'
import type { MediaRow } from '#modules/media'
import type { Db, Tx } from '#platform/db/db.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { PostRow } from '../posts-rows.ts'
import { findPostMedia } from './posts-reads.ts'

type Words = Pick<
  PostRow,
  'id' | 'caption' | 'place_name' | 'place_lat' | 'place_lng' | 'sensitive' | 'show_metadata'
>

/** What there is to see of posts: whatever an owner changes is another version, also what is still being prepared. */
export async function versionsOf(
  db: Db | Tx,
  posts: readonly Words[],
  loadMedia: (ids: Id[]) => Promise<ReadonlyMap<Id, MediaRow>>,
): Promise<Map<Id, string>> {
  const places = await findPostMedia(
    db,
    posts.map((post) => post.id),
  )
  const rows = await loadMedia([...places.values()].flat().map(({ id }) => id))
  return new Map(
    posts.map((post) => {
      const { caption, place_name, place_lat, place_lng, sensitive, show_metadata } = post
      const media = (places.get(post.id) ?? []).map(({ id, alt_text }) => {
        const row = rows.get(id)
        return [id, alt_text, row?.revision, row?.large_key, row?.captions_key]
      })
      const words = [caption, place_name, place_lat, place_lng, sensitive, show_metadata]
      return [post.id, digestOf([words, media])]
    }),
  )
}

export function digestOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)
}
