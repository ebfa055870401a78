import type { Message } from '@heliograph/contract/messages'
import type { Story } from '@heliograph/contract/stories'
import { useEffect, useState } from 'preact/hooks'
import { online } from '../../lib/online.ts'
import { serverNow } from '../../lib/server-clock.ts'

type Ending = Pick<Story, 'expiresAt'>

/** Until when the server has told of a Story. */
const toldAt = new WeakMap<Ending, number>()
/** The server's clock is known to the second, and looked at so often. */
const secondMs = 1000

/** Stories as the server just gave them. What this device had kept says nothing of what is there now. */
export function noteTold(stories: readonly Ending[]): void {
  if (!online.peek()) return
  for (const story of stories) toldAt.set(story, serverNow() - secondMs)
}

export function storiesIn(messages: readonly Message[]): Story[] {
  return messages.flatMap(({ attachments }) =>
    attachments.flatMap((one) => (one.type === 'story' && one.story ? [one.story] : [])),
  )
}

/** Its time is over. One that was told of after its end is kept, in a highlight or by its author. */
export function isOver(story: Ending, now: number): boolean {
  const end = Date.parse(story.expiresAt)
  return end <= now && (toldAt.get(story) ?? 0) < end
}

/** Whether it leaves the screen; the server is asked then whether it is kept. */
export function useOver(story: Ending | undefined, ask: () => void): boolean {
  const [, look] = useState(0)
  const over = story !== undefined && isOver(story, serverNow())
  useEffect(() => {
    if (!story) return undefined
    if (over) {
      const asking = setTimeout(ask, 2 * secondMs)
      return () => clearTimeout(asking)
    }
    const looking = setInterval(() => {
      if (isOver(story, serverNow())) look((times) => times + 1)
    }, secondMs)
    return () => clearInterval(looking)
  }, [story, over])
  return over
}
