import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'

/** For so long one's own new post stands on top, however the feed is ordered: people look whether it is there. */
const ownFirstMs = 10 * 60_000

export interface Firsts {
  /** What a pill announced, as it is now, the newest first. */
  announced: readonly Post[]
  ownerId: Id | undefined
  now: number
}

/** A ranked page behind what was announced and what one has just shared oneself; everything stands in it once. */
export function withFirsts(page: readonly Post[], { announced, ownerId, now }: Firsts): Post[] {
  const isOwnNew = ({ author, publishedAt }: Post) =>
    author.id === ownerId && publishedAt !== null && now - Date.parse(publishedAt) < ownFirstMs
  const known = new Set(announced.map(({ id }) => id))
  const firsts = [...announced, ...page.filter((post) => isOwnNew(post) && !known.has(post.id))].sort(
    (one, other) => Date.parse(other.publishedAt ?? '') - Date.parse(one.publishedAt ?? ''),
  )
  const first = new Set(firsts.map(({ id }) => id))
  return [...firsts, ...page.filter(({ id }) => !first.has(id))]
}

/** The last unseen post may have gone to the top: then what is new ends with the one that stood before it. */
export function endBehindFirsts(
  after: Id | null,
  page: readonly Post[],
  ordered: readonly Post[],
): Id | null {
  if (after === null) return null
  const unseen = new Set(page.slice(0, page.findIndex(({ id }) => id === after) + 1).map(({ id }) => id))
  const ofPage = new Set(page.map(({ id }) => id))
  return ordered.findLast(({ id }) => unseen.has(id) || !ofPage.has(id))?.id ?? after
}
