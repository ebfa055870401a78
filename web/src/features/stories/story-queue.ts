import type { Story } from '@heliograph/contract/stories'
import { effect, signal } from '@preact/signals'
import { call, isProblem, newIdempotencyKey } from '../../lib/api.ts'
import { createMarks } from '../../lib/marks.ts'
import { failureText, mayPass } from '../../lib/media-failure.ts'
import { online } from '../../lib/online.ts'
import { patiently } from '../../lib/patiently.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { uploadFile } from '../../lib/upload.ts'
import { shrinkForSlowLink } from '../share/shrink-photo.ts'
import { dropStory, readStories, readTray, storiesOf } from './stories-state.ts'
import { dropKeptStory, keepStories, keepStory, listKeptStories, type StoryDraft } from './story-drafts.ts'

/** A Story on its way. Until it is ready its bytes stay here, so that whatever went wrong can be tried again. */
export interface PendingStory {
  readonly id: string
  readonly previewUrl: string | undefined
  /** Part of it that the server has. */
  readonly progress: number
  readonly state: 'uploading' | 'waiting' | 'preparing' | 'failed'
  readonly message: string | undefined
  /** Closing the page loses it. */
  readonly isUnkept: boolean
  /** Absent: another try would end as this one did. */
  readonly retry: (() => void) | undefined
  discard(): Promise<void>
}

export const pendingStories = signal<readonly PendingStory[]>([])
const running = new Map<string, AbortController>()
/** One after the other, so that they stand in the order in which they were chosen. */
let line: Promise<void> = Promise.resolve()

export function progressOf(stories: readonly PendingStory[]): number {
  const going = stories.filter(({ state }) => state !== 'failed')
  if (going.length === 0) return 0
  // Getting them ready takes its time too: the ring is never full before they are there.
  return (going.reduce((sum, { progress }) => sum + progress, 0) / going.length) * 0.95
}

export async function shareStories(drafts: readonly StoryDraft[]): Promise<void> {
  const shared = drafts.map((draft, at) => ({ ...draft, madeAt: undefined, sharedAt: Date.now() + at }))
  for (const { file: _, frame: __, ...words } of shared) marks.note(words.id, words)
  // All of them before the first goes out: closing the page loses none.
  const kept = await keepStories(shared)
  for (const draft of shared) begin(draft, kept.has(draft.id))
}

/** All but the files, which lie in IndexedDB since they were chosen. */
const marks = createMarks<Omit<StoryDraft, 'file' | 'frame'>>('sharing-story')

function begin(draft: StoryDraft, isKept: boolean): void {
  if (isKept) marks.drop(draft.id, draft.ownerId)
  start(draft, isKept)
}

/** After a restart of the page: what was on its way goes on. */
export async function resumeStories(): Promise<void> {
  const ownerId = me.peek()?.id
  if (!ownerId) return
  const marked = marks.of(ownerId)
  const kept = (await listKeptStories(ownerId))
    .map((draft) => (draft.madeAt === undefined ? draft : { ...draft, ...marked.get(draft.id) }))
    .sort((one, other) => (one.sharedAt ?? 0) - (other.sharedAt ?? 0))
  for (const { madeAt, ...draft } of kept) {
    if (running.has(draft.id)) continue
    if (madeAt === undefined) begin(draft, true)
    // The page was closed before that it is shared was written.
    else if (draft.sharedAt !== undefined) begin(draft, (await keepStories([draft])).has(draft.id))
    else if (madeAt < Date.now() - makingMs) await dropKeptStory(draft.id)
  }
}

/** In another page it may still be in the making. */
const makingMs = 24 * 3_600_000

function start(draft: StoryDraft, isKept: boolean): void {
  const picture = draft.isVideo ? draft.frame : draft.width > 0 ? draft.file : null
  const card: PendingStory = {
    id: draft.id,
    previewUrl: picture ? URL.createObjectURL(picture) : undefined,
    progress: 0,
    state: online.peek() ? 'uploading' : 'waiting',
    message: undefined,
    isUnkept: !isKept,
    retry: () => enqueue(draft),
    discard: () => finish(draft),
  }
  pendingStories.value = [...pendingStories.value.filter(({ id }) => id !== draft.id), card]
  enqueue(draft)
}

function enqueue(draft: StoryDraft): void {
  const abort = new AbortController()
  running.set(draft.id, abort)
  patch(draft.id, { state: online.peek() ? 'uploading' : 'waiting', message: undefined })
  line = line.then(() => runAlone(draft, abort))
}

/** One tab at a time: two would send one picture twice. The other finds it done. */
async function runAlone(draft: StoryDraft, abort: AbortController): Promise<void> {
  if (abort.signal.aborted) return
  const work = () => run(draft, abort)
  await (navigator.locks ? navigator.locks.request(`heliograph-story-${draft.id}`, work) : work())
}

