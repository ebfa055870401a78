import { Pause, Play } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { clockTime } from '../../lib/time.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { w } from './messages-words.ts'

interface VoiceNoteProps {
  /** Undefined: it is being prepared. */
  source: string | undefined
  seconds: number
  waveform: readonly number[]
  /** The address was refused: true when there is another by now. */
  onRefused?: () => Promise<boolean>
}

/** One at a time. */
let playing: HTMLAudioElement | undefined

/** A voice note: play, how far, how long. The waveform is where one taps to go to. */
export function VoiceNote({ source, seconds, waveform, onRefused }: VoiceNoteProps) {
  const audio = useRef<HTMLAudioElement>(null)
  const [on, setOn] = useState(false)
  const [at, setAt] = useState(0)
  const [problem, setProblem] = useState(false)
  const asked = useRef(false)
  useEffect(() => () => stopIf(audio.current), [])

  function toggle(): void {
    const player = audio.current
    if (!player) return
    if (on) {
      player.pause()
      return
    }
    if (playing !== player) playing?.pause()
    playing = player
    setProblem(false)
    player.play().catch(() => undefined)
  }

  async function refused(): Promise<void> {
    setOn(false)
    if (!asked.current && onRefused) {
      asked.current = true
      if (await onRefused().catch(() => false)) return
    }
    setProblem(true)
  }

  const done = seconds > 0 ? Math.min(1, at / seconds) : 0
  return (
    <div class="voice">
      <IconButton
        icon={on ? Pause : Play}
        label={w(on ? 'voice.pause' : 'voice.play')}
        disabled={!source}
        onClick={toggle}
      />
      <div class="voice-line">
        <Waveform levels={waveform} done={done} />
        <input
          type="range"
          class="voice-range"
          min={0}
          max={Math.max(1, Math.round(seconds * 10))}
          value={Math.round(at * 10)}
          disabled={!source}
          aria-label={w('voice.at')}
          aria-valuetext={w('voice.at.text', { at: clockTime(at), length: clockTime(seconds) })}
          onInput={(event) => {
            const to = Number(event.currentTarget.value) / 10
            setAt(to)
            if (audio.current) audio.current.currentTime = to
          }}
        />
      </div>
      <span class="voice-time">{clockTime(on || at > 0 ? at : seconds)}</span>
      {problem ? (
        <span class="voice-problem" role="alert">
          {w('voice.gone')}
        </span>
      ) : null}
      {source ? (
        // biome-ignore lint/a11y/useMediaCaption: what somebody says to somebody has no captions
        <audio
          ref={audio}
          src={source}
          preload="none"
          onPlay={() => setOn(true)}
          onPause={() => setOn(false)}
          onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          onEnded={() => {
            setOn(false)
            setAt(0)
          }}
          onError={() => void refused()}
        />
      ) : null}
    </div>
  )
}

function stopIf(player: HTMLAudioElement | null): void {
  player?.pause()
  if (playing === player) playing = undefined
}

const barWidth = 3

/** Bars in the colour of the words; what was heard is full, the rest faint. */
export function Waveform({ levels, done = 1 }: { levels: readonly number[]; done?: number }) {
  return (
    <svg
      class="waveform"
      viewBox={`0 0 ${Math.max(1, levels.length) * barWidth} 32`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {levels.map((level, bar) => {
        const height = Math.max(2, (level / 100) * 30)
        // Bars never move: their place is their identity.
        const key = bar
        return (
          <rect
            key={key}
            x={bar * barWidth}
            y={16 - height / 2}
            width={2}
            height={height}
            rx={1}
            opacity={(bar + 0.5) / levels.length <= done ? 1 : 0.4}
          />
        )
      })}
    </svg>
  )
}
