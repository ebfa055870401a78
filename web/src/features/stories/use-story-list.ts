import type { Id } from '@heliograph/contract/common'
import type { Story } from '@heliograph/contract/stories'
import { useState } from 'preact/hooks'
import type { Walk } from './use-stories.ts'

interface ListWalkOptions {
  stories: readonly Story[] | undefined
  problem: unknown
  from?: Id | undefined
  onEnd: () => void
  retry: () => void
}

/** Through a list that is what it is: a highlight, the archive. */
export function useStoryList({ stories, problem, from, onEnd, retry }: ListWalkOptions): Walk {
  const [shown, setShown] = useState(from)
  const at = Math.max(0, stories?.findIndex(({ id }) => id === shown) ?? 0)
  const story = stories?.[at]
  return {
    username: story?.author.username ?? '',
    stories,
    story,
    at,
    problem,
    nextPerson: undefined,
    step(by) {
      const next = stories?.[at + by]
      if (next) setShown(next.id)
      else if (by > 0) onEnd()
    },
    turn(by) {
      if (by > 0) onEnd()
    },
    retry,
  }
}
