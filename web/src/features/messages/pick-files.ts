import { locale } from '../../lib/i18n.ts'
import { toast } from '../../ui/toast.tsx'
import { bytesInWords, mediaLimits } from '../share/media-limits.ts'
import { pickMedia } from '../share/pick-media.ts'
import { s, shareWords } from '../share/share-words.ts'
import { w } from './messages-words.ts'
import type { OutgoingFile } from './outgoing.ts'

/** Photographs and videos as a post takes them; what cannot be sent is named with the reason. */
export async function pickFiles(files: readonly File[], room: number): Promise<OutgoingFile[]> {
  const [bounds] = await Promise.all([mediaLimits(), shareWords.load()])
  const { photos, refused, cut } = await pickMedia(files, room, bounds)
  const [first] = refused
  if (first) {
    const bytes = first.why === 'videoTooLarge' ? (bounds.video?.bytes ?? 0) : bounds.photoBytes
    toast(
      s(`pick.${first.why}`, {
        name: first.name,
        size: bytesInWords(bytes, locale()),
        minutes: Math.floor((bounds.video?.seconds ?? 0) / 60),
      }),
    )
  } else if (cut) toast(w('pick.tooMany'))
  return photos.map(({ file, width, height, video }) => ({
    kind: video ? 'video' : 'photo',
    file,
    width,
    height,
    seconds: video?.seconds ?? null,
    ...(video ? { frame: video.frame } : {}),
  }))
}
