import type { Edits } from '@heliograph/contract/edits'
import type { FilterId } from '@heliograph/contract/filters'
import type { Audience, Crop, Place } from '@heliograph/contract/posts'
import { createStore, entries } from 'idb-keyval'
import { dropKept, keepAll, withFiles } from '../../lib/kept.ts'
import type { Choices } from '../edit/choices.ts'

/** A photograph or video of a post in the making. Its bytes lie in IndexedDB, so closing the page loses nothing. */
export interface DraftPhoto {
  id: string
  file: Blob
  /** Pixels, upright; 0 where this browser cannot decode it. */
  width: number
  height: number
  crop: Crop | null
  /** Absent in drafts of another day. */
  filter?: FilterId | null
  edits?: Edits | null
  altText: string
  /** Where its upload stands on the server, once begun. */
  address?: string
  uploadId?: string
  /** Absent: it is a photograph. */
  video?: DraftVideo
}

export interface DraftVideo {
  name: string
  /** Null where this browser cannot tell. */
  seconds: number | null
  /** One picture of it, where this browser can decode it. */
  frame: Blob | null
  captions?: DraftCaptions
  /** Too large to be kept: of this copy only the words are left. */
  isLost?: boolean
}

export interface DraftCaptions {
  name: string
  file: Blob
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
  /** The suggestion that was tapped; its position goes along while the name stands as it was. */
  suggested?: Place
  /** Absent in drafts of another day: as the account says. */
  audience?: Audience
  /** Camera and exposure are shown. */
  showMetadata?: boolean
  /** Nobody may comment. */
  commentsOff?: boolean
  /** The post stands in the profile under this moment, and in nobody's feed. */
  displayAt?: string | undefined
  changedAt: number
}

const store = createStore('heliograph-drafts', 'drafts')
const keptMs = 7 * 24 * 60 * 60 * 1000
/** Browsers copy what they keep: more than this would fill a phone in silence. */
const keptVideoBytes = 100 * 1024 * 1024

/** While sliders move: the last state is written when they rest, or when the page goes out of sight. */
export function saveDraftSoon(draft: Draft, onFailed: () => void): void {
  waiting ??= { draft, timer: setTimeout(writeWaiting, restMs), onFailed }
  waiting.draft = draft
}

const restMs = 400
let waiting: { draft: Draft; timer: ReturnType<typeof setTimeout>; onFailed: () => void } | undefined

function writeWaiting(): void {
  const { draft, onFailed } = waiting ?? {}
  if (draft) saveDraft(draft).catch(() => onFailed?.())
}

/** What is written or dropped now is not overwritten by what was to be written soon. */
function stopWaiting(id: string): void {
  if (waiting?.draft.id !== id) return
  clearTimeout(waiting.timer)
  waiting = undefined
}

addEventListener('pagehide', writeWaiting)

export async function saveDraft(draft: Draft): Promise<void> {
  stopWaiting(draft.id)
  const kept = { ...draft, photos: draft.photos.map(keptOf), changedAt: Date.now() }
  await keepAll([[draft.id, kept]], store)
}

/** What was chosen of it, in one form. */
export function choicesOf({ crop, filter = null, edits = null }: DraftPhoto): Choices {
  return { crop, filter, edits }
}

/** What this browser can show of it: the photograph itself, or one picture of the video. */
export function pictureOf({ file, width, video }: DraftPhoto): Blob | undefined {
  if (video) return video.frame ?? undefined
  return width > 0 ? file : undefined
}

/** Whether closing the page loses it. */
export function isTooLargeToKeep({ file, video }: DraftPhoto): boolean {
  return video !== undefined && file.size > keptVideoBytes
}

function keptOf(photo: DraftPhoto): DraftPhoto {
  if (!photo.video || !isTooLargeToKeep(photo)) return photo
  return { ...photo, file: new Blob(), video: { ...photo.video, isLost: true } }
}

/** Chosen on a page that is closed by now, and not on the server whole. */
export function isLost({ video, uploadId }: DraftPhoto): boolean {
  return video?.isLost === true && !uploadId
}

export async function dropDraft(id: string): Promise<void> {
  stopWaiting(id)
  await dropKept(id, store)
}

/** Those of this person. One that is only being written is thrown away after a week; one on its way never is. */
export async function listDrafts(ownerId: string): Promise<Draft[]> {
  const all = (await entries<string, Draft>(store)).map(([, draft]) => withFiles(draft))
  const old = all.filter((draft) => draft.state === 'editing' && draft.changedAt < Date.now() - keptMs)
  await Promise.all(old.map((draft) => dropDraft(draft.id)))
  return all.filter((draft) => draft.ownerId === ownerId && !old.includes(draft))
}

/** When a person signs out; those of other people on this device stay. */
export async function dropDraftsOf(ownerId: string): Promise<void> {
  if (waiting?.draft.ownerId === ownerId) stopWaiting(waiting.draft.id)
  const all = await entries<string, Draft>(store)
  await Promise.all(all.filter(([, draft]) => draft.ownerId === ownerId).map(([id]) => dropDraft(id)))
}
