import type { PostMedia } from '@heliograph/contract/posts'
import { ImageOff } from 'lucide-preact'
import { useRef, useState } from 'preact/hooks'
import { t } from '../lib/i18n.ts'
import { me } from '../lib/session.ts'
import { Icon } from './icon.tsx'
import { placeholderOf } from './placeholder.ts'
import './photo.css'

interface PhotoProps {
  media: PostMedia
  /** How wide it is shown, for choosing the rendition. */
  sizes: string
  /** Above the fold: asked for at once. */
  eager?: boolean
  /** Only the square thumbnail's worth of pixels is needed. */
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
  const [loaded, setLoaded] = useState<string | null>(null)
  const [failure, setFailure] = useState<Failure>('none')
  const asked = useRef(false)
  const source = failure === 'fallback' ? media.fallbackUrl : (media.mediumUrl ?? media.largeUrl)

  async function refused(): Promise<void> {
    if (!asked.current && onRefused) {
      asked.current = true
      setFailure('asking')
      if (await onRefused().catch(() => false)) return setFailure('none')
    }
    setFailure(failure !== 'fallback' && media.fallbackUrl ? 'fallback' : 'gone')
  }

  if (failure === 'gone') {
    return (
      <span class="photo photo-gone" role="img" aria-label={t('photo.gone')}>
        <Icon of={ImageOff} size={32} />
        <span aria-hidden="true">{t('photo.gone')}</span>
      </span>
    )
  }
  return (
    <span class="photo" style={{ backgroundImage: placeholderOf(media.thumbhash) ?? 'none' }}>
      {source && failure !== 'asking' ? (
        <img
          src={source}
          srcset={failure === 'none' ? sourceSet(media, small) : undefined}
          sizes={sizes}
          alt={
            media.altText || t(position ? 'photo.unnamed.of' : 'photo.unnamed', { position: position ?? '' })
          }
          class={loaded === source ? 'photo-shown' : ''}
          loading={eager ? 'eager' : 'lazy'}
          fetchpriority={eager ? 'high' : 'auto'}
          decoding="async"
          draggable={false}
          ref={(image) => {
            // From the browser's cache it may be there before anyone listens.
            if (image?.complete && image.naturalWidth > 0 && loaded !== source) setLoaded(source)
          }}
          onLoad={() => setLoaded(source)}
          onError={() => void refused()}
        />
      ) : null}
    </span>
  )
}

/** Data saver and small tiles stay with the lighter rendition, whatever the screen could show. */
function sourceSet(media: PostMedia, small: boolean | undefined): string | undefined {
  if (!media.mediumUrl || !media.largeUrl || small || me.value?.dataSaver) return undefined
  const mediumWidth = Math.min(640, media.width)
  return media.width > mediumWidth
    ? `${media.mediumUrl} ${mediumWidth}w, ${media.largeUrl} ${media.width}w`
    : undefined
}
