import type { Story } from '@heliograph/contract/stories'
import { failureText } from '../../lib/media-failure.ts'
import { Button } from '../../ui/button.tsx'
import { w } from './stories-words.ts'
import { deleteStory } from './story-actions.ts'

/** One's own that nobody else sees yet, or any more: what is the matter with it. */
export function StoryState({ story, onDeleted }: { story: Story; onDeleted: () => void }) {
  const { status, failure } = story
  return (
    <div class="story-none" role="status">
      <p>{w(`status.${status === 'ready' ? 'processing' : status}`)}</p>
      {failure ? <p>{failureText(failure)}</p> : null}
      {status === 'failed' || status === 'removed' ? (
        <Button onClick={() => void deleteStory(story, onDeleted)}>{w('delete')}</Button>
      ) : null}
    </div>
  )
}
