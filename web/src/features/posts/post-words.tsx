import type { Comment, Post } from '@heliograph/contract/posts'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Lazy } from '../../ui/lazy.tsx'
import { RichText } from '../../ui/rich-text.tsx'
import { Verified } from '../people/verified.tsx'

const loadLikes = () => import('./likes-sheet.tsx').then((part) => part.LikesSheet)

/** Likes, caption and the newest comments beneath a photograph in the feed. */
export function PostWords({ post }: { post: Post }) {
  return (
    <div class="card-words">
      {post.status === 'ready' ? <LikesLine post={post} /> : null}
      {post.caption ? <Caption post={post} folded /> : null}
      {post.commentCount > post.newestComments.length ? (
        <a class="card-all quiet" href={`/p/${post.id}#comments`}>
          {t('post.comments.viewAll', { count: post.commentCount })}
        </a>
      ) : null}
      {[...post.newestComments].reverse().map((comment) => (
        <CommentLine key={comment.id} comment={comment} />
      ))}
    </div>
  )
}

export function LikesLine({ post }: { post: Post }) {
  const [open, setOpen] = useState(false)
  if (post.likeCountHidden) return null
  if (post.likeCount === 0 && post.author.id === me.value?.id) return null
  if (post.likeCount === 0) return <p class="card-likes quiet">{t('post.likes.none')}</p>
  return (
    <>
      <button type="button" class="card-likes" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {t('post.likes', { count: post.likeCount })}
      </button>
      {open ? (
        <Lazy
          load={loadLikes}
          props={{ postId: post.id, onClose: () => setOpen(false) }}
          onFailed={() => setOpen(false)}
        />
      ) : null}
    </>
  )
}

/** Two lines until it is asked for more. */
export function Caption({ post, folded }: { post: Post; folded?: boolean }) {
  const text = useRef<HTMLParagraphElement>(null)
  const [open, setOpen] = useState(!folded)
  const [cut, setCut] = useState(false)
  useLayoutEffect(() => {
    const element = text.current
    if (element && !open) setCut(element.scrollHeight > element.clientHeight + 2)
  }, [post.caption, open])
  return (
    <div class="caption">
      <p ref={text} class={open ? 'prose' : 'prose folded'}>
        <a class="by" href={`/${post.author.username}`}>
          {post.author.username}
        </a>{' '}
        <RichText text={post.caption} entities={post.entities} />
      </p>
      {cut && !open ? (
        <button type="button" class="more quiet" onClick={() => setOpen(true)}>
          {t('post.caption.more')}
        </button>
      ) : null}
    </div>
  )
}

function CommentLine({ comment }: { comment: Comment }) {
  return (
    <p class="prose comment-line">
      <a class="by" href={`/${comment.author.username}`}>
        {comment.author.username}
      </a>
      <Verified user={comment.author} /> <RichText text={comment.text} entities={comment.entities} />
      {comment.waiting ? <span class="quiet"> · {t('comments.waiting.short')}</span> : null}
    </p>
  )
}
