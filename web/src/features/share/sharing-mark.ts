import { me } from '../../lib/session.ts'
import type { Draft, DraftPhoto } from './drafts.ts'

// A film is written to IndexedDB for seconds, and a page may be closed meanwhile: it would stand as a draft, and not go
// out. So the tap on “Share” is written down in the same moment, with all words, beside the files that lie there already.

const keyOf = (ownerId: string) => `heliograph.sharing.${ownerId}`

/** All but the files. */
type Marked = Omit<Draft, 'photos'> & { photos: Omit<DraftPhoto, 'file' | 'video'>[] }

export function markSharing(draft: Draft): void {
  const marked: Marked = { ...draft, photos: draft.photos.map(({ file: _, video: __, ...words }) => words) }
  try {
    localStorage.setItem(keyOf(draft.ownerId), JSON.stringify(marked))
  } catch {
    // Then it goes on only once its files are written.
  }
}

export function unmarkSharing(id: string): void {
  const ownerId = me.peek()?.id
  if (ownerId && read(ownerId)?.id === id) localStorage.removeItem(keyOf(ownerId))
}

/** As it was shared, where the page was closed before that was written; otherwise the very same. */
export function markedAsSharing(draft: Draft): Draft {
  const marked = draft.state === 'editing' ? read(draft.ownerId) : undefined
  if (marked?.id !== draft.id) return draft
  const photos = marked.photos.flatMap((words) => {
    const kept = draft.photos.find(({ id }) => id === words.id)
    return kept ? [{ ...kept, ...words }] : []
  })
  return { ...draft, ...marked, photos }
}

function read(ownerId: string): Marked | undefined {
  try {
    return JSON.parse(localStorage.getItem(keyOf(ownerId)) ?? '') as Marked
  } catch {
    return undefined
  }
}
