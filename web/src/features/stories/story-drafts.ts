import type { Post } from '@heliograph/contract/posts'
import type { NewOverlay, Story, StoryAudience } from '@heliograph/contract/stories'
import { createStore, entries } from 'idb-keyval'
import { dropKept, keepAll, withFiles } from '../../lib/kept.ts'

/** An overlay in the making, with what is known of what it names. */
export interface DraftOverlay {
  key: string
  overlay: Placed<NewOverlay>
  /** Of a shared post, to show it. */
  post?: Post
}

type Placed<T> = T extends unknown ? T & { scale: number; rotation: number } : never
export type PlacedOverlay = DraftOverlay['overlay']

/** A Story in the making; from sharing on its bytes lie in IndexedDB, so that closing the page loses nothing. */
export interface StoryDraft {
  /** Also the Idempotency-Key of the Story. */
  id: string
  ownerId: string
  file: Blob
  isVideo: boolean
  /** Upright; 0 where this browser cannot decode it. */
  width: number
  height: number
  /** One picture of a film; null where this browser cannot decode it. */
  frame: Blob | null
  /** What it stands on where it does not fill the frame. */
  color: string
  fit: Story['fit']
  overlays: DraftOverlay[]
  altText: string
  audience: StoryAudience
  address?: string | undefined
  uploadId?: string | undefined
  sharedAt?: number
  /** Not shared yet, since then. */
  madeAt?: number | undefined
}

const store = createStore('heliograph-stories', 'stories')
/** Browsers copy what they keep: more than this would fill a phone in silence. */
const keptBytes = 100 * 1024 * 1024

/** Those that are kept now: not where the browser keeps nothing, nor where it is too much. The others are shared from memory. */
export async function keepStories(drafts: readonly StoryDraft[]): Promise<ReadonlySet<string>> {
  const small = drafts.filter(({ file }) => file.size <= keptBytes)
  return await keepAll(
    small.map((draft) => [draft.id, draft] as const),
    store,
  ).then(
    () => new Set(small.map(({ id }) => id)),
    () => new Set(),
  )
}

/**
 * Its files alone count: a page that is closed in the moment of sharing has them by then, and what was tapped besides (see
 * `marks.ts`).
 */
export async function keepMaking(drafts: readonly StoryDraft[]): Promise<void> {
  await keepStories(drafts.map((draft) => ({ ...draft, madeAt: Date.now() })))
}

export async function keepStory(draft: StoryDraft): Promise<void> {
  await keepStories([draft])
}

export async function dropKeptStory(id: string): Promise<void> {
  await dropKept(id, store).catch(() => undefined)
}

/** In the order in which they were shared. */
export async function listKeptStories(ownerId: string): Promise<StoryDraft[]> {
  const all = await entries<string, StoryDraft>(store).catch(() => [])
  return all
    .map(([, draft]) => withFiles(draft))
    .filter((draft) => draft.ownerId === ownerId)
    .sort((one, other) => (one.sharedAt ?? 0) - (other.sharedAt ?? 0))
}

export async function dropStoriesOf(ownerId: string): Promise<void> {
  for (const { id } of await listKeptStories(ownerId)) await dropKeptStory(id)
}
