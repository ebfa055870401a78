import { t } from '../../lib/i18n.ts'
import { openStories, storyRings } from '../../lib/story-rings.ts'
import { Avatar } from '../../ui/avatar.tsx'

interface StoryAvatarProps {
  user: { id: string; username: string; avatarUrl: string | null }
  size: 40 | 44 | 88
  src?: string | null
}

/** The picture of a person; with Stories to see it has a ring, and a tap opens them. */
export function StoryAvatar({ user, size, src }: StoryAvatarProps) {
  const ring = storyRings.value.get(user.id)
  const picture = <Avatar user={user} size={size} {...(src === undefined ? {} : { src })} ring={ring} />
  if (!ring) return picture
  return (
    <button
      type="button"
      class="ring-button"
      aria-haspopup="dialog"
      aria-label={t(ring === 'seen' ? 'story.open' : 'story.open.unseen', { name: user.username })}
      onClick={() => openStories(user.username)}
    >
      {picture}
    </button>
  )
}
