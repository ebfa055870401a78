import { PostCard, ProfileCard, StoryCard } from './attachments.tsx'
import { localMedia } from './local-media.ts'
import type { Outgoing } from './outgoing.ts'
import { Length, shapeOf } from './sent-media.tsx'
import { VoiceNote } from './voice-note.tsx'

/** What goes along, as this device knows it. */
export function OutgoingAttachments({ message }: { message: Outgoing }) {
  const { clientId, attachments } = message
  if (attachments.length === 0) return null
  return (
    <div class="talk-attached">
      {localMedia(clientId).map(({ kind, url, seconds, waveform, ...size }, at) => {
        // What goes along never changes: its place is its identity.
        const key = `file:${at}`
        return kind === 'voice' ? (
          <VoiceNote key={key} source={url} seconds={seconds ?? 0} waveform={waveform ?? []} />
        ) : (
          <span key={key} class="talk-photo" style={shapeOf(size)}>
            {url ? <img src={url} alt="" /> : null}
            {kind === 'video' ? <Length seconds={seconds} /> : null}
          </span>
        )
      })}
      {attachments.map((one) => {
        if (one.type === 'post') return <PostCard key={one.post.id} post={one.post} />
        if (one.type === 'story') return <StoryCard key={one.story.id} story={one.story} isReply={false} />
        if (one.type === 'profile') return <ProfileCard key={one.user.id} user={one.user} />
        return null
      })}
    </div>
  )
}
