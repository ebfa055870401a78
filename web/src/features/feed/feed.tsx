import type { FeedMode } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import { signal } from '@preact/signals'
import { ArrowUp, Images, Star } from 'lucide-preact'
import { Fragment, type RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { place } from '../../lib/navigation.ts'
import type { Paginator } from '../../lib/paging.ts'
import { pendingShares, sharedHere } from '../../lib/pending-shares.ts'
import { usePresent } from '../../lib/present.ts'
import { me } from '../../lib/session.ts'
import { postSignal } from '../../lib/store.ts'
import { useImpressions } from '../../lib/use-impressions.ts'
import { sideScreen } from '../../lib/wide-screen.ts'
import { onTabAgain } from '../../shell/tabs.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { PullToRefresh } from '../../ui/pull-to-refresh.tsx'
import { announce } from '../../ui/toast.tsx'
import { Suggested } from '../people/suggested.tsx'
import { hiddenPosts } from '../posts/hide-post.ts'
import { PostCard } from '../posts/post-card.tsx'
import { TraySlot } from '../stories/tray-slot.tsx'
import { CardSkeleton } from './card-skeleton.tsx'
import { CaughtUp } from './caught-up.tsx'
import { feedMode } from './feed-mode.ts'
import { arriveAtFeed, caughtUpAfter, feedList, newPosts, showNewPosts } from './feed-state.ts'
import { ModeSwitch } from './mode-switch.tsx'
import { PendingCard } from './pending-card.tsx'
import { readAnew } from './read-anew.ts'
import { useAhead } from './use-ahead.ts'
import { useFeedKeys } from './use-feed-keys.ts'
import './feed.css'

export function Feed({ explainKeys }: { explainKeys: () => void }) {
  const mode = feedMode.value
  const list = feedList(mode)
  const feed = useRef<HTMLDivElement>(null)
  useEffect(() => {
    arriveAtFeed(mode)
    return onTabAgain('/', () => void showNewPosts())
  }, [mode, list])
  useFeedKeys(feed, explainKeys)

  const listed = usePresent(list.items, postInFeed)
  const failed = usePresent(sharedHere, failedPost)
  const shown = failed.length > 0 ? [...new Set([...failed, ...listed])] : listed
  const started = list.started.value
  const pending = pendingShares.value
  const empty = shown.length === 0 && pending.length === 0
  const end = caughtUpAfter.value
  return (
    <PullToRefresh refresh={readAnew}>
      <TraySlot />
      {hasModes() ? <ModeSwitch onAgain={() => void readAnew()} /> : null}
      <NewPostsPill />
      {pending.map((share) => (
        <PendingCard key={share.id} share={share} />
      ))}
      {started || list.status.value !== 'error' ? null : (
        <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
      )}
      {!started && list.status.value !== 'error' ? <CardSkeleton cards={2} /> : null}
      {started && empty && list.status.value === 'done' ? <EmptyFeed mode={mode} /> : null}
      {shown.length > 0 ? <Cards key={mode} ids={shown} list={list} feed={feed} /> : null}
      {started && !empty && list.status.value === 'loading' ? <CardSkeleton cards={1} /> : null}
      {started && shown.length === 0 ? <ListEnd list={list} /> : null}
      {started && shown.length > 0 && list.status.value === 'done' && shown.at(-1) !== end ? (
        <FeedEnd />
      ) : null}
    </PullToRefresh>
  )
}

const nothing = signal(null)
const postInFeed = (id: Id) => (hiddenPosts.value.has(id) ? nothing : postSignal(id))
/** Nobody else's feed has it, nor one's own once it was read anew: here it says why until it is dealt with. */
const failedPost = (id: Id) => (postSignal(id).value?.status === 'failed' ? postInFeed(id) : nothing)

/** Of a feed that consists of one's own posts every order is the same. */
function hasModes(): boolean {
  return (me.value?.followingCount ?? 0) > 0 || feedMode.value !== 'ranked'
}

interface CardsProps {
  ids: readonly Id[]
  list: Paginator<Id>
  feed: RefObject<HTMLDivElement | null>
}

function Cards({ ids, list, feed }: CardsProps) {
  const drawn = useGradually(ids.length)
  const end = caughtUpAfter.value
  const isDone = list.status.value === 'done'
  useAhead(feed, { ids, drawn, list })
  useImpressions(feed, 'feed', ids, drawn)
  return (
    <>
      <div ref={feed} role="feed" aria-label={t('feed.label')} aria-busy={list.status.value === 'loading'}>
        {ids.slice(0, drawn).map((id, index) => (
          <Fragment key={id}>
            <PostCard id={id} position={index + 1} eager={index === 0} />
            {id === end ? <CaughtUp isEnd={isDone && index === ids.length - 1} /> : null}
          </Fragment>
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

/** Who follows nobody has not seen everything: there is more where there are people. */
function FeedEnd() {
  if ((me.value?.followingCount ?? 0) > 0) return <p class="feed-end quiet">{t('feed.end')}</p>
  return (
    <>
      <div class="feed-end">
        <p class="quiet">{t('feed.alone')}</p>
        <Button href="/search">{t('feed.empty.find')}</Button>
      </div>
      {sideScreen.value ? null : <Suggested max={10} />}
    </>
  )
}

function EmptyFeed({ mode }: { mode: FeedMode }) {
  if (mode === 'favourites') {
    return (
      <Notice
        icon={Star}
        title={t('feed.favourites.title')}
        action={<Button href={`/${me.value?.username}/following`}>{t('feed.favourites.follows')}</Button>}
      >
        {t('feed.favourites.text')}
      </Notice>
    )
  }
  return (
    <>
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
      {sideScreen.value ? null : <Suggested max={10} />}
    </>
  )
}
