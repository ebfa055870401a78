import type { Post } from '@heliograph/contract/posts'
import { Ellipsis } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { storyRings } from '../../lib/story-rings.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { AudienceMark } from '../audience/audience-mark.tsx'
import { Verified } from '../people/verified.tsx'
import { StoryAvatar } from '../stories/story-avatar.tsx'

const loadMenu = () => import('./post-menu.tsx').then((part) => part.PostMenu)

/** Who, where and when, and what else can be done. */
export function PostHead({ post, onDeleted }: { post: Post; onDeleted?: () => void }) {
  const [menu, setMenu] = useState(false)
  const { author, place } = post
  const ringed = storyRings.value.has(author.id)
  return (
    <header class="card-head">
      {ringed ? <StoryAvatar user={author} size={40} /> : null}
      <a class={ringed ? 'card-author card-beside' : 'card-author'} href={`/${author.username}`}>
        {ringed ? null : <Avatar user={author} size={40} />}
        <span class="card-names">
          <span class="card-name">
            {author.username}
            <Verified user={author} />
          </span>
          {place ? <bdi class="card-place">{place.name}</bdi> : null}
        </span>
      </a>
      <AudienceMark audience={post.audience} />
      <a class="card-time" href={`/p/${post.id}`}>
        <TimeAgo iso={post.displayAt} />
      </a>
      <IconButton icon={Ellipsis} label={t('post.more')} hasPopup onClick={() => setMenu(true)} />
      {menu ? (
        <Lazy
          load={loadMenu}
          props={{ post, onClose: () => setMenu(false), ...(onDeleted ? { onDeleted } : {}) }}
          onFailed={() => setMenu(false)}
        />
      ) : null}
    </header>
  )
}
