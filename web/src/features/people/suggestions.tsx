import type { SuggestionReason } from '@heliograph/contract/suggestions'
import { X } from 'lucide-preact'
import { useEffect, useId } from 'preact/hooks'
import { me } from '../../lib/session.ts'
import { userSignal } from '../../lib/store.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { FollowButton } from './follow-button.tsx'
import { p } from './people-words.ts'
import { readSuggestions, refuseSuggestion, type Suggested, suggested } from './suggestions-list.ts'
import { Verified } from './verified.tsx'
import './people.css'

/** Nothing at all where there is nobody to suggest. */
export function Suggestions({ max }: { max: number }) {
  const title = useId()
  const viewerId = me.value?.id
  useEffect(() => {
    if (viewerId !== undefined) void readSuggestions(viewerId)
  }, [viewerId])
  const shown = suggested.value?.slice(0, max) ?? []
  if (shown.length === 0) return null
  return (
    <section class="suggested" aria-labelledby={title}>
      <h2 id={title}>{p('suggested.title')}</h2>
      <ul>
        {shown.map((one) => (
          <SuggestedPerson key={one.id} of={one} />
        ))}
      </ul>
    </section>
  )
}

function SuggestedPerson({ of: { id, reason } }: { of: Suggested }) {
  const user = userSignal(id).value
  if (!user) return null
  return (
    <li class="person">
      <a class="person-link" href={`/${user.username}`}>
        <Avatar user={user} size={44} />
        <span class="person-names">
          <span class="person-name">
            {user.username}
            <Verified user={user} />
          </span>
          <span class="quiet">{words(reason)}</span>
        </span>
      </a>
      <FollowButton user={user} />
      <IconButton
        icon={X}
        size={18}
        label={p('suggested.refuse', { name: user.username })}
        onClick={() => void refuseSuggestion(id)}
      />
    </li>
  )
}

function words(reason: SuggestionReason): string {
  if (reason.kind === 'follows_you') return p('suggested.back')
  const [first, second] = reason.people
  const name = first?.username ?? ''
  if (second === undefined) return p('suggested.one', { name })
  if (reason.others === 0) return p('suggested.two', { name, other: second.username })
  return p('suggested.more', { name, other: second.username, count: reason.others })
}
