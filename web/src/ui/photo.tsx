import type { PostMedia } from '@heliograph/contract/posts'
import { ImageOff } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { savingData } from '../lib/data-saver.ts'
import { t } from '../lib/i18n.ts'
import { quickLine } from '../lib/network.ts'
import { online } from '../lib/online.ts'
import { localPhotos } from '../lib/pending-shares.ts'
import { Icon } from './icon.tsx'
import { placeholderOf } from './placeholder.ts'
import './photo.css'

interface PhotoProps {
  media: PostMedia
  /** How wide it is shown, for choosing the rendition. */
  sizes: string
  /** Above the fold: asked for at once. */
  eager?: boolean
  /** A tile: the lighter rendition is always enough. */
  small?: boolean
  position?: string
  /** The address was refused: reads the post once more; answers whether there are fresh addresses. */
  onRefused?: () => Promise<boolean>
}

type Failure = 'none' | 'asking' | 'fallback' | 'gone'

/**
 * Fills its box, which has its shape before anything loads: thumbhash first, the photograph fading in over it.
 * Addresses expire and sight can be taken away, so a refused one is asked for anew once.
 */
export function Photo({ media, sizes, eager, small, position, onRefused }: PhotoProps) {
  const box = useRef<HTMLSpanElement>(null)
  const [loaded, setLoaded] = useState<string | null>(null)
  const [failure, setFailure] = useState<Failure>('none')
  const asked = useRef(false)
  const light = small || savingData.value || !media.largeUrl
  // Medium first, large when there is time; both in one step only where the line is known to carry it.
  const [isPatient] = useState(() => eager === true || !quickLine.peek())
  const stepwise = !light && isPatient
  const sharp = useSharpened(box, media, stepwise && loaded !== null)
  const source = failure === 'fallback' ? media.fallbackUrl : sharp ? media.largeUrl : media.mediumUrl

  useEffect(() => {
    if (!online.value || failure === 'none') return
    asked.current = false
    setFailure('none')
  }, [online.value])

  async function refused(): Promise<void> {
    // Without a connection nothing was refused: the blur stays until it is back.
    if (!online.value) return setFailure('asking')
    if (!asked.current && onRefused) {
      asked.current = true
      setFailure('asking')
      if (await onRefused().catch(() => false)) return setFailure('none')
    }
    setFailure(failure !== 'fallback' && media.fallbackUrl ? 'fallback' : 'gone')
  }

  // One's own photograph is on this device already: no blur before it, none while it is being prepared.
  const local = localPhotos.value.get(media.id)
  const behind = local ? `url("${local.url}")` : (placeholderOf(media.thumbhash) ?? 'none')

  const gone = media.type === 'video' ? 'video.gone' : 'photo.gone'
  if (failure === 'gone') {
    return (
      <span class="photo photo-gone" role="img" aria-label={t(gone)}>
        <Icon of={ImageOff} size={32} />
        <span aria-hidden="true">{t(gone)}</span>
      </span>
    )
  }
  return (
    <span ref={box} class={local ? 'photo photo-local' : 'photo'} style={{ backgroundImage: behind }}>
      {source && failure !== 'asking' ? (
        <img
          src={source}
          srcset={failure === 'none' && !light && !stepwise ? sourceSet(media) : undefined}
          sizes={sizes}
          data-large={stepwise && !sharp ? media.largeUrl : undefined}
          data-large-above={stepwise && !sharp ? largeAbove(media) : undefined}
          alt={media.altText || unnamed(media, position)}
          class={loaded ? 'photo-shown' : ''}
          loading={eager ? 'eager' : 'lazy'}
          fetchpriority={eager ? 'high' : 'auto'}
          decoding="async"
          draggable={false}
          ref={(image) => {
            // From the browser's cache it may be there before anyone listens.
            if (image?.complete && image.naturalWidth > 0 && !loaded) setLoaded(source)
          }}
          onLoad={() => {
            asked.current = false
            setLoaded(source)
          }}
          onError={() => void refused()}
        />
      ) : null}
    </span>
  )
}

function unnamed({ type }: PostMedia, position: string | undefined): string {
  const kind = type === 'video' ? 'video' : 'photo'
  return position ? t(`${kind}.unnamed.of`, { position }) : t(`${kind}.unnamed`)
}

function sourceSet(media: PostMedia): string | undefined {
  const mediumWidth = widthOfMedium(media)
  return media.width > mediumWidth
    ? `${media.mediumUrl} ${mediumWidth}w, ${media.largeUrl} ${media.width}w`
    : undefined
}

function widthOfMedium(media: PostMedia): number {
  return Math.min(640, media.width)
}

const lookMs = 400

/** Whether the large rendition is here: it is fetched when the photograph is looked at and could show it. */
function useSharpened(box: { current: HTMLElement | null }, media: PostMedia, wanted: boolean): boolean {
  const [sharp, setSharp] = useState<string | null>(null)
  const large = media.largeUrl
  useEffect(() => {
    const element = box.current
    if (!wanted || !element || !large || sharp === large) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const observer = new IntersectionObserver(([entry]) => {
      clearTimeout(timer)
      if (!entry?.isIntersecting || !needsLarge(element, media)) return
      timer = setTimeout(() => {
        observer.disconnect()
        fetchWhole(large).then(
          () => setSharp(large),
          // The light one stays: it is a photograph too.
          () => undefined,
        )
      }, lookMs)
    })
    observer.observe(element)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
    }
  }, [wanted, large])
  return sharp !== null && sharp === large
}

function needsLarge(element: HTMLElement, media: PostMedia): boolean {
  return element.clientWidth * devicePixelRatio > largeAbove(media)
}

/** So many pixels of the screen show more than the medium rendition has. */
function largeAbove(media: PostMedia): number {
  return widthOfMedium(media) * 1.1
}

async function fetchWhole(address: string): Promise<void> {
  const image = new Image()
  image.src = address
  await image.decode()
}
