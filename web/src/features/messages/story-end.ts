import type { Message } from '@heliograph/contract/messages'
import type { Story } from '@heliograph/contract/stories'
import { useEffect, useState } from 'preact/hooks'
import { online } from '../../lib/online.ts'
import { serverNow } from '../../lib/server-clock.ts'

/** Until when the server has told of a Story. */
const toldAt = new WeakMap<object, number>()
/** The server's clock is known to the second, and looked at so often. */
const secondMs = 1000

/** Messages as the server just gave them. What this device had kept says nothing of what is there now. */
export function noteTold(messages: readonly Message[]): void {
  if (!online.peek()) return
  for (const { attachments } of messages)
    for (const one of attachments)
      if (one.type === 'story' && one.story) toldAt.set(one.story, serverNow() - secondMs)
}

/** Its time is over. One that was told of after its end is kept, in a highlight or by its author. */
export function isOver(story: Pick<Story, 'expiresAt'>, now: number): boolean {
  const end = Date.parse(story.expiresAt)
  return end <= now && (toldAt.get(story) ?? 0) < end
}

/** Whether it leaves the screen; the server is asked then whether it is kept. */
export function useOver(story: Pick<Story, 'expiresAt'>, ask: () => void): boolean {
  const [, look] = useState(0)
  const over = isOver(story, serverNow())
  useEffect(() => {
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
