import type { NewOverlay } from '@heliograph/contract/stories'
import { normalizeHashtag } from '@heliograph/contract/text'
import { normalizeUsername } from '@heliograph/contract/usernames'
import type { ScreenedText } from '#modules/posts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesDeps, Viewer } from '../stories-deps.ts'
import type { StoredOverlay } from '../stories-tables.ts'

type Deps = Pick<StoriesDeps, 'posts'>

const white = '#ffffff'

/** As they are kept. A shared post must be one that its sharer sees: `post.not_found`. */
export async function storeOverlays(
  { posts }: Deps,
  writer: Viewer,
  overlays: readonly NewOverlay[],
): Promise<StoredOverlay[]> {
  const named = overlays.flatMap((overlay) =>
    overlay.kind === 'mention' ? [normalizeUsername(overlay.username)] : [],
  )
  const postIds = overlays.flatMap((overlay) => (overlay.kind === 'post' ? [overlay.postId] : []))
  const links = await posts.entitiesOf(writer, named.map((name) => `@${name}`).join(' '))
  const people = new Map(links.map((link) => [link.value, link.userId]))
  for (const postId of new Set(postIds)) await posts.moderation.requireVisible(writer, { postId })
  return overlays.map((overlay): StoredOverlay => {
    const { x, y, scale = 1, rotation = 0 } = overlay
    const where = { x, y, scale, rotation }
    switch (overlay.kind) {
      case 'text': {
        const { kind, text, style = 'plain', color = white } = overlay
        return { ...where, kind, text, style, color }
      }
      case 'mention': {
        const username = normalizeUsername(overlay.username)
        const userId = people.get(username)
        return { ...where, kind: 'mention', username, ...(userId === undefined ? {} : { userId }) }
      }
      case 'hashtag':
        return { ...where, kind: 'hashtag', tag: normalizeHashtag(overlay.tag)! }
      case 'place':
        return { ...where, kind: 'place', name: overlay.name }
      default:
        return { ...where, kind: 'post', postId: overlay.postId }
    }
  })
}

export function mentionedIn(overlays: readonly StoredOverlay[]): Id[] {
  const ids = overlays.flatMap((overlay) => (overlay.kind === 'mention' ? (overlay.userId ?? []) : []))
  return [...new Set(ids)]
}

/** Everything that there is to read on a Story. */
export function textsOf(story: { alt_text: string; overlays: readonly StoredOverlay[] }): ScreenedText[] {
  const words = story.overlays.flatMap((overlay): ScreenedText[] => {
    if (overlay.kind === 'text') return [{ field: 'caption', text: overlay.text }]
    if (overlay.kind === 'hashtag') return [{ field: 'caption', text: overlay.tag }]
    // A name that is somebody's was looked at when they took it.
    if (overlay.kind === 'mention' && overlay.userId === undefined)
      return [{ field: 'caption', text: overlay.username }]
    if (overlay.kind === 'place') return [{ field: 'place', text: overlay.name }]
    return []
  })
  return [{ field: 'altText' as const, text: story.alt_text }, ...words].filter(({ text }) => text !== '')
}
