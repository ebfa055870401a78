import type { AttachedMedia } from '@heliograph/contract/media'
import type { Message } from '@heliograph/contract/messages'
import { CircleAlert, CircleOff, EyeOff, Play } from 'lucide-preact'
import { useRef, useState } from 'preact/hooks'
import { savingData } from '../../lib/data-saver.ts'
import { failureText } from '../../lib/media-failure.ts'
import { me } from '../../lib/session.ts'
import { clockTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { placeholderOf } from '../../ui/placeholder.ts'
import { showsSensitive } from '../moderation/sensitive.tsx'
import { localMedia } from './local-media.ts'
import { MediaSheet } from './media-sheet.tsx'
import { w } from './messages-words.ts'
import { keptThread } from './thread.ts'
import { VoiceNote } from './voice-note.tsx'

interface SentMediaProps {
  message: Message
  media: AttachedMedia
  /** Among the files of the message. */
  at: number
}

/** A photograph, a video or a voice note of a message. One's own is there at once, from this device. */
export function SentMedia({ message, media, at }: SentMediaProps) {
  const [open, setOpen] = useState(false)
  const [lifted, setLifted] = useState(false)
  const asked = useRef<string | undefined>(undefined)
  const [gone, setGone] = useState(false)
  const local = localMedia(message.clientId)[at]
  const own = message.senderId === me.value?.id

  /** Addresses end: it is asked for anew once. */
  async function refused(): Promise<boolean> {
    const address = media.imageUrl ?? media.audioUrl
    if (asked.current === (address ?? '')) {
      setGone(true)
      return false
    }
    asked.current = address ?? ''
    await keptThread(message.conversationId)?.reread(message.sequence)
    return true
  }

  if (media.status === 'failed')
    return <Words icon={CircleAlert} text={media.failure ? failureText(media.failure) : w('media.failed')} />
  if (media.type === 'voice') {
    return (
      <VoiceNote
        source={media.audioUrl ?? local?.url}
        seconds={media.durationSeconds ?? local?.seconds ?? 0}
        waveform={media.waveform ?? local?.waveform ?? []}
        onRefused={refused}
      />
    )
  }
  if (gone) return <Words icon={CircleOff} text={w('media.gone')} />
  const shape = shapeOf(media.width > 0 ? media : (local ?? media))
  if (media.isSensitive && !own && !lifted && !showsSensitive.value) {
    return (
      <button
        type="button"
        class="talk-photo talk-covered"
        style={{ ...shape, backgroundImage: placeholderOf(media.thumbhash) ?? 'none' }}
        onClick={() => setLifted(true)}
      >
        <Icon of={EyeOff} size={28} />
        <span>{w('media.sensitive')}</span>
      </button>
    )
  }
  // Under data saver the small one, until it is opened.
  const shown = savingData.value ? (media.thumbnailUrl ?? media.imageUrl) : media.imageUrl
  const source = local?.url ?? shown ?? media.posterUrl ?? undefined
  const label = w(`media.open.${media.type}`)
  return (
    <>
      <button
        type="button"
        class="talk-photo"
        style={{ ...shape, backgroundImage: placeholderOf(media.thumbhash) ?? 'none' }}
        aria-label={media.status === 'ready' ? label : w('media.preparing')}
        disabled={media.status !== 'ready'}
        onClick={() => setOpen(true)}
      >
        {source ? (
          <img src={source} alt="" loading="lazy" decoding="async" onError={() => void refused()} />
        ) : null}
        {media.type === 'video' ? <Length seconds={media.durationSeconds ?? local?.seconds} /> : null}
        {media.status === 'processing' && !own ? (
          <span class="talk-preparing">{w('media.preparing')}</span>
        ) : null}
      </button>
      {open ? (
        <MediaSheet media={media} label={label} onRefused={refused} onClose={() => setOpen(false)} />
      ) : null}
    </>
  )
}

export function Length({ seconds }: { seconds: number | null | undefined }) {
  return (
    <span class="talk-length">
      <Icon of={Play} size={14} />
      {seconds ? clockTime(seconds) : null}
    </span>
  )
}

/** The box it fills, known before anything loads; very tall and very wide ones are cut to what fits a bubble. */
export function shapeOf({ width, height }: { width: number; height: number }): { aspectRatio: string } {
  const ratio = width > 0 && height > 0 ? width / height : 1
  return { aspectRatio: String(Math.min(1.91, Math.max(0.66, ratio))) }
}

function Words({ icon, text }: { icon: typeof EyeOff; text: string }) {
  return (
    <p class="talk-absent">
      <Icon of={icon} size={20} />
      {text}
    </p>
  )
}
