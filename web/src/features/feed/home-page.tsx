import { UserPlus } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Wordmark } from '../../shell/sun.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Feed } from './feed.tsx'
import { HomeSide } from './home-side.tsx'
import { Landing } from './landing.tsx'

export function HomePage() {
  const user = me.value
  if (!user) return <Landing />
  const waiting = user.followRequestCount
  return (
    <Page
      title={t('feed.title')}
      heading={
        <>
          <span class="home-mark" aria-hidden="true">
            <Wordmark />
          </span>
          <span class="unseen">{t('feed.title')}</span>
        </>
      }
      actions={
        waiting > 0 ? (
          <IconButton
            icon={UserPlus}
            badge={waiting}
            href="/requests"
            class="narrow-only"
            label={t('nav.requests.count', { count: waiting })}
          />
        ) : null
      }
      side={<HomeSide user={user} />}
    >
      <Feed />
    </Page>
  )
}
