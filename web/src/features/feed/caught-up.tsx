import { CircleCheck } from 'lucide-preact'
import { useId } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Icon } from '../../ui/icon.tsx'
import { feedMode } from './feed-mode.ts'

/**
 * Between what is new and what is older, or at the end. An article like the posts around it: keys and readers stop here
 * too.
 */
export function CaughtUp({ isEnd }: { isEnd: boolean }) {
  const title = useId()
  // By rank what was seen before stands behind what is new, and may be younger.
  const follows = feedMode.value === 'ranked' ? 'feed.caughtUp.ranked' : 'feed.caughtUp.text'
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: articles of a feed take the focus, so that keys move between them
    <article class="caught-up" tabIndex={0} aria-labelledby={title}>
      <Icon of={CircleCheck} size={40} />
      <h2 id={title}>{t('feed.caughtUp.title')}</h2>
      <p class="quiet">{t(isEnd ? 'feed.caughtUp.end' : follows)}</p>
    </article>
  )
}
