import type { Id } from '@heliograph/contract/common'
import type { Story } from '@heliograph/contract/stories'
import { Archive, Check, Play } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { dateLocale } from '../../lib/i18n.ts'
import { createPaginator, type Paginator } from '../../lib/paging.ts'
import { me } from '../../lib/session.ts'
import { fullTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { placeholderOf } from '../../ui/placeholder.ts'
import { readStories, storiesOf } from './stories-state.ts'
import { StoriesDialog } from './stories-viewer.tsx'
import { w } from './stories-words.ts'
import { useStoryList } from './use-story-list.ts'

interface OwnStories {
  list: Paginator<Story>
  all: readonly Story[]
  /** That there is nothing is known. */
  isEmpty: boolean
}

/**
 * One's own Stories, the newest first: what is out now, and what is kept. `more`: known from elsewhere, those of a highlight
 * may be in no archive.
 */
export function useOwnStories(more: readonly Story[] = []): OwnStories {
  const username = me.value?.username ?? ''
  const [isRead, setRead] = useState(false)
  const [list] = useState(() =>
    createPaginator<Story>(
      (cursor, signal) => call('GET /api/me/story-archive', { query: { cursor }, signal }),
      ({ id }) => id,
    ),
  )
  useEffect(() => {
    void list.refresh()
    readStories(username).then(
      () => setRead(true),
      () => setRead(true),
    )
  }, [username])
  const out = (storiesOf(username).value ?? []).filter(({ status }) => status === 'ready')
  const all = newestFirst([...out, ...list.items.value, ...more])
  return { list, all, isEmpty: all.length === 0 && isRead && list.status.value === 'done' }
}

interface ArchiveGridProps {
  own: OwnStories
  /** With `onChoose`: a tap chooses; else it opens. */
  chosen?: readonly Id[]
  onChoose?: (id: Id) => void
}

export function ArchiveGrid({ own: { list, all, isEmpty }, chosen = [], onChoose }: ArchiveGridProps) {
  const [open, setOpen] = useState<Id | undefined>(undefined)
  if (!list.started.value && list.status.value === 'error') {
    return <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
  }
  if (isEmpty) {
    return (
      <Notice icon={Archive} title={w('archive.empty')}>
        {w('archive.empty.text')}
      </Notice>
    )
  }
  return (
    <>
      <ul class="archive" aria-label={w('archive.title')}>
        {all.map((story) => (
          <Tile
            key={story.id}
            story={story}
            chosen={onChoose ? chosen.includes(story.id) : undefined}
            onTap={() => (onChoose ? onChoose(story.id) : setOpen(story.id))}
          />
        ))}
      </ul>
      <ListEnd list={list} />
      {open ? <Opened stories={all} from={open} onClose={() => setOpen(undefined)} /> : null}
    </>
  )
}

function newestFirst(stories: readonly Story[]): Story[] {
  const each = [...new Map(stories.map((story) => [story.id, story])).values()]
  return each.sort((one, other) => other.createdAt.localeCompare(one.createdAt))
}

interface TileProps {
  story: Story
  chosen: boolean | undefined
  onTap: () => void
}

function Tile({ story: { createdAt, media }, chosen, onTap }: TileProps) {
  const address = media.thumbnailUrl ?? media.imageUrl
  return (
    <li>
      <button
        type="button"
        class="archive-tile"
        aria-pressed={chosen}
        aria-label={w('archive.item', { date: fullTime(createdAt, dateLocale()) })}
        style={{ backgroundImage: placeholderOf(media.thumbhash), backgroundColor: media.color ?? undefined }}
        onClick={onTap}
      >
        {address ? <img src={address} alt="" loading="lazy" decoding="async" /> : null}
        {media.type === 'video' ? <Icon of={Play} size={18} /> : null}
        {chosen === undefined ? null : (
          <span class="archive-check" aria-hidden="true">
            {chosen ? <Icon of={Check} size={18} /> : null}
          </span>
        )}
      </button>
    </li>
  )
}

interface OpenedProps {
  stories: readonly Story[]
  from: Id
  onClose: () => void
}

function Opened({ stories, from, onClose }: OpenedProps) {
  const walk = useStoryList({ stories, problem: undefined, from, onEnd: onClose, retry: () => undefined })
  return <StoriesDialog walk={walk} onClose={onClose} />
}
