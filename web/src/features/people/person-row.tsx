import type { Id } from '@heliograph/contract/common'
import type { ComponentChildren } from 'preact'
import { userSignal } from '../../lib/store.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { FollowButton } from './follow-button.tsx'
import { Verified } from './verified.tsx'
import './people.css'

/** A row of a list of people. */
export function PersonRow({ id, end, onFollow }: { id: Id; end?: ComponentChildren; onFollow?: () => void }) {
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
          {user.fullName ? (
            <span class="quiet">
              <bdi>{user.fullName}</bdi>
            </span>
          ) : null}
        </span>
      </a>
      {end === undefined ? <FollowButton user={user} /> : end}
    </li>
  )
}
