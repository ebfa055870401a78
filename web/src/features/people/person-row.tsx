import type { Id } from '@heliograph/contract/common'
import type { ComponentChildren } from 'preact'
import { userSignal } from '../../lib/store.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { FollowButton } from './follow-button.tsx'
import { Verified } from './verified.tsx'
import './people.css'

interface PersonRowProps {
  id: Id
  end?: ComponentChildren
  /** Why they stand in this list, instead of their full name. */
  note?: string | undefined
  onFollow?: () => void
}

/** A row of a list of people. */
export function PersonRow({ id, end, note, onFollow }: PersonRowProps) {
  const user = userSignal(id).value
  if (!user) return null
  return (
    <li class="person">
      <a class="person-link" href={`/${user.username}`} onClick={onFollow}>
        <Avatar user={user} size={44} />
        <span class="person-names">
          <span class="person-name">
            {user.username}
            <Verified user={user} />
          </span>
          {note || user.fullName ? (
            <span class="quiet">
              <bdi>{note ?? user.fullName}</bdi>
            </span>
          ) : null}
        </span>
      </a>
      {end === undefined ? <FollowButton user={user} /> : end}
    </li>
  )
}
