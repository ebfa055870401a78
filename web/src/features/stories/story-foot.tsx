import type { Story } from '@heliograph/contract/stories'
import { Eye } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { locale } from '../../lib/i18n.ts'
import { serverNow } from '../../lib/server-clock.ts'
import { compactCount } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { w } from './stories-words.ts'
import { react } from './story-actions.ts'
import { ViewersSheet } from './viewers-sheet.tsx'

interface StoryFootProps {
  story: Story
  own: boolean
}

/** Below the picture: who has seen one's own, an answer to those of others. */
export function StoryFoot({ story, own }: StoryFootProps) {
  // Of a highlight or the archive: it is told no more who saw it, and answers would come late.
  const isOver = Date.parse(story.expiresAt) <= serverNow()
  if (own) return isOver && story.viewCount === undefined ? null : <SeenBy story={story} />
  if (isOver) return null
  return <Answer story={story} />
}

function SeenBy({ story }: { story: Story }) {
  const [open, setOpen] = useState(false)
  const count = story.viewCount ?? 0
  return (
    <>
      <button type="button" class="story-seen" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon of={Eye} size={22} />
        <span aria-live="polite">
          {count > 0 ? w('seen', { count, shown: compactCount(count, locale()) }) : w('seen.not')}
        </span>
      </button>
      {open ? <ViewersSheet story={story} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

/** Few enough for a row that fits the narrowest screen, each with its name for those who hear it. */
const quick = [
  ['❤️', 'emoji.heart'],
  ['😂', 'emoji.laugh'],
  ['😮', 'emoji.wow'],
  ['😢', 'emoji.sad'],
  ['👏', 'emoji.clap'],
  ['🔥', 'emoji.fire'],
] as const

function Answer({ story }: { story: Story }) {
  return (
    <fieldset class="story-reactions" aria-label={w('reactions')}>
      {quick.map(([emoji, name]) => (
        <button
          key={emoji}
          type="button"
          aria-label={w(name)}
          aria-pressed={story.reaction === emoji}
          onClick={() => void react(story, emoji)}
        >
          <span aria-hidden="true">{emoji}</span>
        </button>
      ))}
    </fieldset>
  )
}
