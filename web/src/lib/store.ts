import type { Relationship, UserListItem, UserProfile, UserSummary } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals'

/**
 * Server data, each thing once by id; lists elsewhere hold ids. `undefined` is not read yet,
 * `null` is gone or out of sight.
 */
export type UserRecord = UserSummary & Partial<UserProfile>
type Slot<T> = Signal<T | null | undefined>

const posts = new Map<Id, Slot<Post>>()
const users = new Map<Id, Slot<UserRecord>>()
const idByUsername = new Map<string, Signal<Id | undefined>>()

function slot<K, T>(slots: Map<K, Signal<T | undefined>>, key: K): Signal<T | undefined> {
  let found = slots.get(key)
  if (!found) {
    found = signal<T | undefined>(undefined)
    slots.set(key, found)
  }
  return found
}

export function postSignal(id: Id): ReadonlySignal<Post | null | undefined> {
  return slot(posts, id)
}

export function putPost(post: Post): Id {
  batch(() => {
    const target = slot(posts, post.id)
    // Only a ranked feed says why a post stands in it; reading the post alone must not lose that.
    const reason = post.reason ?? target.value?.reason
    target.value = reason ? { ...post, reason } : post
    putUser(post.author)
    for (const comment of post.newestComments) putUser(comment.author)
  })
  return post.id
}

export function patchPost(id: Id, patch: Partial<Post> | ((post: Post) => Partial<Post>)): void {
  const target = posts.get(id)
  const post = target?.value
  if (target && post) target.value = { ...post, ...(typeof patch === 'function' ? patch(post) : patch) }
}

/** Deleted or out of sight: every list and page that shows it lets go of it. */
export function dropPost(id: Id): void {
  slot(posts, id).value = null
}

/** Takes everything of an author off the screen. */
export function dropAuthor(authorId: Id): Id[] {
  const dropped: Id[] = []
  batch(() => {
    for (const [id, post] of posts) {
      if (post.value?.author.id !== authorId) continue
      post.value = null
      dropped.push(id)
    }
  })
  return dropped
}

export function userSignal(id: Id): ReadonlySignal<UserRecord | null | undefined> {
  return slot(users, id)
}

export function findUserId(username: string): Id | undefined {
  return slot(idByUsername, username.toLowerCase()).value
}

/** Merges: a summary beside a post never wipes out what a profile page has read. */
export function putUser(user: UserSummary | UserListItem | UserProfile): Id {
  batch(() => {
    const target = slot(users, user.id)
    const before = target.value
    if (before && sameFields(before, user)) return
    target.value = { ...before, ...user }
    slot(idByUsername, user.username).value = user.id
  })
  return user.id
}

function sameFields(before: UserRecord, user: UserSummary): boolean {
  const old = before as Record<string, unknown>
  return Object.entries(user).every(([name, value]) => old[name] === value)
}

export function patchUser(id: Id, patch: Partial<UserRecord>): void {
  const target = users.get(id)
  if (target?.value) target.value = { ...target.value, ...patch }
}

export function putRelationship(id: Id, relationship: Relationship): void {
  patchUser(id, { relationship })
}

export function dropUser(id: Id): void {
  const target = users.get(id)
  if (target) target.value = null
}

/** At sign-out: what one person could see must not be left for the next. */
export function clearStore(): void {
  batch(() => {
    for (const post of posts.values()) post.value = undefined
    for (const user of users.values()) user.value = undefined
    for (const id of idByUsername.values()) id.value = undefined
  })
  posts.clear()
  users.clear()
  idByUsername.clear()
}
