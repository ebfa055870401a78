import { Play, X } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useObjectUrl } from '../../lib/use-object-url.ts'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { w } from './stories-words.ts'
import type { StoryDraft } from './story-drafts.ts'

interface StoryThumbsProps {
  drafts: readonly StoryDraft[]
  shown: string
  onShow: (id: string) => void
  onRemove: (id: string) => void
  children: ComponentChildren
}

/** All that go out together, in their order. */
export function StoryThumbs({ drafts, shown, onShow, onRemove, children }: StoryThumbsProps) {
  return (
    <ul class="story-thumbs" aria-label={w('chosen')}>
      {drafts.map((draft, at) => (
        <li key={draft.id}>
          <Thumb
            draft={draft}
            label={w('chosen.one', { at: at + 1, count: drafts.length })}
            current={draft.id === shown}
            onShow={() => onShow(draft.id)}
          />
          {draft.id === shown ? (
            <IconButton
              icon={X}
              size={16}
              class="story-thumb-remove"
              label={w('chosen.remove', { at: at + 1 })}
              onClick={() => onRemove(draft.id)}
            />
          ) : null}
        </li>
      ))}
      <li>{children}</li>
    </ul>
  )
}

interface ThumbProps {
  draft: StoryDraft
  label: string
  current: boolean
  onShow: () => void
}

function Thumb({ draft, label, current, onShow }: ThumbProps) {
  const url = useObjectUrl(pictureOf(draft))
  return (
    <button
      type="button"
      class="story-thumb"
      aria-label={label}
      aria-current={current}
      style={{ backgroundColor: draft.color }}
      onClick={onShow}
    >
      {url ? <img src={url} alt="" /> : null}
      {draft.isVideo ? <Icon of={Play} size={18} /> : null}
    </button>
  )
}

/** What this browser can show of it. */
export function pictureOf({ isVideo, frame, file, width }: StoryDraft): Blob | undefined {
  if (isVideo) return frame ?? undefined
  return width > 0 ? file : undefined
}
