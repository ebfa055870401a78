import type { UserSummary } from '@heliograph/contract/accounts'
import type { Message, MessageAttachment, SharedPost } from '@heliograph/contract/messages'
import type { Story } from '@heliograph/contract/stories'
import { CircleOff, EyeOff, Play } from 'lucide-preact'
import { me } from '../../lib/session.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { placeholderOf } from '../../ui/placeholder.ts'
import { Verified } from '../people/verified.tsx'
import { w } from './messages-words.ts'
import type { SharedStory } from './outgoing.ts'
import { SentMedia } from './sent-media.tsx'
import { useOver } from './story-end.ts'
import { keptThread } from './thread.ts'

/** What goes along with a message, as this reader may see it now. */
export function Attachments({ message }: { message: Message }) {
  const files = message.attachments.filter(({ type }) => type === 'media')
  return (
    <div class="talk-attached">
      {message.attachments.map((one, at) => {
        // What goes along never changes: its place is its identity.
        const key = at
        return one.type === 'media' && one.media && !one.hidden ? (
          <SentMedia key={key} message={message} media={one.media} at={files.indexOf(one)} />
        ) : (
          <Attachment key={key} of={one} message={message} />
        )
      })}
    </div>
  )
}

function Attachment({ of: one, message }: { of: MessageAttachment; message: Message }) {
  if (one.hidden) return <Absent icon={EyeOff} text={w('hidden')} />
  if (one.type === 'post' && one.post) return <PostCard post={one.post} />
  if (one.type === 'profile' && one.user) return <ProfileCard user={one.user} />
  if (one.type === 'story' && one.story)
    return <SentStory message={message} story={one.story} isReply={one.isReply} />
  return <Absent icon={CircleOff} text={w(`absent.${one.type}`)} />
}

/** Until it ends, in an open conversation too. */
function SentStory({ message, ...shown }: { message: Message; story: Story; isReply: boolean }) {
  const isOver = useOver(shown.story, () => {
    // Without a connection it stays away.
    void keptThread(message.conversationId)
      ?.reread(message.sequence)
      .catch(() => undefined)
  })
  return isOver ? <Absent icon={CircleOff} text={w('absent.story')} /> : <StoryCard {...shown} />
}

function Absent({ icon, text }: { icon: typeof EyeOff; text: string }) {
  return (
    <p class="talk-absent">
      <Icon of={icon} size={20} />
      {text}
    </p>
  )
}

/** A post that somebody passes on: whose, its first picture, its words. */
export function PostCard({ post }: { post: SharedPost }) {
  const [media] = post.media
  return (
    <a class="talk-card" href={`/p/${post.id}`}>
      <span class="talk-card-head">
        <Avatar user={post.author} size={24} />
        <b>{post.author.username}</b>
        <Verified user={post.author} />
      </span>
      {media ? (
        <span class="talk-card-picture" style={{ backgroundImage: placeholderOf(media.thumbhash) ?? 'none' }}>
          {media.mediumUrl ? (
            <img
              src={media.mediumUrl}
              alt={media.altText || w('post.picture', { name: post.author.username })}
              loading="lazy"
              decoding="async"
            />
          ) : null}
          {media.type === 'video' ? <Play size={28} aria-hidden="true" /> : null}
        </span>
      ) : null}
      {post.caption ? (
        <span class="talk-card-words">
          <bdi>{post.caption}</bdi>
        </span>
      ) : null}
    </a>
  )
}

/** A Story that is answered or passed on, as long as it is there. */
export function StoryCard({ story, isReply }: { story: SharedStory; isReply: boolean }) {
  const { id, author, media, altText } = story
  return (
    <a class="talk-card" href={`/stories/${author.username}?story=${id}`}>
      <span class="talk-card-head">
        <Avatar user={author} size={24} />
        <b>{storyWords(author, isReply)}</b>
      </span>
      <span class="talk-card-picture" style={{ backgroundColor: media.color ?? '' }}>
        {media.imageUrl ? <img src={media.imageUrl} alt={altText} loading="lazy" decoding="async" /> : null}
        {media.type === 'video' ? <Play size={28} aria-hidden="true" /> : null}
      </span>
    </a>
  )
}

function storyWords({ id, username: name }: UserSummary, isReply: boolean): string {
  if (isReply && id === me.value?.id) return w('story.answered.yours')
  return w(isReply ? 'story.answered' : 'story.of', { name })
}

export function ProfileCard({ user }: { user: UserSummary }) {
  return (
    <a class="talk-card talk-card-head" href={`/${user.username}`}>
      <Avatar user={user} size={44} />
      <span class="person-names">
        <b>
          {user.username}
          <Verified user={user} />
        </b>
        <span>{user.fullName}</span>
      </span>
    </a>
  )
}
