import type { Post, RankingReason } from '@heliograph/contract/posts'
import { useId } from 'preact/hooks'
import { locale } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { setHidden } from '../posts/hide-post.ts'
import { w } from './feed-words.ts'
import './why-sheet.css'

const parts = ['relationship', 'interest', 'recency', 'quality', 'activity'] as const

/** The strongest reason in a sentence, then how much each part had to give. */
export function WhySheet({ post, onClose }: { post: Post; onClose: () => void }) {
  if (!post.reason) return null
  return (
    <Sheet title={w('why.title')} onClose={onClose}>
      <div class="why">
        <p class="why-text">{post.reason.text}</p>
        <p class="quiet">{w('why.parts')}</p>
        <ul class="why-parts">
          {parts.map((part) => (
            <Part key={part} part={part} reason={post.reason as RankingReason} name={post.author.username} />
          ))}
        </ul>
        <Button
          wide
          onClick={() => {
            onClose()
            queueMicrotask(() => setHidden(post.id, true))
          }}
        >
          {w('why.less')}
        </Button>
        <Button wide kind="quiet" href="/settings/personalisation">
          {w('why.settings')}
        </Button>
      </div>
    </Sheet>
  )
}

interface PartProps {
  part: (typeof parts)[number]
  reason: RankingReason
  name: string
}

function Part({ part, reason, name }: PartProps) {
  const id = useId()
  const value = reason.parts[part]
  const percent = new Intl.NumberFormat(locale(), { style: 'percent' }).format(value)
  return (
    <li class="why-part">
      <span id={id} class="why-name">
        {w(`part.${part}`, { name })}
      </span>
      <span class="why-percent" aria-hidden="true">
        {percent}
      </span>
      <Meter labelledBy={id} value={value} valueText={percent} />
      <span class="field-note">{w(`part.${part}.hint`)}</span>
    </li>
  )
}
