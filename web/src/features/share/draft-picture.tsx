import { Film, ImageOff } from 'lucide-preact'
import { clockTime } from '../../lib/time.ts'
import { useObjectUrl } from '../../lib/use-object-url.ts'
import { Icon } from '../../ui/icon.tsx'
import { type DraftPhoto, pictureOf } from './drafts.ts'
import { s } from './share-words.ts'
import { useShownPicture } from './shown-picture.ts'

interface DraftPictureProps {
  photo: DraftPhoto
  /** Its name for screen readers; without one it is decoration beside something named. */
  label?: string
}

const thumbWidth = 320

/** Fills its box. Where this browser cannot decode it an icon stands; what that means is said once, beside it. */
export function DraftPicture({ photo, label }: DraftPictureProps) {
  const url = useObjectUrl(useShownPicture(photo, thumbWidth))
  const { video } = photo
  return (
    <>
      {url ? <img src={url} alt={label ?? ''} draggable={false} /> : null}
      {pictureOf(photo) ? null : (
        <span
          class="unseen-photo"
          {...(label
            ? { role: 'img', 'aria-label': `${label}. ${s('tile.unseen')}` }
            : { 'aria-hidden': true })}
        >
          <Icon of={video ? Film : ImageOff} size={24} />
        </span>
      )}
      {video?.seconds && label ? (
        <span class="draft-length" aria-hidden="true">
          <Icon of={Film} size={14} />
          {clockTime(video.seconds)}
        </span>
      ) : null}
    </>
  )
}

/** "Photograph 1 of 3", "Video 2 of 3, 0:12". */
export function nameOf({ video }: DraftPhoto, at: number, count: number): string {
  if (!video) return s('tile', { at: at + 1, count })
  const name = s('tile.video', { at: at + 1, count })
  return video.seconds === null ? name : `${name}, ${clockTime(video.seconds)}`
}
