import type { Audience } from '@heliograph/contract/common'
import { Star, UsersRound } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import './audience-mark.css'

/** On a post that is not for everybody; its author is shown it too, and knows at a glance who sees it. */
export function AudienceMark({ audience }: { audience: Audience }) {
  if (audience === 'public') return null
  const words = t(`audience.mark.${audience}`)
  return (
    <span class={`audience-mark ${audience}`} role="img" aria-label={words} title={words}>
      {audience === 'close_friends' ? (
        <Star size={13} fill="currentColor" aria-hidden="true" />
      ) : (
        <UsersRound size={17} aria-hidden="true" />
      )}
    </span>
  )
}
