import type { ReportedMessage } from '@heliograph/contract/moderation'
import { CasePictures } from './case-pictures.tsx'
import { m } from './moderation-words.ts'

/** What a reported message carried, as far as it is still there and the moderator may see it. */
export function CaseAttachments({ message: { attachments } }: { message: ReportedMessage }) {
  const pictures = attachments.flatMap((one) => {
    if (one.type === 'media' && one.media && one.media.type !== 'voice')
      return [{ id: one.media.id, url: one.media.imageUrl }]
    if (one.type === 'post' && one.post)
      return one.post.media.map(({ id, mediumUrl, altText }) => ({ id, url: mediumUrl, altText }))
    return []
  })
  const voices = attachments.flatMap((one) =>
    one.type === 'media' && one.media?.audioUrl !== undefined ? [one.media.audioUrl] : [],
  )
  const isNothingLeft = attachments.length > 0 && attachments.every((one) => one.unavailable)
  return (
    <>
      {pictures.length > 0 ? <CasePictures pictures={pictures} /> : null}
      {voices.map((url) => (
        // biome-ignore lint/a11y/useMediaCaption: a voice note has no captions
        <audio key={url} controls preload="none" src={url} />
      ))}
      {isNothingLeft ? <p class="quiet">{m('message.nothing')}</p> : null}
    </>
  )
}
