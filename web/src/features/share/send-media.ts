import { uploadFile } from '../../lib/upload.ts'
import type { DraftPhoto } from './drafts.ts'
import { shrinkForSlowLink } from './shrink-photo.ts'

interface Sending {
  signal: AbortSignal
  /** Writes down how far it is, so that a closed page can go on there. */
  keep: () => Promise<unknown>
  /** Part of it that the server has, 0–1. */
  onShare: (share: number) => void
}

/** Sends a photograph or video and what belongs to it, and notes the uploads in it. */
export async function sendMedia(photo: DraftPhoto, { signal, keep, onShare }: Sending): Promise<void> {
  if (!photo.uploadId) {
    // An upload that has begun goes on with the very bytes it began with.
    if (!photo.address && !photo.video) photo.file = await shrinkForSlowLink(photo.file)
    photo.uploadId = await uploadFile(photo.file, {
      purpose: 'media',
      address: photo.address,
      signal,
      onAddress: (address) => {
        photo.address = address
        void keep()
      },
      onProgress: (sent, total) => onShare(total > 0 ? sent / total : 1),
    })
    await keep()
  }
  const captions = photo.video?.captions
  if (captions && !captions.uploadId) {
    captions.uploadId = await uploadFile(captions.file, { purpose: 'captions', signal })
    await keep()
  }
  onShare(1)
}
