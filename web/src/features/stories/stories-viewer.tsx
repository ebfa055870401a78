import type { Story } from '@heliograph/contract/stories'
import { ChevronLeft, ChevronRight } from 'lucide-preact'
import type { RefObject } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { dateLocale, t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { timeAgo } from '../../lib/time.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import type { Action } from '../../ui/menu.tsx'
import { openSheets } from '../../ui/sheet.tsx'
import { giveFocusBack } from './focus-back.ts'
import { OverlayList } from './overlay-view.tsx'
import { standsMs } from './stories-rules.ts'
import { markSeen } from './stories-state.ts'
import { w } from './stories-words.ts'
import { StoryFoot } from './story-foot.tsx'
import { StoryHead } from './story-head.tsx'
import { StoryPicture } from './story-media.tsx'
import { StoryState } from './story-state.tsx'
import { useStories, type Walk } from './use-stories.ts'
import { useStoryAhead } from './use-story-ahead.ts'
import { useStoryClock } from './use-story-clock.ts'
import { useStoryGestures } from './use-story-gestures.ts'
import { useTapped } from './use-tapped.ts'

interface StoriesViewerProps {
  people: readonly string[]
  at: string
  storyId?: string | undefined
  onClose: () => void
}

/** Fills the screen: one Story after the other, one person after the other. */
export function StoriesViewer({ people, at, storyId, onClose }: StoriesViewerProps) {
  const walk = useStories({ people, at, storyId, onEnd: onClose })
  return <StoriesDialog walk={walk} onClose={onClose} />
}

interface StoriesDialogProps {
  walk: Walk
  /** Of a highlight. */
  title?: string
  /** Beside those of each Story. */
  actions?: readonly Action[]
  onClose: () => void
}

/** Whatever leads through them: the Stories of people, or those of a highlight. */
export function StoriesDialog({ walk, title, actions = [], onClose }: StoriesDialogProps) {
  const { stories, at, username } = walk
  const dialog = useRef<HTMLDialogElement>(null)
  const moved = useRef<HTMLDivElement>(null)
  const bar = useRef<HTMLSpanElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const titleId = useId()
  // Who wants things to stand still turns the pages by themselves.
  const [paused, setPaused] = useState(() => matchMedia('(prefers-reduced-motion: reduce)').matches)
  const [held, setHeld] = useState(false)
  const [writing, setWriting] = useState(false)
  const story = useAnswered(walk, writing)
  const reply = useRef<HTMLInputElement>(null)
  const [ready, setReady] = useState<string | undefined>(undefined)
  const [lost, setLost] = useState<string | undefined>(undefined)
  const isOwn = story?.author.id === me.value?.id
  const runs = !paused && !held && !writing && ready === story?.id && openSheets.value <= 1
  const hasLength = story?.media.videoUrl !== undefined && lost !== story.id
  const tellProgress = useStoryClock({
    id: story?.id,
    runs,
    lengthMs: story && !hasLength ? standsMs(story) : undefined,
    bar,
    onEnd: () => walk.step(1),
  })
  useStoryAhead(walk)
  useModal(dialog, heading)
  useFocusKept(dialog, heading, story?.id)
  useEffect(() => {
    if (story?.status === 'ready') markSeen(story)
  }, [story?.id, story?.status])

  const gestures = useStoryGestures(moved, {
    onHold: setHeld,
    onSide: walk.turn,
    onDown: onClose,
    onUp: () => reply.current?.focus(),
  })

  const turns = useTapped()
  useKeys(keyed)

  function keyed(event: KeyboardEvent): void {
    const isIn = (selector: string) => (event.target as Element).closest?.(selector) != null
    if (isIn('input, textarea') || event.ctrlKey || event.metaKey || event.altKey || openSheets.value > 1)
      return
    const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
    const back = forward === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft'
    const go = event.shiftKey ? walk.turn : walk.step
    const acts: Record<string, () => void> = {
      [forward]: () => go(1),
      [back]: () => go(-1),
      ArrowDown: onClose,
      ArrowUp: () => reply.current?.focus(),
      ' ': () => setPaused(!paused),
    }
    const act = acts[event.key]
    const isTapped = turns.isTapped(event.target)
    if (!act || (event.key === ' ' && isIn('button, a') && !isTapped)) return
    event.preventDefault()
    // Where it still has the focus when the key comes up, some browsers press it.
    if (isTapped) heading.current?.focus()
    act()
  }

  return (
    <dialog
      ref={dialog}
      class="stories"
      aria-labelledby={titleId}
      data-held={held}
      onCancel={(event) => {
        if (event.target !== dialog.current) return
        event.preventDefault()
        onClose()
      }}
      onClose={(event) => event.target === dialog.current && onClose()}
    >
      <div ref={moved} class="stories-moved">
        <h2 id={titleId} ref={heading} class="unseen" tabIndex={-1}>
          {title ?? w('of', { name: username })}
        </h2>
        <p class="unseen" role="status">
          {story ? spoken(story, at, stories?.length ?? 1) : null}
        </p>
        <div class="story-frame" {...gestures}>
          {story ? (
            <>
              {story.status === 'ready' ? (
                <StoryPicture
                  key={story.id}
                  story={story}
                  playing={runs}
                  onReady={() => setReady(story.id)}
                  onProgress={tellProgress}
                  onLost={(isLost) => setLost(isLost ? story.id : undefined)}
                  onEnd={() => walk.step(1)}
                />
              ) : (
                <StoryState story={story} onDeleted={() => walk.step(1)} />
              )}
              <button
                type="button"
                class="story-turn story-back"
                {...turns.props}
                onClick={() => walk.step(-1)}
              >
                <Icon of={ChevronLeft} size={28} />
                <span class="unseen">{w('previous')}</span>
              </button>
              <button type="button" class="story-turn story-on" {...turns.props} onClick={() => walk.step(1)}>
                <Icon of={ChevronRight} size={28} />
                <span class="unseen">{w('next')}</span>
              </button>
              <OverlayList key={`over ${story.id}`} overlays={story.overlays} onLeave={onClose} />
            </>
          ) : (
            <NothingToSee walk={walk} onClose={onClose} />
          )}
        </div>
        <div class="story-top">
          <Bars count={stories?.length ?? 1} at={at} bar={bar} />
          <StoryHead
            story={story}
            actions={actions}
            paused={paused}
            onPause={() => setPaused(!paused)}
            onDeleted={() => walk.step(1)}
            onClose={onClose}
            {...(title ? { title } : {})}
          />
        </div>
        <div class="story-foot">
          {story?.status === 'ready' ? (
            <StoryFoot
              key={story.id}
              story={story}
              own={isOwn}
              isHighlighted={title !== undefined}
              field={reply}
              onWriting={setWriting}
            />
          ) : null}
        </div>
      </div>
    </dialog>
  )
}

/** One may end while somebody answers it: it stays until the words are sent, and the server keeps them. */
function useAnswered({ stories, story }: Walk, writing: boolean): Story | undefined {
  const last = useRef(story)
  if (writing) return stories?.find(({ id }) => id === last.current?.id) ?? last.current
  last.current = story
  return story
}

/** The browser's own modal dialog traps the focus and gives it back; nothing else moves or sounds meanwhile. */
function useModal(
  dialog: { current: HTMLDialogElement | null },
  first: { current: HTMLElement | null },
): void {
  useLayoutEffect(() => {
    const opener = document.activeElement
    const element = dialog.current
    element?.showModal()
    first.current?.focus()
    openSheets.value++
    return () => {
      openSheets.value--
      // As long as it is open nothing outside can have the focus.
      element?.close()
      giveFocusBack(opener)
    }
  }, [])
}

/**
 * What lies under and over a Story goes with it, and the focus with that: the same thing of the next one takes it, or the
 * heading where there is none.
 */
function useFocusKept(
  dialog: { current: HTMLDialogElement | null },
  first: { current: HTMLElement | null },
  storyId: string | undefined,
): void {
  const part = useRef<string | undefined>(undefined)
  useEffect(() => {
    const element = dialog.current
    const note = ({ target }: FocusEvent) => {
      part.current = (target as HTMLElement).dataset.part
    }
    element?.addEventListener('focusin', note)
    return () => element?.removeEventListener('focusin', note)
  }, [])
  useLayoutEffect(() => {
    const element = dialog.current
    if (!element || openSheets.peek() > 1) return
    if (document.activeElement !== element && element.contains(document.activeElement)) return
    const same = part.current && element.querySelector<HTMLElement>(`[data-part="${part.current}"]`)
    ;(same || first.current)?.focus()
  }, [storyId])
}

/** Wherever the focus is: what had it may be gone by now. With the drawing: who sees it may press one at once. */
function useKeys(keyed: (event: KeyboardEvent) => void): void {
  useLayoutEffect(() => {
    addEventListener('keydown', keyed)
    return () => removeEventListener('keydown', keyed)
  })
}

function spoken(story: Story, at: number, count: number): string {
  const now = timeAgo(story.createdAt, Date.now(), dateLocale()) ?? t('time.now')
  return w('spoken', { name: story.author.username, at: at + 1, count, time: now })
}

/** How many there are, how far one is: the words for it are spoken. */
function Bars({ count, at, bar }: { count: number; at: number; bar: RefObject<HTMLSpanElement | null> }) {
  return (
    <div class="story-bars" aria-hidden="true">
      {Array.from({ length: count }, (_, one) => (
        <span key={one} class={one < at ? 'story-bar past' : 'story-bar'}>
          <span ref={one === at ? bar : undefined} key={one === at ? 'now' : 'still'} />
        </span>
      ))}
    </div>
  )
}

function NothingToSee({ walk, onClose }: { walk: Walk; onClose: () => void }) {
  const { stories, problem, nextPerson } = walk
  if (stories === undefined && !problem)
    return (
      <p class="story-wait unseen" role="status">
        {t('ui.loading')}
      </p>
    )
  return (
    <div class="story-none" role="alert">
      <p>{w(problem ? 'none.problem' : 'none.gone')}</p>
      {problem ? <Button onClick={walk.retry}>{t('ui.retry')}</Button> : null}
      {nextPerson ? (
        <Button onClick={() => walk.turn(1)}>{w('next.person')}</Button>
      ) : (
        <Button onClick={onClose}>{t('ui.close')}</Button>
      )}
    </div>
  )
}
