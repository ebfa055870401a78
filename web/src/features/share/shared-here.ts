import type { Id } from '@heliograph/contract/common'
import { sharedHere } from '../../lib/pending-shares.ts'
import { me } from '../../lib/session.ts'
import { postSignal } from '../../lib/store.ts'
import { rereadPost } from '../posts/posts-actions.ts'

/** Its beginning is that of what signing out takes away. */
const keyOf = (ownerId: Id) => `heliograph.shared.${ownerId}`
const rememberedMax = 20

/** One's own post that others do not see yet: what becomes of it is told here, after a reload too. */
export function watchShared(id: Id): void {
  remember([id, ...sharedHere.peek().filter((other) => other !== id)].slice(0, rememberedMax))
}

/** What was shared before the page was closed: what failed since then stands on top of the feed, the rest is let go. */
export async function readSharedAgain(): Promise<void> {
  const before = recall()
  await Promise.all(before.map(rereadPost))
  remember([...sharedHere.peek(), ...before.filter(mayFail)])
}

/** Of what could not be read nothing is known. */
function mayFail(id: Id): boolean {
  const post = postSignal(id).peek()
  return post === undefined || post?.status === 'failed' || post?.status === 'processing'
}

function remember(ids: readonly Id[]): void {
  sharedHere.value = [...new Set(ids)]
  const ownerId = me.peek()?.id
  if (!ownerId) return
  try {
    localStorage.setItem(keyOf(ownerId), sharedHere.value.join())
  } catch {
    // Where the browser keeps nothing the profile alone tells of it.
  }
}

function recall(): Id[] {
  const ownerId = me.peek()?.id
  try {
    return ownerId ? (localStorage.getItem(keyOf(ownerId)) ?? '').split(',').filter(Boolean) : []
  } catch {
    return []
  }
}
