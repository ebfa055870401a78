import type { Id } from '@heliograph/contract/common'
import { signal } from '@preact/signals'

/** A post on its way: shown at the top of the feed from the moment of sharing until the server has made it. */
export interface PendingShare {
  readonly id: string
  /** Object URL of the first photograph or of a picture of the first video, where there is one; its shown ratio. */
  readonly previewUrl: string | undefined
  readonly ratio: number
  readonly media: readonly { readonly type: 'photo' | 'video' }[]
  readonly caption: string
  /** 0–1 over all bytes. */
  readonly progress: number
  /** This device does not keep it, or a video of it: closing the page would end it. */
  readonly isUnkept: boolean
  readonly state: 'waiting' | 'uploading' | 'publishing' | 'failed'
  /** Why it stands still, for the person. */
  readonly message?: string
  retry(): void
  discard(): void
}

export const pendingShares = signal<readonly PendingShare[]>([])

/** One's own posts of this device that were not ready when last heard of: those that fail stand on top of the feed. */
export const sharedHere = signal<readonly Id[]>([])

/** What this device still has of a photograph that the server is preparing, by the id of its medium. */
export interface LocalPhoto {
  readonly url: string
  readonly ratio: number
}

export const localPhotos = signal<ReadonlyMap<Id, LocalPhoto>>(new Map())
