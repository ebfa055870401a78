import type { PostMedia } from '@heliograph/contract/posts'
import { Captions, CaptionsOff, Maximize, Pause, Play, Volume2, VolumeX } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { clockTime } from '../../lib/time.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { captionsOn, soundOn } from './choices.ts'
import type { PlayerActions } from './player-actions.ts'
import { v } from './video-words.ts'

interface ControlsProps {
  media: PostMedia
  video: { current: HTMLVideoElement | null }
  playing: boolean
  /** A picture of it has come. */
  begun: boolean
  actions: PlayerActions
}

/** Time and buttons along the lower edge. The sound stays in sight, the rest comes on a sign of life. */
export function Controls({ media, video, playing, begun, actions }: ControlsProps) {
  const { at, length } = useClock(video, media.durationSeconds ?? 0)
  const part = length > 0 ? Math.min(1, at / length) : 0
  return (
    <div class="player-controls" dir="ltr" data-inset={media.altText !== ''}>
      {begun ? (
        <div class="player-rail" style={{ '--done': String(part) }}>
          <input
            class="player-scrubber"
            type="range"
            min="0"
            max={String(Math.max(0.1, length))}
            step="0.1"
            value={String(at)}
            aria-label={v('position')}
            aria-valuetext={v('position.of', { at: clockTime(at), length: clockTime(length) })}
            onInput={(event) => actions.seekTo(Number(event.currentTarget.value))}
          />
        </div>
      ) : null}
      <div class="player-buttons">
        {begun ? (
          <span class="player-more">
            <IconButton
              icon={playing ? Pause : Play}
              size={22}
              label={v(playing ? 'pause' : 'play')}
              onClick={actions.toggle}
            />
            <span class="player-time" aria-hidden="true">
              {clockTime(at)} / {clockTime(length)}
            </span>
            {media.captionsUrl ? (
              <IconButton
                icon={captionsOn.value ? Captions : CaptionsOff}
                size={22}
                label={v('captions')}
                pressed={captionsOn.value}
                onClick={actions.toggleCaptions}
              />
            ) : null}
            <IconButton icon={Maximize} size={22} label={v('full')} onClick={actions.toggleFullScreen} />
          </span>
        ) : null}
        {media.hasAudio === false || !begun ? null : (
          <IconButton
            class="player-sound"
            icon={soundOn.value ? Volume2 : VolumeX}
            size={20}
            label={v(soundOn.value ? 'sound.off' : 'sound.on')}
            onClick={actions.toggleSound}
          />
        )}
      </div>
    </div>
  )
}

/** Where it stands, as the browser tells it: about four times a second. */
function useClock(
  video: { current: HTMLVideoElement | null },
  known: number,
): { at: number; length: number } {
  const [at, setAt] = useState(0)
  const [length, setLength] = useState(known)
  useEffect(() => {
    const element = video.current
    if (!element) return
    const read = () => {
      setAt(element.currentTime)
      if (Number.isFinite(element.duration) && element.duration > 0) setLength(element.duration)
    }
    const events = ['timeupdate', 'seeking', 'durationchange'] as const
    for (const event of events) element.addEventListener(event, read)
    return () => {
      for (const event of events) element.removeEventListener(event, read)
    }
  }, [])
  return { at, length }
}
