import type { PostMedia } from '@heliograph/contract/posts'
import { announce } from '../../ui/toast.tsx'
import { captionsOn, setCaptions, soundOn } from './choices.ts'
import { askToPlay, playing, type Seat } from './stage.ts'
import { v } from './video-words.ts'

interface Parts {
  box: { current: HTMLElement | null }
  video: { current: HTMLVideoElement | null }
  seat: Seat
  media: PostMedia
  wake: () => void
}

export interface PlayerActions {
  play(): void
  pause(): void
  toggle(): void
  toggleSound(): void
  toggleCaptions(): void
  toggleFullScreen(): void
  seekTo(seconds: number): void
  key(event: KeyboardEvent): void
}

const seekSeconds = 5

/** What a person can do with a video, from buttons, taps and keys alike; said aloud where the eye would see it. */
export function createPlayerActions({ box, video, seat, media, wake }: Parts): PlayerActions {
  const isOn = () => playing.peek() === seat

  const actions: PlayerActions = {
    play() {
      askToPlay(seat)
      wake()
      announce(v('playing'))
    },
    pause() {
      seat.wish.value = 'pause'
      wake()
      announce(v('paused'))
    },
    toggle() {
      if (isOn()) actions.pause()
      else actions.play()
    },
    toggleSound() {
      if (media.hasAudio === false) return announce(v('sound.none'))
      soundOn.value = !soundOn.peek()
      wake()
      announce(v(soundOn.peek() ? 'sound.isOn' : 'sound.isOff'))
    },
    toggleCaptions() {
      if (!media.captionsUrl) return announce(v('captions.none'))
      setCaptions(!captionsOn.peek())
      wake()
      announce(v(captionsOn.peek() ? 'captions.isOn' : 'captions.isOff'))
    },
    toggleFullScreen() {
      wake()
      if (document.fullscreenElement) void document.exitFullscreen()
      else void openFullScreen(box.current, video.current)
    },
    seekTo(seconds) {
      const element = video.current
      if (!element || !Number.isFinite(element.duration)) return
      element.currentTime = Math.min(Math.max(0, seconds), element.duration)
      wake()
    },
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const onButton = event.target instanceof Element && event.target.closest('button') !== null
      // On a button these keys press it.
      if (onButton && (event.key === ' ' || event.key === 'Enter')) return
      const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!act) return
      event.preventDefault()
      event.stopPropagation()
      act()
    },
  }
  const at = () => video.current?.currentTime ?? 0
  const acts: Record<string, () => void> = {
    ' ': actions.toggle,
    k: actions.toggle,
    m: actions.toggleSound,
    c: actions.toggleCaptions,
    f: actions.toggleFullScreen,
    ArrowLeft: () => actions.seekTo(at() - seekSeconds),
    ArrowRight: () => actions.seekTo(at() + seekSeconds),
  }
  return actions
}

/** iPhones fill the screen with the video alone, by a name of their own. */
interface AppleVideo {
  webkitEnterFullscreen?(): void
}

async function openFullScreen(box: HTMLElement | null, video: HTMLVideoElement | null): Promise<void> {
  try {
    if (box?.requestFullscreen) await box.requestFullscreen()
    else (video as AppleVideo | null)?.webkitEnterFullscreen?.()
  } catch {
    // The browser allows it only after a touch, and not in every window.
  }
}
