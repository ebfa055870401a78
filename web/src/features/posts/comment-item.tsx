import type { Comment } from '@heliograph/contract/posts'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me } from '../../lib/session.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { RichText } from '../../ui/rich-text.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { openReport } from '../moderation/reporting.tsx'
import { Verified } from '../people/verified.tsx'
import { commentsOf, openReplies, toggleReplies } from './comments-lists.ts'

interface CommentItemProps {
  comment: Comment
  onAnswer: (comment: Comment) => void
  onDelete: (comment: Comment) => void
  onApprove: (comment: Comment) => void
}

export function CommentItem({ comment, ...acts }: CommentItemProps) {
  const open = openReplies.value.has(comment.id)
  return (
    <li>
      <Line comment={comment} {...acts} />
      {comment.replyCount > 0 ? (
        <button
          type="button"
          class="replies-toggle"
          aria-expanded={open}
          onClick={() => toggleReplies(comment.id)}
        >
          {open ? t('comments.replies.hide') : t('comments.replies.show', { count: comment.replyCount })}
        </button>
      ) : null}
      {open && comment.replyCount > 0 ? <Replies of={comment} {...acts} /> : null}
    </li>
  )
}

function Replies({ of: parent, ...acts }: Omit<CommentItemProps, 'comment'> & { of: Comment }) {
  const list = commentsOf(parent.postId, parent.id)
  useState(() => void list.refresh())
  const status = list.status.value
  return (
    <div class="replies">
      <ul>
        {list.items.value.map((reply) => (
          <li key={reply.id}>
            <Line comment={reply} {...acts} />
          </li>
        ))}
      </ul>
      {status === 'loading' && !list.started.value ? (
        <SkeletonPeople rows={Math.min(3, parent.replyCount)} />
      ) : null}
      {status === 'error' ? <p class="quiet">{problemText(list.problem.value)}</p> : null}
      {status === 'idle' || status === 'error' ? (
        <button type="button" class="replies-toggle replies-more" onClick={() => void list.more()}>
          {status === 'error' ? t('ui.retry') : t('comments.replies.more')}
        </button>
      ) : null}
    </div>
  )
}

function Line({ comment, onAnswer, onDelete, onApprove }: CommentItemProps) {
  const { author } = comment
  return (
    <div class="comment">
      {/* biome-ignore lint/a11y/useAnchorContent: the name beside it is the same link, read once */}
      <a href={`/${author.username}`} tabIndex={-1} aria-hidden="true">
        <Avatar user={author} size={32} />
      </a>
      <div class="comment-body">
        <p class="prose">
          <a class="by" href={`/${author.username}`}>
            {author.username}
          </a>
          <Verified user={author} /> <RichText text={comment.text} entities={comment.entities} />
        </p>
        {comment.held ? <p class="quiet comment-held">{t('comments.held')}</p> : null}
        {comment.waiting ? <p class="quiet comment-held">{t('comments.waiting')}</p> : null}
        <div class="comment-foot">
          <TimeAgo iso={comment.createdAt} />
          {comment.waiting ? (
            <button type="button" class="comment-approve" onClick={() => onApprove(comment)}>
              {t('comments.approve')}
              <span class="unseen"> {author.username}</span>
            </button>
          ) : null}
          <button type="button" onClick={() => onAnswer(comment)}>
            {t('comments.reply')}
            <span class="unseen"> {author.username}</span>
          </button>
          {comment.author.id === me.value?.id ? null : (
            <button type="button" onClick={() => report(comment)}>
              {t('post.report')}
              <span class="unseen"> {author.username}</span>
            </button>
          )}
          {comment.canDelete ? (
            <button type="button" onClick={() => onDelete(comment)}>
              {t('post.delete')}
              <span class="unseen"> {author.username}</span>
            </button>
          ) : null}
        </div>
      </div>
    </div>
  )
}

function report({ id: commentId, postId, author }: Comment): void {
  openReport({ kind: 'comment', postId, commentId, author })
}
