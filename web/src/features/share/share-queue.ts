import type { AllEndpoints } from '@heliograph/contract'
import type { ClientBodyOf } from '@heliograph/contract/endpoint'
import { renditions } from '@heliograph/contract/limits'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { online } from '../../lib/online.ts'
import { patiently } from '../../lib/patiently.ts'
import { localPhotos, type PendingShare, pendingShares, sharedHere } from '../../lib/pending-shares.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, onSignOut } from '../../lib/session.ts'
import { putPost } from '../../lib/store.ts'
import { prependToFeed } from '../feed/feed-state.ts'
import { shownCropRatio } from './crop-geometry.ts'
import { type Draft, dropDraft, isLost, isTooLargeToKeep, listDrafts, saveDraft } from './drafts.ts'
import { sendMedia } from './send-media.ts'
import { readSharedAgain, watchShared } from './shared-here.ts'
import { markedAsSharing, markSharing, unmarkSharing } from './sharing-mark.ts'
import { shownPicture } from './shown-picture.ts'

/** Sends drafts one after the other; a page that was closed in the middle goes on when it is opened again. */
const running = new Map<string, AbortController>()

/** Makes a draft a post: from here on it is on its way, whatever the connection does. */
export async function share(draft: Draft): Promise<void> {
  const sharing: Draft = { ...draft, state: 'sharing' }
  markSharing(sharing)
  beingKept++
  const isKept = await keep(sharing)
  beingKept--
  if (isKept) unmarkSharing(sharing.id)
  start(sharing, isKept, await previewOf(sharing))
}

/** Drafts whose files are only being written. */
let beingKept = 0

function previewOf({ photos: [first] }: Draft): Promise<Blob | undefined> {
  return first ? shownPicture(first, renditions.large.width) : Promise.resolve(undefined)
}

/** False where the browser keeps nothing (some private windows): then it is shared from memory. */
function keep(draft: Draft): Promise<boolean> {
  return saveDraft(draft).then(
    () => true,
    () => false,
  )
}

/** After a restart of the page: what was on its way goes on. */
export async function resumeShares(): Promise<void> {
  const ownerId = me.value?.id
  if (!ownerId) return
  void readSharedAgain()
  for (const found of await listDrafts(ownerId)) {
    const draft = markedAsSharing(found)
    if (draft.state !== 'sharing') continue
    // The page was closed before that was written.
    const isKept = draft === found || (await keep(draft))
    if (isKept) unmarkSharing(draft.id)
    const preview = await previewOf(draft)
    if (!running.has(draft.id)) start(draft, isKept, preview)
  }
}

function start(draft: Draft, isKept: boolean, preview: Blob | undefined): void {
  const abort = new AbortController()
  running.set(draft.id, abort)
  const first = draft.photos[0]
  if (!first) return
  const card: PendingShare = {
    id: draft.id,
    previewUrl: urlOf(preview),
    ratio: first.width > 0 ? shownCropRatio(first) : 1,
    media: draft.photos.map(({ video }) => ({ type: video ? 'video' : 'photo' })),
    isUnkept: !isKept || draft.photos.some((photo) => isTooLargeToKeep(photo) || isLost(photo)),
    caption: draft.caption,
    progress: 0,
    state: online.value ? 'uploading' : 'waiting',
    retry: () => void runAlone(draft, abort, isKept),
    discard: () => void discard(draft.id),
  }
  pendingShares.value = [card, ...pendingShares.value.filter(({ id }) => id !== draft.id)]
  void runAlone(draft, abort, isKept)
}

/** One tab at a time: two would begin two uploads of one photograph. The others wait, and find it done. */
async function runAlone(draft: Draft, abort: AbortController, isKept: boolean): Promise<void> {
  if (!isKept) return run(draft, abort)
  const work = async () => {
    const now = (await listDrafts(draft.ownerId)).find(({ id }) => id === draft.id)
    if (now) await run(withFilesOf(draft, now), abort)
    else remove(draft.id)
  }
  // Plain http addresses of a home network have no locks.
  await (navigator.locks ? navigator.locks.request(`heliograph-share-${draft.id}`, work) : work())
}

/** What is too large to be kept lies in this page alone. */
function withFilesOf(mine: Draft, kept: Draft): Draft {
  const photos = kept.photos.map((photo) => {
    const own = mine.photos.find(({ id }) => id === photo.id)
    return photo.video?.isLost && own?.video && !own.video.isLost
      ? { ...photo, file: own.file, video: { ...photo.video, isLost: false } }
      : photo
  })
  return { ...kept, photos }
}

async function run(draft: Draft, abort: AbortController): Promise<void> {
  const show = (patch: Partial<PendingShare>) => patchShare(draft.id, patch)
  if (draft.photos.some(isLost)) return await setAside(draft)
  show({ state: online.value ? 'uploading' : 'waiting', message: undefined })
  const unwatch = online.subscribe((isOnline) => {
    const state = pendingShares.value.find(({ id }) => id === draft.id)?.state
    if (state === 'uploading' && !isOnline) show({ state: 'waiting' })
    if (state === 'waiting' && isOnline) show({ state: 'uploading' })
  })
  try {
    const pictures = allShown(draft)
    const sent = new Map<string, number>()
    const total = draft.photos.reduce((sum, { file }) => sum + file.size, 0)
    for (const photo of draft.photos) {
      await sendMedia(photo, {
        signal: abort.signal,
        keep: () => keep(draft),
        onShare(share) {
          sent.set(photo.id, share * photo.file.size)
          show({ progress: Math.min(1, [...sent.values()].reduce((sum, bytes) => sum + bytes, 0) / total) })
        },
      })
    }
    show({ state: 'publishing', progress: 1 })
    await publish(draft, pictures, abort.signal)
  } catch (error) {
    if (abort.signal.aborted) return
    // These uploads are part of a post already: the one of this draft, whose answer was lost.
    if (isProblem(error, 'upload.used')) return await finish(draft.id)
    // The server forgot an upload that waited too long: it is sent anew.
    if (isProblem(error, 'upload.not_found', 'upload.expired')) await forgetUploads(draft)
    show({ state: 'failed', message: problemText(error) })
  } finally {
    unwatch()
  }
}

