import type { MediaFact, MediaRow } from './media-tables.ts'

/** What every event of a medium says of it. */
export function factOf(row: Pick<MediaRow, 'owner_id' | 'purpose' | 'post_id' | 'part_of'>): MediaFact {
  return { ownerId: row.owner_id, purpose: row.purpose, postId: row.post_id, partOf: row.part_of }
}
