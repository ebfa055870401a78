import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import type { UserRecord } from '../../lib/store.ts'
import { Button } from '../../ui/button.tsx'
import { follow, unblock, unfollow } from './people-actions.ts'

/** Follow, or what has come of it; nothing for oneself. */
export function FollowButton({ user, wide }: { user: UserRecord; wide?: boolean }) {
  const relation = user.relationship
  if (user.id === me.value?.id || relation?.self) return null
  const names = { name: user.username }
  const common = wide ? { wide } : {}
  if (relation?.blocking) {
    return (
      <Button {...common} label={`${t('profile.unblock')}: ${names.name}`} onClick={() => void unblock(user)}>
        {t('profile.unblock')}
      </Button>
    )
  }
  if (!relation || relation.following === 'no') {
    const words = t(relation?.followedBy ? 'profile.followBack' : 'profile.follow')
    return (
      <Button
        {...common}
        kind={wide ? 'primary' : 'strong'}
        label={`${words}: ${names.name}`}
        onClick={() => void follow(user)}
      >
        {words}
      </Button>
    )
  }
  const words = t(relation.following === 'yes' ? 'profile.following.button' : 'profile.requested')
  return (
    <Button {...common} label={`${words}: ${names.name}`} onClick={() => void unfollow(user)}>
      {words}
    </Button>
  )
}
