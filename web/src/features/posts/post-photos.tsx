import type { Post, PostMedia } from '@heliograph/contract/posts'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { mediaCount } from '../../lib/media-words.ts'
import { localPhotos } from '../../lib/pending-shares.ts'
import { carouselRatio, shownRatio } from '../../lib/ratio.ts'
import { Carousel } from '../../ui/carousel.tsx'
import { Photo } from '../../ui/photo.tsx'
import { isCovered, SensitiveCover } from '../moderation/sensitive.tsx'
import { VideoSlide } from '../video/video-slide.tsx'
import { useDoubleTap } from './double-tap.ts'
import { rereadPost, setLiked } from './posts-actions.ts'
import './post-photos.css'

interface PostPhotosProps {
  post: Post
  eager?: boolean
  sizes?: string
  onTurn?: (index: number) => void
}

interface Burst {
  id: number
  x: number
  y: number
}

const burstMs = 900

/** The photographs and videos of a post in a box of their shape. Two taps like it, with a heart from where the finger was. */
export function PostPhotos({ post, eager, sizes = feedSizes, onTurn }: PostPhotosProps) {
  const box = useRef<HTMLDivElement>(null)
  const [bursts, setBursts] = useState<Burst[]>([])
  const [turned, setTurned] = useState(0)
  const ratio = ratioOf(post.media)
  const tap = useDoubleTap((x, y) => {
    if (post.status !== 'ready') return
    const at = box.current?.getBoundingClientRect()
    if (at) burst(x - at.left, y - at.top)
    if (!post.liked) setLiked(post.id, true)
  })

  function burst(x: number, y: number): void {
    const id = performance.now()
    setBursts((now) => [...now, { id, x, y }])
    setTimeout(() => setBursts((now) => now.filter((one) => one.id !== id)), burstMs)
  }

  async function refused(media: PostMedia): Promise<boolean> {
    const fresh = await rereadPost(post.id)
    const same = fresh?.media.find((one) => one.id === media.id)
    return same !== undefined && (same.mediumUrl !== media.mediumUrl || same.hlsUrl !== media.hlsUrl)
  }

  const slideOf = (media: PostMedia, index: number) => {
    const Slide = media.type === 'video' ? VideoSlide : Photo
    return (
      <Slide
        media={media}
        sizes={sizes}
        eager={eager === true && index === 0}
        onRefused={() => refused(media)}
        {...(post.media.length > 1 ? { position: `${index + 1}/${post.media.length}` } : {})}
      />
    )
  }
  const [first] = post.media
  // Of a removed post: there is nothing left to show.
  if (!first) return null
  if (isCovered(post)) return <SensitiveCover post={post} ratio={ratio} />
  return (
    <div ref={box} class="post-photos" data-photo={post.id} {...tap}>
      {post.media.length > 1 ? (
        <Carousel
          label={mediaCount(post.media)}
          count={post.media.length}
          ratio={ratio}
          onChange={(index) => {
            setTurned(index)
            onTurn?.(index)
          }}
        >
          {(index, near) => {
            const media = post.media[index]
            return near && media ? slideOf(media, index) : null
          }}
        </Carousel>
      ) : (
        <div class="photo-box" style={{ aspectRatio: String(ratio) }}>
          {slideOf(first, 0)}
        </div>
      )}
      <AltText text={post.media[turned]?.altText ?? ''} />
      {bursts.map(({ id, x, y }) => (
        <svg
          key={id}
          class="burst"
          viewBox="0 0 24 24"
          style={{ left: `${x}px`, top: `${y}px` }}
          aria-hidden="true"
        >
          <path d={heart} />
        </svg>
      ))}
    </div>
  )
}

const heart =
  'M12 20.6 10.7 19.4C5.6 14.8 2.3 11.8 2.3 8.1 2.3 5.1 4.6 2.8 7.6 2.8 9.3 2.8 10.9 3.6 12 4.9 13.1 3.6 14.7 2.8 16.4 2.8 19.4 2.8 21.7 5.1 21.7 8.1 21.7 11.8 18.4 14.8 13.3 19.4Z'
/** Edge to edge on phones, a column of 600 at most elsewhere. */
const feedSizes = '(min-width: 1200px) 540px, (min-width: 600px) 600px, 100vw'

function ratioOf(media: readonly PostMedia[]): number {
  const first = media[0]
  const local = first && first.width === 0 ? localPhotos.value.get(first.id) : undefined
  if (local) return shownRatio({ width: local.ratio, height: 1 })
  return carouselRatio(media)
}

/** The description is for everybody who asks: a small button shows it over the photograph. */
function AltText({ text }: { text: string }) {
  const [open, setOpen] = useState(false)
  useEffect(() => setOpen(false), [text])
  if (!text) return null
  return (
    <>
      <button
        type="button"
        class="alt-button"
        aria-expanded={open}
        aria-label={`${t('photo.alt.badge')}: ${t('photo.alt.show')}`}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true">{t('photo.alt.badge')}</span>
      </button>
      {open ? (
        <button type="button" class="alt-text" onClick={() => setOpen(false)}>
          {text}
        </button>
      ) : null}
    </>
  )
}
