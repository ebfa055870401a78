import { ArrowUp, Images } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { place } from '../../lib/navigation.ts'
import type { Paginator } from '../../lib/paging.ts'
import { pendingShares } from '../../lib/pending-shares.ts'
import { usePresent } from '../../lib/present.ts'
import { postSignal } from '../../lib/store.ts'
import { onTabAgain } from '../../shell/tabs.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { announce } from '../../ui/toast.tsx'
import { PostCard } from '../posts/post-card.tsx'
import { CardSkeleton } from './card-skeleton.tsx'
import { feedList, newPosts, showNewPosts } from './feed-state.ts'
import { PendingCard } from './pending-card.tsx'
import './feed.css'

const staleMs = 5 * 60_000
let readAt = 0

export function Feed() {
  const list = feedList()
  useEffect(() => {
    if (Date.now() - readAt > staleMs || !list.started.value) {
      readAt = Date.now()
      void showNewPosts()
    }
    return onTabAgain('/', () => void showNewPosts())
  }, [list])

  const shown = usePresent(list.items, postSignal)
  const started = list.started.value
  const empty = shown.length === 0 && pendingShares.value.length === 0
  return (
    <>
      <NewPostsPill />
      {pendingShares.value.map((share) => (
        <PendingCard key={share.id} share={share} />
      ))}
      {started || list.status.value !== 'error' ? null : (
        <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
      )}
      {!started && list.status.value !== 'error' ? <CardSkeleton cards={2} /> : null}
      {started && empty && list.status.value === 'done' ? <EmptyFeed /> : null}
      {shown.length > 0 ? <Cards ids={shown} list={list} /> : null}
      {started && !empty && list.status.value === 'loading' ? <CardSkeleton cards={1} /> : null}
      {started && shown.length === 0 ? <ListEnd list={list} /> : null}
      {started && !empty && list.status.value === 'done' ? (
        <p class="feed-end quiet">{t('feed.end')}</p>
      ) : null}
    </>
  )
}

function Cards({ ids, list }: { ids: readonly string[]; list: Paginator<string> }) {
  const feed = useRef<HTMLDivElement>(null)
  const drawn = useGradually(ids.length)

  /** The keys that feeds are walked with: one post on, one post back. */
  function walk(event: KeyboardEvent): void {
    const step = event.key === 'PageDown' ? 1 : event.key === 'PageUp' ? -1 : 0
    if (step === 0) return
    const cards = [...(feed.current?.children ?? [])]
    const at = cards.findIndex((card) => card.contains(document.activeElement))
    const next = cards[at + step]
    if (at < 0 || !(next instanceof HTMLElement)) return
    event.preventDefault()
    next.focus()
    next.scrollIntoView({ block: 'start' })
  }

  return (
    <>
      <div
        ref={feed}
        role="feed"
        aria-label={t('feed.label')}
        aria-busy={list.status.value === 'loading'}
        onKeyDown={walk}
      >
        {ids.slice(0, drawn).map((id, index) => (
          <PostCard key={id} id={id} position={index + 1} eager={index === 0} />
        ))}
      </div>
      {drawn === ids.length ? <ListEnd list={list} /> : null}
    </>
  )
}

const drawnAtOnce = 3

/**
 * How many of the cards are drawn: what fits the screen first, the rest a few at a time, so that the page
 * answers to touch meanwhile. Going back draws all at once, since one's place may be far down.
 */
function useGradually(count: number): number {
  const [drawn, setDrawn] = useState(() => (place.peek().how === 'pop' ? count : drawnAtOnce))
  useEffect(() => {
    if (drawn >= count) return
    const timer = setTimeout(() => setDrawn(drawn + drawnAtOnce), 16)
    return () => clearTimeout(timer)
  }, [drawn, count])
  return Math.min(drawn, count)
}

function NewPostsPill() {
  const count = newPosts.value.size
  useEffect(() => {
    if (count > 0) announce(t('feed.newPosts.spoken', { count }))
  }, [count])
  if (count === 0) return null
  return (
    <div class="pill-line">
      <button
        type="button"
        class="pill"
        onClick={() => {
          scrollTo({ top: 0 })
          void showNewPosts()
        }}
      >
        <Icon of={ArrowUp} size={18} />
        {t('feed.newPosts', { count })}
      </button>
    </div>
  )
}

function EmptyFeed() {
  return (
    <Notice
      icon={Images}
      title={t('feed.empty.title')}
      action={
        <>
          <Button kind="primary" href="/share">
            {t('feed.empty.share')}
          </Button>
          <Button href="/search">{t('feed.empty.find')}</Button>
        </>
      }
    >
      {t('feed.empty.text')}
    </Notice>
  )
}
