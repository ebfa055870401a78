import { Bell, RefreshCw, ShieldCheck, UserPlus } from 'lucide-preact'
import { useCallback, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Page } from '../../shell/page.tsx'
import { Wordmark } from '../../shell/sun.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { casesWaiting, doorTextWaiting } from '../moderation/cases-waiting.ts'
import { bellText, unreadCount } from '../notifications/unread.ts'
import { Feed } from './feed.tsx'
import { HomeSide } from './home-side.tsx'
import { Landing } from './landing.tsx'
import { readAnew } from './read-anew.ts'

async function loadKeys() {
  const [{ KeysSheet }, { feedWords }] = await Promise.all([
    import('./keys-sheet.tsx'),
    import('./feed-words.ts'),
  ])
  await feedWords.load()
  return KeysSheet
}

export function HomePage() {
  const user = me.value
  const [keys, setKeys] = useState(false)
  const explainKeys = useCallback(() => setKeys(true), [])
  if (!user) return <Landing />
  const waiting = user.followRequestCount
  const cases = casesWaiting.value
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
        <>
          {waiting > 0 ? (
            <IconButton
              icon={UserPlus}
              badge={waiting}
              href="/requests"
              class="narrow-only"
              label={t('nav.requests.count', { count: waiting })}
            />
          ) : null}
          {cases > 0 ? (
            <IconButton
              icon={ShieldCheck}
              badge={cases}
              href="/moderation"
              class="narrow-only"
              label={doorTextWaiting()}
            />
          ) : null}
          <IconButton
            icon={Bell}
            badge={unreadCount.value}
            href="/notifications"
            class="narrow-only"
            label={bellText()}
          />
          <IconButton
            icon={RefreshCw}
            class="wide-only"
            label={t('feed.refresh')}
            onClick={() => void readAnew()}
          />
        </>
      }
      side={<HomeSide user={user} explainKeys={explainKeys} />}
    >
      <Feed explainKeys={explainKeys} />
      {keys ? (
        <Lazy load={loadKeys} props={{ onClose: () => setKeys(false) }} onFailed={() => setKeys(false)} />
      ) : null}
    </Page>
  )
}
