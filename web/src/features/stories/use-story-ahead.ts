import type { Story } from '@heliograph/contract/stories'
import { useEffect } from 'preact/hooks'
import { savingData } from '../../lib/data-saver.ts'
import { online } from '../../lib/online.ts'
import { firstUnseen } from './stories-rules.ts'
import { readStories, storiesOf } from './stories-state.ts'
import type { Walk } from './use-stories.ts'

/** The next one is here before it is asked for; not where data is saved. */
export function useStoryAhead({ stories, at, nextPerson }: Walk): void {
  const next = stories?.[at + 1]
  useEffect(() => {
    if (savingData.value || !online.value || !stories) return
    if (next) fetchPicture(next)
    else if (nextPerson) void fetchFirst(nextPerson)
  }, [next?.id, nextPerson, stories !== undefined])
}

async function fetchFirst(username: string): Promise<void> {
  const list = storiesOf(username).peek() ?? (await readStories(username).catch(() => undefined))
  const first = list?.[firstUnseen(list)]
  if (first) fetchPicture(first)
}

/** Of a film its poster: the film itself comes when it is its turn, and begins before it is whole. */
function fetchPicture({ media }: Story): void {
  if (media.imageUrl) new Image().src = media.imageUrl
}
