import type { Post } from '@heliograph/contract/posts'
import { Bookmark, Heart, MessageCircle, Send } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { CarouselDots } from '../../ui/carousel.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { setLiked, setSaved } from './posts-actions.ts'

const loadShare = () => import('./share-sheet.tsx').then((part) => part.ShareSheet)

interface PostRowProps {
  post: Post
  /** Which photograph of the carousel is shown. */
  turned: number
  /** On the post's own page: to the composer instead of to the page. */
  onComment?: () => void
}

/** Like, comment, share, and at the end: save. */
export function PostRow({ post, turned, onComment }: PostRowProps) {
  const [sharing, setSharing] = useState(false)

  return (
    <div class="card-row">
      <IconButton
        icon={Heart}
        label={t('post.like')}
        pressed={post.liked}
        class="like"
        onClick={() => setLiked(post.id, !post.liked)}
      />
      <IconButton
        icon={MessageCircle}
        class="mirrored-icon"
        label={t('post.comment')}
        onClick={onComment ?? (() => navigate(`/p/${post.id}#comments`))}
      />
      <IconButton icon={Send} label={t('post.share')} onClick={() => setSharing(true)} />
      <span class="card-dots">
        {post.media.length > 1 ? <CarouselDots count={post.media.length} at={turned} /> : null}
      </span>
      <IconButton
        icon={Bookmark}
        label={t('post.save')}
        pressed={post.saved}
        class="save"
        onClick={() => setSaved(post.id, !post.saved)}
      />
      {sharing ? (
        <Lazy
          load={loadShare}
          props={{ post, onClose: () => setSharing(false) }}
          onFailed={() => setSharing(false)}
        />
      ) : null}
    </div>
  )
}
