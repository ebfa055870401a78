import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { postSignal } from '../../lib/store.ts'
import { PostHead } from './post-head.tsx'
import { PostPhotos } from './post-photos.tsx'
import { PostRow } from './post-row.tsx'
import { PostStatusLine } from './post-status.tsx'
import { PostWords } from './post-words.tsx'
import './post-card.css'

interface PostCardProps {
  id: Id
  /** Place in the feed, from 1. */
  position: number
  eager?: boolean
}

/** One post in the feed. */
export function PostCard({ id, position, eager }: PostCardProps) {
  const post = postSignal(id).value
  if (!post) return null
  return <Card post={post} position={position} eager={eager === true} />
}

function Card({ post, position, eager }: { post: Post; position: number; eager: boolean }) {
  const [turned, setTurned] = useState(0)
  return (
    <article
      class="card"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: articles of a feed take the focus, so that keys move between them
      tabIndex={0}
      aria-posinset={position}
      aria-setsize={-1}
      aria-label={t('post.by', { name: post.author.fullName || post.author.username })}
    >
      <PostHead post={post} />
      <PostPhotos post={post} eager={eager} onTurn={setTurned} />
      <PostStatusLine post={post} />
      {post.status === 'ready' ? <PostRow post={post} turned={turned} /> : null}
      <PostWords post={post} />
    </article>
  )
}
