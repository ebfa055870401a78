import type { Story } from '@heliograph/contract/stories'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { firstUnseen } from './stories-rules.ts'
import { readStories, storiesOf } from './stories-state.ts'

export interface Walk {
  username: string
  /** Undefined while they are read. */
  stories: readonly Story[] | undefined
  story: Story | undefined
  at: number
  problem: unknown
  /** Whom the next step to the side would show. */
  nextPerson: string | undefined
  step: (by: 1 | -1) => void
  turn: (by: 1 | -1) => void
  retry: () => void
}

interface WalkOptions {
  people: readonly string[]
  at: string
  storyId?: string | undefined
  /** Behind the last one. */
  onEnd: () => void
}

/** Through the Stories of one person after the other. */
export function useStories({ people, at: begin, storyId, onEnd }: WalkOptions): Walk {
  const [username, setUsername] = useState(begin)
  const [wanted, setWanted] = useState(storyId)
  const [problem, setProblem] = useState<unknown>(undefined)
  const [asked, setAsked] = useState(0)
  const place = useRef(0)
  const list = storiesOf(username).value
  const isEmpty = list === null || list?.length === 0

  useEffect(() => {
    setProblem(undefined)
    let isPast = false
    readStories(username).catch((error: unknown) => {
      // What is there already is shown; it is true until it ends.
      if (!isPast && !storiesOf(username).peek()?.length) setProblem(error)
    })
    return () => {
      isPast = true
    }
  }, [username, asked])

  const found = list?.findIndex(({ id }) => id === wanted) ?? -1
  const at = !list?.length
    ? 0
    : found >= 0
      ? found
      : wanted
        ? Math.min(place.current, list.length - 1)
        : firstUnseen(list)
  const story = list?.[at]
  place.current = at
  // With the drawing: a key that comes right after it has moved on by then, and is not to be overruled.
  useLayoutEffect(() => {
    // From here on it is this very one, also when it counts as seen now.
    if (story) setWanted(story.id)
  }, [story?.id])

  function turn(by: 1 | -1): void {
    const next = people[people.indexOf(username) + by]
    if (next === undefined) {
      if (by > 0) onEnd()
      return
    }
    place.current = 0
    setWanted(undefined)
    setUsername(next)
  }

  function step(by: 1 | -1): void {
    const next = list?.[at + by]
    if (next) setWanted(next.id)
    else turn(by)
  }

  return {
    username,
    stories: list ?? (isEmpty ? [] : undefined),
    story,
    at,
    problem,
    nextPerson: people[people.indexOf(username) + 1],
    step,
    turn,
    retry: () => setAsked(asked + 1),
  }
}
