import type { Id } from '@heliograph/contract/common'
import { signal } from '@preact/signals'

/** Around the picture of somebody with Stories: not seen yet, not seen and for close friends, all seen. */
export type Ring = 'unseen' | 'close' | 'seen'

/** By person; filled by features/stories, which comes after the first screen. */
export const storyRings = signal<ReadonlyMap<Id, Ring>>(new Map())

/** Raised by whoever reads the screen anew by hand: the tray goes along. */
export const ringsAsked = signal(0)

/** Whose Stories lie over the page, in the order in which they are turned through. */
export interface OpenedStories {
  readonly people: readonly string[]
  /** Where to begin among them. */
  readonly at: string
  /** One Story to begin with; else the first that was not seen. */
  readonly storyId?: Id | undefined
}

export const openedStories = signal<OpenedStories | undefined>(undefined)

export function openStories(at: string, people: readonly string[] = [at], storyId?: Id): void {
  openedStories.value = { people, at, storyId }
}
