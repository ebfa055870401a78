import type { MediaMetadata, Post } from '@heliograph/contract/posts'
import { Aperture } from 'lucide-preact'
import { cameraLine, captureTime } from '../../lib/camera-line.ts'
import { dateLocale, locale, t } from '../../lib/i18n.ts'
import { Icon } from '../../ui/icon.tsx'

/** One calm line about the photograph that is shown, where its owner shows it. */
export function CameraDetails({ post, turned }: { post: Post; turned: number }) {
  const line = post.showMetadata ? detailsLine(post.media[turned]?.metadata) : ''
  if (line === '') return null
  return (
    <p class="camera-details quiet">
      <Icon of={Aperture} size={16} />
      <span>{line}</span>
    </p>
  )
}

/** Camera and exposure, then when it was taken. */
export function detailsLine(metadata: MediaMetadata | undefined): string {
  const line = cameraLine(metadata, locale())
  const time =
    metadata?.capturedAt && t('post.taken', { time: captureTime(metadata.capturedAt, dateLocale()) })
  return [line, time].filter(Boolean).join(' · ')
}
