import { useSignalEffect } from '@preact/signals'
import { Compass } from 'lucide-preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { ProofHost } from '../features/accounts/proof-host.tsx'
import { ReportHost } from '../features/moderation/reporting.tsx'
import { StoryHost } from '../features/stories/story-host.tsx'
import { ApiProblem } from '../lib/api.ts'
import { t } from '../lib/i18n.ts'
import { type Place, place, savedFocus, savedScroll } from '../lib/navigation.ts'
import { online } from '../lib/online.ts'
import { me, needsFactor, signedIn } from '../lib/session.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmHost } from '../ui/confirm.tsx'
import { Notice, ProblemNotice } from '../ui/notice.tsx'
import { ToastHost } from '../ui/toast.tsx'
import { BottomBar } from './bottom-bar.tsx'
import { follow, type Shown, shown, turning } from './current-page.ts'
import { OfflineBar } from './offline-bar.tsx'
import { Page } from './page.tsx'
import { Rail } from './rail.tsx'
import { keepScroll } from './scroll.ts'
import { SunGradient } from './sun.tsx'
import './app.css'

export function App() {
  useSignalEffect(() => {
    // Signing in or out decides anew who may open what is shown.
    signedIn.value
    needsFactor.value
    void follow(place.value)
  })
  const current = shown.value
  const bars = me.value !== undefined && !current?.bare
  return (
    <div class={`app${bars && me.value ? ' app-bars' : ''}`}>
      <SunGradient />
      {/* biome-ignore lint/a11y/useValidAnchor: a skip link is an anchor, to assistive software too */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // Followed by the browser it would be a step in the history.
          event.preventDefault()
          document.getElementById('main')?.focus()
        }}
      >
        {t('ui.skip')}
      </a>
      {turning.value ? <div class="turning" role="progressbar" aria-label={t('ui.loading')} /> : null}
      {bars && me.value ? <Rail user={me.value} /> : null}
      <Main shown={current} />
      {bars && me.value ? <BottomBar user={me.value} /> : null}
      {online.value ? null : <OfflineBar />}
      <ToastHost />
      <StoryHost />
      <ReportHost />
      <ConfirmHost />
      <ProofHost />
    </div>
  )
}

function Main({ shown: current }: { shown: Shown | undefined }) {
  const main = useRef<HTMLElement>(null)
  const key = current?.place.key
  useLayoutEffect(() => (current ? arrive(current.place) : undefined), [key])
  useEffect(() => {
    if (current && current.place.how !== 'load') moveFocus(current.place, main.current)
  }, [key])
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {current ? <CurrentPage {...current} /> : null}
    </main>
  )
}

function CurrentPage({ page: Shown, params, place: at, problem }: Shown) {
  // Another person or post is another page: nothing of the one before stays in its state.
  if (Shown) return <Shown key={at.path} params={params} />
  if (problem) {
    const offline = !online.value
    return (
      <Page title={t(offline ? 'problem.offline.title' : 'problem.title')}>
        <ProblemNotice
          error={offline ? new ApiProblem('client.offline', 0) : problem}
          {...(offline ? {} : { text: t('problem.newVersion') })}
          onRetry={() => (offline ? void follow(at) : location.reload())}
        />
      </Page>
    )
  }
  return <NotFound />
}

export function NotFound() {
  return (
    <Page title={t('notFound.title')} back>
      <Notice
        icon={Compass}
        title={t('notFound.title')}
        action={
          <Button kind="primary" href="/">
            {t('notFound.home')}
          </Button>
        }
      >
        {t('notFound.text')}
      </Notice>
    </Page>
  )
}

function arrive(at: Place): (() => void) | undefined {
  if (at.how === 'pop' || at.how === 'load') return keepScroll(savedScroll(at.key))
  if (at.hash) return undefined
  scrollTo(0, 0)
  return undefined
}

/** Forward: to the new page's heading, so that it is read out. Back: to the link one had followed. */
function moveFocus(at: Place, main: HTMLElement | null): void {
  const link = at.how === 'pop' ? savedFocus(at.key) : undefined
  const target =
    (link ? main?.querySelector<HTMLElement>(`a[href="${CSS.escape(link)}"]`) : undefined) ??
    main?.querySelector<HTMLElement>('h1[tabindex]') ??
    main
  if (at.hash && main?.querySelector(`#${CSS.escape(at.hash.slice(1))}`)) return
  target?.focus({ preventScroll: true })
}
