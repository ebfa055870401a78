import type { Me } from '@heliograph/contract/accounts'
import { t } from '../../lib/i18n.ts'
import { sideScreen } from '../../lib/wide-screen.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Suggested } from '../people/suggested.tsx'
import '../people/people.css'

/** Beside the feed on wide screens: oneself, and what waits for an answer. */
export function HomeSide({ user, explainKeys }: { user: Me; explainKeys: () => void }) {
  return (
    <div class="home-side">
      <a class="person-link" href={`/${user.username}`}>
        <Avatar user={user} size={56} src={user.avatar?.medium ?? user.avatarUrl} />
        <span class="person-names">
          <span class="person-name">{user.username}</span>
          {user.fullName ? (
            <span class="quiet">
              <bdi>{user.fullName}</bdi>
            </span>
          ) : null}
        </span>
      </a>
      {user.followRequestCount > 0 ? (
        <a class="home-requests" href="/requests">
          {t('nav.requests.count', { count: user.followRequestCount })}
        </a>
      ) : null}
      <div class="home-side-actions">
        <Button href="/share">{t('feed.empty.share')}</Button>
        <Button kind="quiet" href="/search">
          {t('feed.empty.find')}
        </Button>
        <Button kind="quiet" onClick={explainKeys}>
          {t('feed.keys')}
        </Button>
      </div>
      {sideScreen.value ? <Suggested max={5} /> : null}
    </div>
  )
}