async function run(draft: StoryDraft, abort: AbortController): Promise<void> {
  const { signal } = abort
  const unwatch = online.subscribe((isOnline) => {
    const state = pendingStories.peek().find(({ id }) => id === draft.id)?.state
    if (state === 'uploading' && !isOnline) patch(draft.id, { state: 'waiting' })
    if (state === 'waiting' && isOnline) patch(draft.id, { state: 'uploading' })
  })
  try {
    await send(draft, signal)
    const story = await patiently(
      () => call('POST /api/stories', { body: bodyOf(draft), idempotencyKey: draft.id, signal }),
      signal,
    )
    patch(draft.id, { state: 'preparing', progress: 1 })
    await Promise.all([readStories(story.author.username), readTray()]).catch(() => undefined)
    watch(draft, story.id, story.author.username, signal)
  } catch (error) {
    if (signal.aborted) return
    // A Story has it already: the one of this draft, whose answer was lost.
    if (isProblem(error, 'upload.used')) return await finish(draft)
    if (isProblem(error, 'upload.not_found', 'upload.expired', 'upload.purpose')) await forgetUpload(draft)
    patch(draft.id, { state: 'failed', message: problemText(error) })
  } finally {
    unwatch()
  }
}

async function send(draft: StoryDraft, signal: AbortSignal): Promise<void> {
  if (draft.uploadId) return
  // An upload that has begun goes on with the very bytes it began with.
  if (!draft.address && !draft.isVideo) draft.file = await shrinkForSlowLink(draft.file)
  draft.uploadId = await uploadFile(draft.file, {
    purpose: 'story',
    address: draft.address,
    signal,
    onAddress: (address) => {
      draft.address = address
      void keepStory(draft)
    },
    onProgress: (sent, total) => patch(draft.id, { progress: total > 0 ? sent / total : 1 }),
  })
  await keepStory(draft)
}

function bodyOf({ uploadId, overlays, audience, altText, fit, color, width }: StoryDraft) {
  return {
    uploadId: uploadId ?? '',
    fit,
    audience,
    // Its author saw this ground, unless they saw nothing.
    ...(fit === 'fit' && width > 0 ? { color } : {}),
    ...(overlays.length > 0 ? { overlays: overlays.map(({ overlay }) => overlay) } : {}),
    ...(altText.trim() ? { altText: altText.trim() } : {}),
  }
}

/** What the server makes of it: ready lets go of it here, anything wrong is told, and can be tried again. */
function watch(draft: StoryDraft, storyId: string, username: string, signal: AbortSignal): void {
  const stop = effect(() => {
    const list = storiesOf(username).value
    const story = list?.find(({ id }) => id === storyId)
    if (!list || story?.status === 'processing') return
    queueMicrotask(() => {
      stop()
      if (signal.aborted) return
      if (story?.status !== 'failed') return void finish(draft)
      patch(draft.id, { state: 'failed', message: story.failure && failureText(story.failure) })
      void makeAnother(draft, story)
    })
  })
}

/** The one that failed is no use to anybody; the next try is another Story with the same picture. */
async function makeAnother(draft: StoryDraft, { id, failure }: Story): Promise<void> {
  await call('DELETE /api/stories/:id', { params: { id } }).catch(() => undefined)
  dropStory(id)
  const again: StoryDraft = { ...draft, id: newIdempotencyKey(), uploadId: undefined, address: undefined }
  await keepStory(again)
  await dropKeptStory(draft.id)
  running.delete(draft.id)
  const retry = mayPass(failure?.code ?? '') ? () => enqueue(again) : undefined
  patch(draft.id, { id: again.id, retry, discard: () => finish(again) })
}

async function forgetUpload(draft: StoryDraft): Promise<void> {
  draft.uploadId = undefined
  draft.address = undefined
  await keepStory(draft)
}

async function finish({ id, ownerId }: StoryDraft): Promise<void> {
  marks.drop(id, ownerId)
  running.get(id)?.abort()
  running.delete(id)
  const gone = pendingStories.peek().find((one) => one.id === id)
  if (gone?.previewUrl) URL.revokeObjectURL(gone.previewUrl)
  pendingStories.value = pendingStories.peek().filter((one) => one.id !== id)
  await dropKeptStory(id)
}

function patch(id: string, change: Partial<PendingStory>): void {
  pendingStories.value = pendingStories.peek().map((one) => (one.id === id ? { ...one, ...change } : one))
}

/** The browser then asks, in its own words, whether to leave. */
addEventListener('beforeunload', (event) => {
  if (pendingStories.peek().some(({ isUnkept, state }) => isUnkept && state !== 'failed'))
    event.preventDefault()
})

onSignOut(() => {
  for (const abort of running.values()) abort.abort()
  running.clear()
  pendingStories.value = []
})
