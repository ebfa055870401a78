import type { UserSummary } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import type { Message, SharedPost } from '@heliograph/contract/messages'
import type { Story } from '@heliograph/contract/stories'
import { createStore, entries, get } from 'idb-keyval'
import { dropKept, keepAll, withFiles } from '../../lib/kept.ts'

/** A photograph, video or voice note from this device. */
export interface OutgoingFile {
  readonly kind: 'photo' | 'video' | 'voice'
  readonly file: Blob
  /** Pixels, upright; 0 where this browser cannot decode it, and of a voice note. */
  readonly width: number
  readonly height: number
  readonly seconds: number | null
  /** Of a voice note. */
  readonly waveform?: readonly number[]
  /** One picture of a video, where this browser can decode it. */
  readonly frame?: Blob | null
  /** Where its upload stands on the server, once begun. */
  readonly address?: string | undefined
  readonly uploadId?: string | undefined
}

/** Of a Story that is passed on, as much as stands in a message. */
export type SharedStory = Pick<Story, 'id' | 'author' | 'media' | 'altText'>

/** What goes along with a message, and what is shown of it meanwhile. */
export type OutgoingAttachment =
  | { readonly type: 'media'; readonly media: OutgoingFile }
  | { readonly type: 'post'; readonly post: SharedPost }
  | { readonly type: 'story'; readonly story: SharedStory }
  | { readonly type: 'profile'; readonly user: UserSummary }

/** A message that the server does not have yet. It lies in IndexedDB, so closing the page loses nothing. */
export interface Outgoing {
  /** Made once: the server takes a message under it once, however often it is sent. */
  readonly clientId: string
  readonly ownerId: Id
  readonly conversationId: Id
  readonly text: string
  readonly attachments: readonly OutgoingAttachment[]
  readonly replyTo: Message['replyTo']
  readonly madeAt: string
  /** Why the server did not take it; it waits for the person then. */
  readonly problem?: string
  readonly problemCode?: string
}

const store = createStore('heliograph-messages', 'outgoing')
/** Browsers copy what they keep: more than this would fill a phone in silence. */
const keptBytes = 100 * 1024 * 1024

/** Closing the page would lose it. */
function isTooLargeToKeep({ attachments }: Pick<Outgoing, 'attachments'>): boolean {
  return (
    attachments.reduce((sum, one) => sum + (one.type === 'media' ? one.media.file.size : 0), 0) > keptBytes
  )
}

/** False where the browser keeps nothing (some private windows), or too much: then it is sent from memory. */
export async function keepOutgoing(message: Outgoing): Promise<boolean> {
  if (isTooLargeToKeep(message)) return false
  try {
    await keepAll([[message.clientId, message]], store)
    return true
  } catch {
    return false
  }
}

export async function dropOutgoing(clientId: string): Promise<void> {
  try {
    await dropKept(clientId, store)
  } catch {
    // It was not kept either.
  }
}

/** Undefined when it was sent or thrown away in another tab meanwhile. */
export function findOutgoing(clientId: string): Promise<Outgoing | undefined> {
  return get<Outgoing>(clientId, store)
}

/** Those of this person, in the order in which they were written. */
export async function listOutgoing(ownerId: Id): Promise<Outgoing[]> {
  const all = (await entries<string, Outgoing>(store)).map(([, message]) => withFiles(message))
  return all
    .filter((message) => message.ownerId === ownerId)
    .sort((one, other) => one.madeAt.localeCompare(other.madeAt))
}

/** When a person signs out; those of other people on this device stay. */
export async function dropOutgoingOf(ownerId: Id): Promise<void> {
  for (const { clientId } of await listOutgoing(ownerId)) await dropOutgoing(clientId)
}
