import type { Story, StoryViewer } from '@heliograph/contract/stories'
import { EyeOff } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { locale } from '../../lib/i18n.ts'
import { onLive } from '../../lib/live.ts'
import { createPaginator } from '../../lib/paging.ts'
import { putUser } from '../../lib/store.ts'
import { compactCount } from '../../lib/time.ts'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { PersonRow } from '../people/person-row.tsx'
import { w } from './stories-words.ts'

/** Who has seen one's own, the last first; grows while one looks at it. */
export function ViewersSheet({ story, onClose }: { story: Story; onClose: () => void }) {
  const [list] = useState(() =>
    createPaginator<StoryViewer>(
      async (cursor, signal) => {
        const page = await call('GET /api/stories/:id/viewers', {
          params: { id: story.id },
          query: { cursor },
          signal,
        })
        for (const viewer of page.items) putUser(viewer)
        return page
      },
      ({ id }) => id,
    ),
  )
  const count = story.viewCount ?? 0
  useEffect(() => {
    void list.freshen()
  }, [count])
  useEffect(
    () =>
      onLive('story.views', ({ storyId, viewCount }) => {
        // Nobody new: somebody of the list has reacted.
        if (storyId === story.id && viewCount === story.viewCount) void list.refresh()
      }),
    [story],
  )
  const viewers = list.items.value
  return (
    <Sheet title={w('seen', { count, shown: compactCount(count, locale()) })} onClose={onClose}>
      {!list.started.value && list.status.value !== 'error' ? <SkeletonPeople /> : null}
      {list.status.value === 'error' && viewers.length === 0 ? (
        <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
      ) : null}
      {list.started.value && viewers.length === 0 ? (
        <Notice icon={EyeOff} title={w('seen.nobody')}>
          {w('seen.nobody.text')}
        </Notice>
      ) : null}
      <ul class="people" aria-label={w('seen.list')}>
        {viewers.map(({ id, seenAt, reaction }) => (
          <PersonRow
            key={id}
            id={id}
            onFollow={onClose}
            end={
              <span class="story-viewer">
                {reaction ? (
                  <span role="img" aria-label={w('seen.reaction', { emoji: reaction })}>
                    {reaction}
                  </span>
                ) : null}
                <TimeAgo iso={seenAt} />
              </span>
            }
          />
        ))}
      </ul>
      {viewers.length > 0 ? <ListEnd list={list} /> : null}
    </Sheet>
  )
}
