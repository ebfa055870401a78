import type { Crop } from '@heliograph/contract/posts'
import { clear, createStore, del, entries, set } from 'idb-keyval'
import { onSignOut } from '../../lib/session.ts'

/** A photograph of a post in the making. The bytes lie in IndexedDB, so closing the page loses nothing. */
export interface DraftPhoto {
  id: string
  file: Blob
  /** Pixels, upright. */
  width: number
  height: number
  crop: Crop | null
  altText: string
  /** Where its upload stands on the server, once begun. */
  address?: string
  uploadId?: string
}

export interface Draft {
  /** Also the Idempotency-Key of its post: a repeated request never makes a second one. */
  id: string
  ownerId: string
  state: 'editing' | 'sharing'
  photos: DraftPhoto[]
  caption: string
  place: string
  changedAt: number
}

const store = createStore('heliograph-drafts', 'drafts')
const keptMs = 7 * 24 * 60 * 60 * 1000

export async function saveDraft(draft: Draft): Promise<void> {
  await set(draft.id, { ...draft, changedAt: Date.now() }, store)
}

export async function dropDraft(id: string): Promise<void> {
  await del(id, store)
}

/** Those of this person; what was left for a week is thrown away. */
export async function listDrafts(ownerId: string): Promise<Draft[]> {
  const all = (await entries<string, Draft>(store)).map(([, draft]) => draft)
  const old = all.filter((draft) => draft.changedAt < Date.now() - keptMs)
  await Promise.all(old.map((draft) => dropDraft(draft.id)))
  return all.filter((draft) => draft.ownerId === ownerId && !old.includes(draft))
}

onSignOut(() => clear(store))
