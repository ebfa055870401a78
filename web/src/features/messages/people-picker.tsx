import type { UserSummary } from '@heliograph/contract/accounts'
import { Search, X } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { me } from '../../lib/session.ts'
import { useFound } from '../../lib/use-found.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { findPeople } from '../people/find-people.ts'
import { Verified } from '../people/verified.tsx'
import { w } from './messages-words.ts'

interface PeoplePickerProps {
  chosen: readonly UserSummary[]
  onChoose: (chosen: UserSummary[]) => void
  /** They are in it already. */
  without?: readonly string[]
  /** They stand above it already; who looks for them finds them. */
  notOffered?: readonly string[]
  max: number
}

/** People by the beginning of their name; before anything is typed those whom one follows. */
export function PeoplePicker({ chosen, onChoose, without = [], notOffered = [], max }: PeoplePickerProps) {
  const [text, setText] = useState('')
  const { found, problem, again } = useFound(text.trim(), findOrFollowed, { asksEmpty: true })
  const isChosen = (user: UserSummary) => chosen.some(({ id }) => id === user.id)
  const left = text.trim() ? without : [...without, ...notOffered]
  const shown = found?.filter(({ id }) => id !== me.value?.id && !left.includes(id))

  function toggle(user: UserSummary): void {
    onChoose(isChosen(user) ? chosen.filter(({ id }) => id !== user.id) : [...chosen, user])
  }

  return (
    <div class="picker">
      {chosen.length > 0 ? (
        <ul class="picker-chosen" aria-label={w('chosen')}>
          {chosen.map((user) => (
            <li key={user.id}>
              <button type="button" onClick={() => toggle(user)}>
                <Avatar user={user} size={24} />
                {user.username}
                <Icon of={X} size={16} />
                <span class="unseen">{w('chosen.remove')}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <span class="find-field picker-field">
        <Icon of={Search} size={20} />
        <input
          type="search"
          dir="auto"
          value={text}
          aria-label={w('pick.field')}
          placeholder={w('pick.field')}
          autoCapitalize="none"
          autoCorrect="off"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </span>
      {problem ? <ProblemNotice error={problem} onRetry={again} /> : null}
      {!shown && !problem ? <SkeletonPeople rows={5} /> : null}
      {shown?.length === 0 && (text.trim() || notOffered.length === 0) ? (
        <p class="talks-note quiet">{w(text ? 'pick.none' : 'pick.nobody')}</p>
      ) : null}
      <ul aria-label={w('pick.label')}>
        {shown?.map((user) => (
          <li key={user.id}>
            <label class="person picker-person">
              <Avatar user={user} size={44} />
              <span class="person-names">
                <span class="person-name">
                  {user.username}
                  <Verified user={user} />
                </span>
                <span class="quiet">
                  <bdi>{user.fullName}</bdi>
                </span>
              </span>
              <input
                type="checkbox"
                checked={isChosen(user)}
                disabled={!isChosen(user) && chosen.length >= max}
                onChange={() => toggle(user)}
              />
            </label>
          </li>
        ))}
      </ul>
    </div>
  )
}

async function findOrFollowed(words: string, signal: AbortSignal): Promise<readonly UserSummary[]> {
  if (words) return findPeople(words, signal)
  const username = me.peek()?.username
  if (!username) return []
  return (await call('GET /api/users/:username/following', { params: { username }, query: {}, signal })).items
}
