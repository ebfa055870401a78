import type { AttachedMedia } from '@heliograph/contract/media'
import { X } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Sheet } from '../../ui/sheet.tsx'

interface MediaSheetProps {
  media: AttachedMedia
  label: string
  onRefused: () => Promise<boolean>
  onClose: () => void
}

/** As large as the screen lets it be. */
export function MediaSheet({ media, label, onRefused, onClose }: MediaSheetProps) {
  return (
    <Sheet title={label} bare onClose={onClose}>
      <div class="talk-large">
        {media.type === 'video' ? (
          // biome-ignore lint/a11y/useMediaCaption: what somebody sends to somebody has no captions
          <video
            src={media.videoUrl}
            poster={media.posterUrl ?? media.imageUrl ?? undefined}
            controls
            playsInline
            preload="metadata"
            onError={() => void onRefused()}
          />
        ) : (
          <img src={media.imageUrl ?? undefined} alt={label} onError={() => void onRefused()} />
        )}
        <IconButton icon={X} label={t('ui.close')} class="talk-large-close" onClick={onClose} />
      </div>
    </Sheet>
  )
}
