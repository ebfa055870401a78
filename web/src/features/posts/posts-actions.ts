import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'
import { call } from '../../lib/api.ts'
import { t, type WordKey } from '../../lib/i18n.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { toggle } from '../../lib/optimistic.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me } from '../../lib/session.ts'
import { dropPost, patchPost, postSignal, putPost } from '../../lib/store.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { announce, toast, toastProblem } from '../../ui/toast.tsx'

/** Visitors are shown the way in, and come back to where they were. */
export function requireSignIn(): boolean {
  if (me.value) return true
  navigate(`/signin?next=${encodeURIComponent(place.value.path)}`)
  return false
}

export function setLiked(id: Id, wanted: boolean): void {
  if (!requireSignIn()) return
  void toggle(`like:${id}`, wanted, {
    show: (liked) =>
      patchPost(id, (post) => {
        if (post.liked === liked) return {}
        if (post.likeCountHidden) return { liked }
        return { liked, likeCount: Math.max(0, post.likeCount + (liked ? 1 : -1)) }
      }),
    send: (liked) =>
      liked
        ? call('PUT /api/posts/:id/like', { params: { id } })
        : call('DELETE /api/posts/:id/like', { params: { id } }),
    settle(answer) {
      patchPost(id, answer)
      announce(answer.liked ? likedWords(id, answer.likeCount) : t('post.unliked'))
    },
    failed: (error) =>
      notDone(postSignal(id).peek()?.liked ? 'post.unlike.failed' : 'post.like.failed', error),
  })
}

/** How many is not said where its owner hides it. */
function likedWords(id: Id, count: number): string {
  return postSignal(id).peek()?.likeCountHidden ? t('post.liked.only') : t('post.liked', { count })
}

export function setSaved(id: Id, wanted: boolean): void {
  if (!requireSignIn()) return
  void toggle(`save:${id}`, wanted, {
    show: (saved) => patchPost(id, { saved }),
    send: (saved) =>
      saved
        ? call('PUT /api/posts/:id/save', { params: { id } })
        : call('DELETE /api/posts/:id/save', { params: { id } }),
    settle(answer) {
      patchPost(id, answer)
      if (answer.saved)
        toast(t('post.saved'), { label: t('post.saved.view'), perform: () => navigate('/saved') })
      else announce(t('post.unsaved'))
    },
    failed: (error) =>
      notDone(postSignal(id).peek()?.saved ? 'post.unsave.failed' : 'post.save.failed', error),
  })
}

/** The switch is back where it was: that is what has to be said, and why. */
function notDone(key: WordKey, error: unknown): void {
  const why = problemText(error)
  if (why) toast(t(key, { why }))
}

export function linkOf(post: Post): string {
  return new URL(`/p/${post.id}`, location.origin).href
}

export async function copyLink(link: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(link)
    toast(t('post.linkCopied'))
    return true
  } catch {
    // Plain http addresses have no clipboard: the link is at least shown.
    toast(t('post.copyLink.failed', { link }))
    return false
  }
}

/** The system's own way to pass things on, where there is one. */
export async function shareVia(post: Post): Promise<void> {
  try {
    await navigator.share({
      url: linkOf(post),
      title: t('post.title', { name: post.author.fullName || post.author.username }),
    })
    await countShare(post.id)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return
    await copyLink(linkOf(post))
  }
}

/** A courtesy to the author: whether it can be counted is no concern of the one who shares. */
export async function countShare(id: Id): Promise<void> {
  if (!me.value) return
  await call('POST /api/posts/:id/shares', { params: { id } }).then(
    (answer) => patchPost(id, answer),
    () => undefined,
  )
}

export async function deletePost(post: Post): Promise<boolean> {
  const sure = await confirmAction({
    title: t('post.delete.title'),
    text: t('post.delete.text'),
    action: t('post.delete'),
    danger: true,
  })
  if (!sure) return false
  try {
    await call('DELETE /api/posts/:id', { params: { id: post.id } })
    dropPost(post.id)
    toast(t('post.deleted'))
    return true
  } catch (error) {
    toastProblem(error)
    return false
  }
}

export async function retryPost(id: Id): Promise<void> {
  try {
    putPost(await call('POST /api/posts/:id/retry', { params: { id } }))
  } catch (error) {
    toastProblem(error)
  }
}

/** The post goes on with what could be prepared. */
export async function leaveOutFailed({ id, media }: Post): Promise<void> {
  const fine = media.filter(({ failure }) => !failure)
  try {
    const body = { media: fine.map((one) => ({ id: one.id })) }
    putPost(await call('PATCH /api/posts/:id', { params: { id }, body }))
  } catch (error) {
    toastProblem(error)
  }
}

/** Reads a post again; when it is no longer there for us, everything lets go of it. */
export async function rereadPost(id: Id): Promise<Post | undefined> {
  try {
    const post = await call('GET /api/posts/:id', { params: { id } })
    putPost(post)
    return post
  } catch (error) {
    if (typeof error === 'object' && error && 'code' in error && error.code === 'post.not_found') dropPost(id)
    return undefined
  }
}

const lookAgainMs = [1000, 2000, 3000, 6000, 12_000, 30_000] as const

/** After a new crop the old pictures stay until the new ones are there: looks until the addresses change. */
export async function awaitRenditions(before: Post): Promise<void> {
  const addresses = (post: Post) => post.media.map((one) => one.mediumUrl).join()
  for (const wait of lookAgainMs) {
    await new Promise((resolve) => setTimeout(resolve, wait))
    const now = await rereadPost(before.id)
    if (now && addresses(now) !== addresses(before)) return
  }
}
