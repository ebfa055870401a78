import type { PostMedia } from '@heliograph/contract/posts'
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { savingData } from '../../lib/data-saver.ts'
import { noteStall, quickLine } from '../../lib/network.ts'
import { online } from '../../lib/online.ts'
import { soundOn } from './choices.ts'
import { attachSource, chooseSource, otherSource, type Source } from './source.ts'
import { playing, type Seat } from './stage.ts'

/** `offline`: nothing can come now. `gone`: what could be tried was tried. */
export type Trouble = 'none' | 'offline' | 'gone'

export interface Playback {
  video: RefObject<HTMLVideoElement | null>
  /** It is this video's turn. */
  on: boolean
  /** There is a picture to show instead of the poster. */
  shown: boolean
  /** It would play, but the next piece has not come. */
  waiting: boolean
  trouble: Trouble
  tryAgain(): void
  /** What the video element must be given. */
  listeners: Record<string, () => void>
}

const stallMs = 1500
/** Addresses that fail again and again are not asked for without end. */
const attemptsMax = 5

/**
 * Loads a video when it is its turn and lets go of it when it is far away. A refused address is asked for anew
 * once, then the other way of loading is tried; a file that comes too slowly becomes a stream.
 */
export function usePlayback(
  media: PostMedia,
  seat: Seat,
  near: boolean,
  onRefused: () => Promise<boolean>,
): Playback {
  const video = useRef<HTMLVideoElement>(null)
  const [shown, setShown] = useState(false)
  const [waiting, setWaiting] = useState(false)
  const [trouble, setTrouble] = useState<Trouble>('none')
  const [round, setRound] = useState(0)
  const loaded = useRef<{ source: Source; film: string; detach?: () => void } | undefined>(undefined)
  const at = useRef(0)
  const asked = useRef(false)
  const preferred = useRef<Source | undefined>(undefined)
  const attempts = useRef(0)
  const stall = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  // What a player of streams calls back later must see what holds then.
  const latest = useRef({ media, onRefused })
  latest.current = { media, onRefused }
  const on = playing.value === seat

  useEffect(() => {
    const element = video.current
    if (!element) return
    if (!on) element.pause()
    else if (trouble === 'none') void start(element)
  }, [on, trouble, round])

  useEffect(() => {
    if (!near) release()
  }, [near])
  const film = filmOf(media)
  useEffect(() => {
    if (!loaded.current || loaded.current.film === film) return
    // Cut anew by its author: what plays is the film of before.
    release()
    at.current = 0
    setRound((now) => now + 1)
  }, [film])
  useEffect(() => release, [])
  useEffect(() => {
    if (online.value && trouble === 'offline') setTrouble('none')
  }, [online.value])

  async function start(element: HTMLVideoElement): Promise<void> {
    if (!loaded.current) {
      const line = { quick: quickLine.peek(), saving: savingData.peek() }
      const source = preferred.current ?? chooseSource(latest.current.media, line)
      if (!source) return
      await load(element, source)
    }
    await play(element)
  }

  async function load(element: HTMLVideoElement, source: Source): Promise<void> {
    release()
    const mine: NonNullable<typeof loaded.current> = { source, film: filmOf(latest.current.media) }
    loaded.current = mine
    setWaiting(true)
    try {
      const detach = await attachSource(element, source, () => void failed())
      if (loaded.current === mine) mine.detach = detach
      else detach()
    } catch {
      if (loaded.current === mine) await failed()
    }
  }

  function release(): void {
    const element = video.current
    clearTimeout(stall.current)
    if (!loaded.current) return
    if (element && element.currentTime > 0) at.current = element.currentTime
    loaded.current.detach?.()
    loaded.current = undefined
    setShown(false)
    setWaiting(false)
  }

  async function play(element: HTMLVideoElement): Promise<void> {
    // Paused, or another's turn, while it was loading.
    if (playing.peek() !== seat) return
    element.muted = !soundOn.peek()
    try {
      await element.play()
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
      if (element.muted) {
        seat.wish.value = 'pause'
        return
      }
      // Sound needs a touch of this page; silence does not.
      soundOn.value = false
      await play(element)
    }
  }

  async function failed(): Promise<void> {
    const source = loaded.current?.source
    if (!source) return
    release()
    if (!online.peek()) return setTrouble('offline')
    if (++attempts.current > attemptsMax) return setTrouble('gone')
    if (!asked.current) {
      asked.current = true
      const isFresh = await latest.current.onRefused().catch(() => false)
      preferred.current = undefined
      if (isFresh) return setRound((now) => now + 1)
      if (!online.peek()) return setTrouble('offline')
    }
    const other = preferred.current ? undefined : otherSource(latest.current.media, source)
    if (!other) return setTrouble('gone')
    preferred.current = other
    setRound((now) => now + 1)
  }

  /** The line does not carry the file: its stream goes on at the same place. */
  function stalled(): void {
    const element = video.current
    if (!element || element.seeking || loaded.current?.source.way !== 'file' || !online.peek()) return
    noteStall()
    const stream = otherSource(latest.current.media, loaded.current.source)
    if (stream) void load(element, stream).then(() => play(element))
  }

  const listeners = {
    onLoadedMetadata() {
      const element = video.current
      if (element && at.current > 0 && at.current < element.duration) element.currentTime = at.current
      at.current = 0
    },
    onLoadedData: () => setShown(true),
    onPlaying() {
      clearTimeout(stall.current)
      asked.current = false
      setWaiting(false)
    },
    onWaiting() {
      setWaiting(true)
      clearTimeout(stall.current)
      stall.current = setTimeout(stalled, stallMs)
    },
    onPause() {
      clearTimeout(stall.current)
      // The word of a pause comes late: it may go on again by now, as with two keys in quick succession.
      if (!video.current?.paused) return
      // Not our doing while it is its turn: headphones, a media key, a call.
      if (playing.peek() === seat && loaded.current?.detach) seat.wish.value = 'pause'
    },
    onError() {
      if (loaded.current) void failed()
    },
  }

  return {
    video,
    on,
    shown,
    waiting: on && waiting,
    trouble,
    tryAgain() {
      asked.current = false
      preferred.current = undefined
      attempts.current = 0
      setTrouble('none')
    },
    listeners,
  }
}

/** Addresses are renewed with time, the film behind them only when it is made anew. */
function filmOf({ hlsUrl, videoUrl }: PostMedia): string {
  return /\/videos\/.+$/.exec(hlsUrl ?? videoUrl ?? '')?.[0] ?? ''
}
