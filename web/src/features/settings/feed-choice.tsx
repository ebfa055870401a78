import { feedModes } from '@heliograph/contract/feed-modes'
import { t } from '../../lib/i18n.ts'
import { chooseFeedMode, feedMode } from '../feed/feed-mode.ts'
import { Choice } from './choice.tsx'
import { w } from './settings-words.ts'

/** The order in which the feed opens; the same as the one above the feed. */
export function FeedChoice() {
  return (
    <Choice
      label={w('look.feedMode')}
      value={feedMode.value}
      options={feedModes.map((value) => ({ value, label: t(`feed.mode.${value}`) }))}
      onChange={chooseFeedMode}
    />
  )
}
