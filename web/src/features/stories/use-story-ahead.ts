import type { Story } from '@heliograph/contract/stories'
import { useEffect } from 'preact/hooks'
import { savingData } from '../../lib/data-saver.ts'
import { slowLine } from '../../lib/network.ts'
import { online } from '../../lib/online.ts'
import { firstUnseen } from './stories-rules.ts'
import { readStories, storiesOf } from './stories-state.ts'
import type { Walk } from './use-stories.ts'

/** The next one is here before it is asked for; not where data is saved. */
export function useStoryAhead({ stories, at, nextPerson }: Walk): void {
  const next = stories?.[at + 1]
  useEffect(() => {
    if (savingData.value || !online.value || !stories) return
    const abort = new AbortController()
    if (next) fetchAhead(next, abort.signal)
    else if (nextPerson) void fetchFirst(nextPerson, abort.signal)
    // Its turn came first: it is asked for by who shows it.
    return () => abort.abort()
  }, [next?.id, nextPerson, stories !== undefined])
}

async function fetchFirst(username: string, signal: AbortSignal): Promise<void> {
  const list = storiesOf(username).peek() ?? (await readStories(username).catch(() => undefined))
  const first = list?.[firstUnseen(list)]
  if (first && !signal.aborted) fetchAhead(first, signal)
}

/** On a slow line of a film its poster alone: the one that is on the screen needs the room. */
function fetchAhead({ media }: Story, signal: AbortSignal): void {
  if (media.imageUrl) new Image().src = media.imageUrl
  if (!media.videoUrl || slowLine.peek()) return
  fetch(media.videoUrl, { signal, priority: 'low' })
    .then((film) => film.arrayBuffer())
    .catch(() => undefined)
}
