import { feedModes } from '@heliograph/contract/feed-modes'
import { t } from '../../lib/i18n.ts'
import { chooseFeedMode, feedMode } from './feed-mode.ts'

/** The orders of the feed, each one tap away; the present one tapped again is read anew. */
export function ModeSwitch({ onAgain }: { onAgain: () => void }) {
  const current = feedMode.value
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; this is a row of switches
    <div class="modes" role="group" aria-label={t('feed.modes')}>
      {feedModes.map((mode) => (
        <button
          key={mode}
          type="button"
          aria-pressed={mode === current}
          onClick={() => (mode === current ? onAgain() : chooseFeedMode(mode))}
        >
          {t(`feed.mode.${mode}`)}
        </button>
      ))}
    </div>
  )
}
