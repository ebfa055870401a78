import type { Crop } from '@heliograph/contract/posts'
import { createStore, del, entries, set } from 'idb-keyval'

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

/** Those of this person. One that is only being written is thrown away after a week; one on its way never is. */
export async function listDrafts(ownerId: string): Promise<Draft[]> {
  const all = (await entries<string, Draft>(store)).map(([, draft]) => draft)
  const old = all.filter((draft) => draft.state === 'editing' && draft.changedAt < Date.now() - keptMs)
  await Promise.all(old.map((draft) => dropDraft(draft.id)))
  return all.filter((draft) => draft.ownerId === ownerId && !old.includes(draft))
}

/** When a person signs out; those of other people on this device stay. */
export async function dropDraftsOf(ownerId: string): Promise<void> {
  const all = await entries<string, Draft>(store)
  await Promise.all(all.filter(([, draft]) => draft.ownerId === ownerId).map(([id]) => dropDraft(id)))
}
