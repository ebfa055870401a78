import type { PostMedia } from '@heliograph/contract/posts'
import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { online } from '../../lib/online.ts'
import { Photo } from '../../ui/photo.tsx'
import type { PlayerProps } from './player.tsx'
import './video-slide.css'

interface VideoSlideProps {
  media: PostMedia
  sizes: string
  eager?: boolean
  position?: string
  onRefused: () => Promise<boolean>
}

/** The player's code comes with the first video that is drawn, once for all of them. */
const player = signal<ComponentType<PlayerProps> | undefined>(undefined)
let coming: Promise<void> | undefined

/** A video as part of a post: its poster at once, the player over it. Fills its box as a photograph does. */
export function VideoSlide({ media, sizes, eager, position, onRefused }: VideoSlideProps) {
  const ready = Boolean(media.videoUrl || media.hlsUrl)
  useEffect(() => {
    if (ready && online.value) void loadPlayer()
  }, [ready, online.value])
  const Player = ready ? player.value : undefined
  return (
    <>
      <span class="video-poster" aria-hidden={Player ? 'true' : undefined}>
        <Photo
          media={media}
          sizes={sizes}
          eager={eager === true}
          onRefused={onRefused}
          {...(position ? { position } : {})}
        />
      </span>
      {Player ? (
        <Player
          media={media}
          name={position ? t('video.name.of', { position }) : t('video.name')}
          onRefused={onRefused}
        />
      ) : null}
    </>
  )
}

async function loadPlayer(): Promise<void> {
  coming ??= Promise.all([import('./player.tsx'), import('./video-words.ts')]).then(
    async ([{ Player }, { videoWords }]) => {
      await videoWords.load()
      player.value = Player
    },
  )
  // Without a connection the poster stays; the next time online asks again.
  await coming.catch(() => {
    coming = undefined
  })
}
