import type { PostMedia } from '@heliograph/contract/posts'
import { CircleAlert, CloudOff, Play } from 'lucide-preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { clockTime } from '../../lib/time.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { liftCaptions } from './captions.ts'
import { captionsOn, soundOn } from './choices.ts'
import { Controls } from './controls.tsx'
import { createPlayerActions } from './player-actions.ts'
import { sit, takeSeat } from './stage.ts'
import { type Playback, usePlayback } from './use-playback.ts'
import { useTaps } from './use-taps.ts'
import { v } from './video-words.ts'
import './player.css'

export interface PlayerProps {
  media: PostMedia
  /** "Video 2/5". */
  name: string
  /** The address was refused: reads the post once more; answers whether there are fresh addresses. */
  onRefused: () => Promise<boolean>
}

const loopedSeconds = 60
const awakeMs = 3000

/** Lies over its poster and fills the same box. It loads nothing before it is its turn to play. */
export function Player({ media, name, onRefused }: PlayerProps) {
  const box = useRef<HTMLDivElement>(null)
  const captions = useRef<HTMLTrackElement>(null)
  const seat = useMemo(takeSeat, [])
  const near = useNear(box)
  const playback = usePlayback(media, seat, near, onRefused)
  const { video, on, shown, waiting, trouble, listeners } = playback
  const { awake, wake } = useAwake()
  const [focused, setFocused] = useState(false)
  const actions = useMemo(() => createPlayerActions({ box, video, seat, media, wake }), [media, wake])
  const taps = useTaps(actions, { on, hasSound: media.hasAudio !== false })
  const seconds = media.durationSeconds ?? 0
  const isAwake = awake || focused || !on

  useEffect(() => (box.current ? sit(seat, box.current) : undefined), [seat])
  useEffect(() => {
    if (video.current) video.current.muted = !soundOn.value
  }, [soundOn.value])
  useEffect(() => {
    const track = captions.current?.track
    if (track) track.mode = captionsOn.value ? 'showing' : 'disabled'
  }, [captionsOn.value, media.captionsUrl, shown])
  useEffect(() => {
    const track = captions.current?.track
    if (track && video.current) liftCaptions(track, video.current, isAwake)
  }, [isAwake, captionsOn.value, shown])

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would mean form controls
    <div
      ref={box}
      class="player"
      role="group"
      aria-roledescription={v('role')}
      aria-label={labelOf(media, name)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys play, pause and seek, as its description says
      tabIndex={0}
      aria-keyshortcuts="Space K M C F ArrowLeft ArrowRight"
      data-awake={isAwake}
      data-state={on ? 'playing' : 'paused'}
      onKeyDown={actions.key}
      onFocusIn={(event) => setFocused((event.target as Element).matches(':focus-visible'))}
      onFocusOut={() => setFocused(false)}
      onPointerMove={(event) => event.pointerType === 'mouse' && wake()}
    >
      <div class="player-surface" {...taps}>
        <video
          ref={video}
          class={shown ? 'player-video player-shown' : 'player-video'}
          playsInline
          loop={seconds > 0 && seconds <= loopedSeconds}
          preload="none"
          tabIndex={-1}
          aria-hidden="true"
          disableRemotePlayback
          {...listeners}
        >
          {media.captionsUrl ? (
            <track ref={captions} kind="captions" src={media.captionsUrl} label={v('captions')} />
          ) : null}
        </video>
      </div>
      {trouble === 'none' && !on ? <PlayButton seconds={seconds} onPlay={actions.play} /> : null}
      {waiting ? <span class="player-waiting" aria-hidden="true" /> : null}
      {trouble === 'none' ? (
        <Controls media={media} video={video} playing={on} begun={shown} actions={actions} />
      ) : (
        <TroubleNote playback={playback} />
      )}
    </div>
  )
}

function labelOf({ altText, durationSeconds }: PostMedia, name: string): string {
  const length = durationSeconds ? `${name}, ${clockTime(durationSeconds)}` : name
  return altText ? `${length}. ${altText}` : length
}

function PlayButton({ seconds, onPlay }: { seconds: number; onPlay: () => void }) {
  return (
    <button
      type="button"
      class="player-start"
      aria-label={seconds > 0 ? `${v('play')} ${clockTime(seconds)}` : v('play')}
      onClick={onPlay}
    >
      <span class="player-start-disc">
        <Icon of={Play} size={30} />
      </span>
      {seconds > 0 ? (
        <span class="player-length" aria-hidden="true">
          {clockTime(seconds)}
        </span>
      ) : null}
    </button>
  )
}

function TroubleNote({ playback: { trouble, tryAgain } }: { playback: Playback }) {
  const isOffline = trouble === 'offline'
  return (
    <div class="player-trouble" role="status">
      <Icon of={isOffline ? CloudOff : CircleAlert} size={24} />
      <p>{v(isOffline ? 'offline' : 'gone')}</p>
      {isOffline ? null : <Button onClick={tryAgain}>{v('retry')}</Button>}
    </div>
  )
}

/** A screen and a half away it keeps what it has; farther, it lets go. */
function useNear(box: { current: HTMLElement | null }): boolean {
  const [near, setNear] = useState(true)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? true), {
      rootMargin: '150% 100%',
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return near
}

/** Whether the controls stand over the picture: for a while after a sign of life. */
function useAwake(): { awake: boolean; wake: () => void } {
  const [awake, setAwake] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const wake = useMemo(
    () => () => {
      setAwake(true)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => setAwake(false), awakeMs)
    },
    [],
  )
  useEffect(() => () => clearTimeout(timer.current), [])
  return { awake, wake }
}
