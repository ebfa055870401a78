import { signal } from '@preact/signals'

/** A post on its way: shown at the top of the feed from the moment of sharing until the server has made it. */
export interface PendingShare {
  readonly id: string
  /** Object URL of the first photograph, and its shown ratio. */
  readonly previewUrl: string
  readonly ratio: number
  readonly photoCount: number
  readonly caption: string
  /** 0–1 over all bytes. */
  readonly progress: number
  readonly state: 'waiting' | 'uploading' | 'publishing' | 'failed'
  /** Why it stands still, for the person. */
  readonly message?: string
  retry(): void
  discard(): void
}

export const pendingShares = signal<readonly PendingShare[]>([])
