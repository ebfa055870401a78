import type { StoryRing } from '@heliograph/contract/stories'
import { ChevronLeft, ChevronRight, Plus, RotateCw } from 'lucide-preact'
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { me } from '../../lib/session.ts'
import { openStories, storyRings } from '../../lib/story-rings.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SkeletonDisc } from '../../ui/skeleton.tsx'
import { PendingStories } from './pending-stories.tsx'
import { turnedThrough } from './stories-rules.ts'
import { readTray, tray, trayProblem } from './stories-state.ts'
import { w } from './stories-words.ts'
import { pendingStories, progressOf } from './story-queue.ts'

/** Whose Stories there are to see, on top of the feed: oneself, then those with something new. */
export function StoryTray() {
  const rings = tray.value
  const user = me.value
  const list = useRef<HTMLUListElement>(null)
  if (!user) return null
  const others = rings?.filter((ring) => ring.user.id !== user.id)
  return (
    <section class="tray" aria-label={w('tray')}>
      <TraySteps list={list} count={rings?.length ?? 0} />
      <ul ref={list} class="tray-list" aria-busy={rings === undefined && !trayProblem.value}>
        <Own user={user} ring={rings?.find((ring) => ring.user.id === user.id)} />
        {others?.map((ring) => (
          <Person key={ring.user.id} ring={ring} />
        ))}
        {rings === undefined && !trayProblem.value
          ? Array.from({ length: 4 }, (_, at) => (
              <li class="tray-person" key={at} aria-hidden="true">
                <SkeletonDisc size={64} />
              </li>
            ))
          : null}
        {rings === undefined && trayProblem.value ? <Again /> : null}
      </ul>
      <PendingStories />
    </section>
  )
}

/** For a mouse, which cannot push the row: fingers and keys bring what is further along by themselves. */
function TraySteps({ list, count }: { list: RefObject<HTMLUListElement | null>; count: number }) {
  const [room, setRoom] = useState({ back: false, on: false })
  useEffect(() => {
    const row = list.current
    if (!row) return
    const look = () => {
      const past = Math.abs(row.scrollLeft)
      setRoom({ back: past > 4, on: past + row.clientWidth < row.scrollWidth - 4 })
    }
    look()
    row.addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      row.removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [count])
  function step(by: 1 | -1): void {
    const row = list.current
    const way = document.documentElement.dir === 'rtl' ? -by : by
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    row?.scrollBy({ left: way * row.clientWidth * 0.8, behavior: still ? 'auto' : 'smooth' })
  }
  return (
    <div class="tray-steps" aria-hidden="true">
      <button type="button" tabIndex={-1} hidden={!room.back} onClick={() => step(-1)}>
        <Icon of={ChevronLeft} size={20} />
      </button>
      <button type="button" tabIndex={-1} hidden={!room.on} onClick={() => step(1)}>
        <Icon of={ChevronRight} size={20} />
      </button>
    </div>
  )
}

interface OwnProps {
  user: { id: string; username: string; avatarUrl: string | null }
  ring: StoryRing | undefined
}

/** Of the button and of the link that takes its place once one's last Story is gone. */
const ownId = 'tray-own'

function Own({ user, ring }: OwnProps) {
  const busy = pendingStories.value.length > 0
  const picture = (
    <>
      <Avatar user={user} size={64} ring={storyRings.value.get(user.id)} />
      {busy ? <Progress part={progressOf(pendingStories.value)} /> : null}
    </>
  )
  return (
    <li class="tray-person">
      {ring && ring.count > 0 ? (
        <button
          type="button"
          id={ownId}
          class="tray-open"
          aria-haspopup="dialog"
          aria-label={w('tray.own.open', { count: ring.count })}
          onClick={() => openStories(user.username)}
        >
          {picture}
        </button>
      ) : (
        <a id={ownId} class="tray-open" href="/stories/new" aria-label={w('tray.own.new')}>
          {picture}
        </a>
      )}
      {ring && ring.count > 0 ? (
        <a class="tray-add" href="/stories/new" aria-label={w('tray.own.new')}>
          <PlusMark />
        </a>
      ) : (
        <span class="tray-add" aria-hidden="true">
          <PlusMark />
        </span>
      )}
      <Name>{w('tray.own')}</Name>
    </li>
  )
}

function PlusMark() {
  return (
    <span class="tray-plus">
      <Icon of={Plus} size={16} />
    </span>
  )
}

/** How much of what one shares is on the server, around one's own picture. */
function Progress({ part }: { part: number }) {
  const around = 2 * Math.PI * 34
  return (
    <svg
      class="tray-progress"
      viewBox="0 0 72 72"
      role="progressbar"
      aria-label={w('pending.progress')}
      aria-valuenow={Math.round(part * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <circle cx="36" cy="36" r="34" stroke-dasharray={around} stroke-dashoffset={around * (1 - part)} />
    </svg>
  )
}

function Person({ ring }: { ring: StoryRing }) {
  const { user, unseen, closeFriends, count } = ring
  const words = !unseen ? 'tray.seen' : closeFriends ? 'tray.close' : 'tray.unseen'
  return (
    <li class="tray-person">
      <button
        type="button"
        class="tray-open"
        aria-haspopup="dialog"
        aria-label={w(words, { name: user.username, count })}
        onClick={() =>
          openStories(user.username, turnedThrough(tray.peek() ?? [], user.username, me.peek()?.id))
        }
      >
        <Avatar user={user} size={64} ring={unseen ? (closeFriends ? 'close' : 'unseen') : 'seen'} />
      </button>
      <Name>{user.username}</Name>
    </li>
  )
}

/** The button says it with more. */
function Name({ children }: { children: ComponentChildren }) {
  return (
    <span class="tray-name" aria-hidden="true">
      {children}
    </span>
  )
}

function Again() {
  return (
    <li class="tray-person">
      <button
        type="button"
        class="tray-open tray-again"
        aria-label={w('tray.again')}
        onClick={() => void readTray()}
      >
        <Icon of={RotateCw} />
      </button>
      <Name>{w('tray.again')}</Name>
    </li>
  )
}
