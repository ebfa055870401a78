import type { Story } from '@heliograph/contract/stories'
import { ImageOff } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { online } from '../../lib/online.ts'
import { Icon } from '../../ui/icon.tsx'
import { placeholderOf } from '../../ui/placeholder.ts'
import { soundOn } from '../video/choices.ts'
import { w } from './stories-words.ts'

interface StoryMediaProps {
  story: Story
  playing: boolean
  /** There is something to look at: from here on its time runs. */
  onReady: () => void
  /** Of a film: how far it is, 0 to 1. */
  onProgress: (part: number) => void
  /** A film does not come: what stands in its place has no length of its own. */
  onLost: (isLost: boolean) => void
  onEnd: () => void
}

/** The picture or film of a Story in its frame of 9:16, whole on a colour of its own or cut to fill it. */
export function StoryPicture(props: StoryMediaProps) {
  const { media, fit } = props.story
  return (
    <div
      class={`story-picture story-${fit}`}
      style={{
        backgroundColor: media.color ?? undefined,
        backgroundImage: fit === 'crop' ? placeholderOf(media.thumbhash) : undefined,
      }}
    >
      {media.videoUrl ? <Film {...props} address={media.videoUrl} /> : <Still {...props} />}
    </div>
  )
}

export function nameOf({ altText, media, author }: Story): string {
  if (altText) return altText
  return w(media.type === 'video' ? 'video.unnamed' : 'photo.unnamed', { name: author.username })
}

function Still({ story, onReady }: Pick<StoryMediaProps, 'story' | 'onReady'>) {
  const { media } = story
  const addresses = [media.imageUrl, media.fallbackUrl].filter((address) => address !== null)
  const [tried, setTried] = useState(0)
  // A connection that is back may bring what did not come.
  useEffect(() => setTried(0), [online.value])
  const address = addresses[tried]
  if (!address) return <Gone onReady={onReady} />
  return (
    <img
      src={address}
      alt={nameOf(story)}
      draggable={false}
      ref={(image) => {
        if (image?.complete && image.naturalWidth > 0) onReady()
      }}
      onLoad={onReady}
      onError={() => setTried(tried + 1)}
    />
  )
}

/** Time goes on behind it: nobody is kept at a picture that does not come. */
function Gone({ onReady }: Pick<StoryMediaProps, 'onReady'>) {
  useEffect(() => onReady(), [])
  return (
    <p class="story-gone" role="status">
      <Icon of={ImageOff} size={32} />
      {w(online.value ? 'picture.gone' : 'picture.offline')}
    </p>
  )
}

function Film({
  story,
  address,
  playing,
  onReady,
  onProgress,
  onLost,
  onEnd,
}: StoryMediaProps & { address: string }) {
  const video = useRef<HTMLVideoElement>(null)
  const [isLost, setLost] = useState(false)
  const isMuted = !soundOn.value || story.media.hasAudio === false
  useEffect(() => {
    const element = video.current
    if (!element) return
    if (!playing) return element.pause()
    element.play().catch((error: unknown) => {
      // With sound browsers want a tap first: it begins in silence then, and the button says so.
      if (error instanceof DOMException && error.name === 'NotAllowedError' && !element.muted) {
        soundOn.value = false
      }
    })
  }, [playing, isMuted, isLost])
  useEffect(() => setLost(false), [online.value])
  useEffect(() => onLost(isLost), [isLost])
  if (isLost) return story.media.imageUrl ? <Still {...{ story, onReady }} /> : <Gone onReady={onReady} />
  return (
    <video
      ref={video}
      src={address}
      poster={story.media.imageUrl ?? undefined}
      aria-label={nameOf(story)}
      playsInline
      muted={isMuted}
      preload="auto"
      onLoadedData={onReady}
      onTimeUpdate={({ currentTarget: { currentTime, duration } }) =>
        onProgress(duration > 0 ? currentTime / duration : 0)
      }
      onEnded={onEnd}
      onError={() => setLost(true)}
    />
  )
}