async function publish(
  draft: Draft,
  pictures: Promise<(Blob | undefined)[]>,
  signal: AbortSignal,
): Promise<void> {
  const body: ClientBodyOf<AllEndpoints['POST /api/posts']> = {
    caption: draft.caption.trim(),
    ...placeOf(draft),
    ...(draft.audience ? { audience: draft.audience } : {}),
    ...(draft.showMetadata ? { showMetadata: true } : {}),
    ...(draft.commentsOff ? { commentsOff: true } : {}),
    ...(draft.displayAt ? { displayAt: draft.displayAt } : {}),
    media: draft.photos.map(({ uploadId, altText, crop, filter, edits, video }) => ({
      uploadId: uploadId ?? '',
      ...(altText.trim() ? { altText: altText.trim() } : {}),
      ...(crop ? { crop } : {}),
      ...(filter ? { filter } : {}),
      ...(edits ? { edits } : {}),
      ...(video?.captions?.uploadId ? { captionsUploadId: video.captions.uploadId } : {}),
    })),
  }
  const post = await patiently(
    () => call('POST /api/posts', { body, idempotencyKey: draft.id, signal }),
    signal,
  )
  keepLocalPhotos(
    draft,
    await pictures,
    post.media.map(({ id }) => id),
  )
  putPost(post)
  prependToFeed(post.id)
  if (post.status !== 'ready') watchShared(post.id)
  await finish(draft.id)
}

function placeOf({ place, suggested }: Draft): Pick<ClientBodyOf<AllEndpoints['POST /api/posts']>, 'place'> {
  const name = place.trim()
  if (name === '') return {}
  return { place: suggested?.name === name ? suggested : { name } }
}

async function finish(id: string): Promise<void> {
  remove(id)
  unmarkSharing(id)
  await dropDraft(id).catch(() => undefined)
}

/** One after the other: each is decoded whole. */
async function allShown({ photos }: Draft): Promise<(Blob | undefined)[]> {
  const shown: (Blob | undefined)[] = []
  for (const photo of photos) shown.push(await shownPicture(photo, renditions.large.width))
  return shown
}

/** The card of the processing post shows what this device has until the server has its renditions. */
function keepLocalPhotos(
  draft: Draft,
  pictures: readonly (Blob | undefined)[],
  mediaIds: readonly string[],
): void {
  const photos = new Map(localPhotos.value)
  for (const [at, photo] of draft.photos.entries()) {
    const id = mediaIds[at]
    const url = urlOf(pictures[at])
    if (id && url) photos.set(id, { url, ratio: shownCropRatio(photo) })
  }
  localPhotos.value = photos
}

/**
 * The page that held its video was closed before all of it was up: the rest becomes a draft again, to which the
 * video can be chosen anew.
 */
async function setAside(draft: Draft): Promise<void> {
  const lost = draft.photos.filter(isLost).map(({ video }) => video?.name ?? '')
  const rest = draft.photos.filter((photo) => !isLost(photo))
  unmarkSharing(draft.id)
  await keep({ ...draft, state: 'editing', photos: rest, changedAt: Date.now() })
  running.delete(draft.id)
  patchShare(draft.id, {
    state: 'failed',
    isUnkept: false,
    message: t('pending.lost', { name: lost.join(', ') }),
    retry() {
      remove(draft.id)
      navigate('/share')
    },
  })
}

function urlOf(picture: Blob | undefined): string | undefined {
  return picture && URL.createObjectURL(picture)
}

async function forgetUploads(draft: Draft): Promise<void> {
  for (const photo of draft.photos) {
    photo.uploadId = undefined
    photo.address = undefined
    if (photo.video?.captions) photo.video.captions.uploadId = undefined
  }
  await keep(draft)
}

async function discard(id: string): Promise<void> {
  running.get(id)?.abort()
  await finish(id)
}

function patchShare(id: string, patch: Partial<PendingShare>): void {
  pendingShares.value = pendingShares.value.map((one) => (one.id === id ? { ...one, ...patch } : one))
}

function remove(id: string): void {
  running.delete(id)
  const gone = pendingShares.value.find((one) => one.id === id)
  if (gone?.previewUrl) URL.revokeObjectURL(gone.previewUrl)
  pendingShares.value = pendingShares.value.filter((one) => one.id !== id)
}

/** The browser then asks, in its own words, whether to leave. */
addEventListener('beforeunload', (event) => {
  if (beingKept > 0 || pendingShares.value.some(({ isUnkept, state }) => isUnkept && state !== 'failed'))
    event.preventDefault()
})

onSignOut(() => {
  for (const abort of running.values()) abort.abort()
  running.clear()
  pendingShares.value = []
  sharedHere.value = []
  for (const { url } of localPhotos.value.values()) URL.revokeObjectURL(url)
  localPhotos.value = new Map()
})
