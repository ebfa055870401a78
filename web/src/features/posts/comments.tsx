import type { Comment, Post } from '@heliograph/contract/posts'
import { MessageCircle } from 'lucide-preact'
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { patchPost } from '../../lib/store.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { CommentItem } from './comment-item.tsx'
import { commentsOf, openReplies } from './comments-lists.ts'
import { Composer } from './composer.tsx'

interface CommentsProps {
  post: Post
  composer: RefObject<HTMLTextAreaElement | null>
}

/** All comments of a post, newest first, answers beneath theirs, and the line to write one. */
export function Comments({ post, composer }: CommentsProps) {
  const list = commentsOf(post.id)
  const [answering, setAnswering] = useState<Comment | undefined>(undefined)
  useEffect(() => void list.refresh(), [list])
  // Somebody else's comment changes the count: then what is shown is behind.
  const counted = useRef(post.commentCount)
  useEffect(() => {
    if (counted.current === post.commentCount) return
    counted.current = post.commentCount
    void list.freshen()
  }, [list, post.commentCount])

  function answer(comment: Comment): void {
    setAnswering(comment)
    composer.current?.focus()
  }

  async function remove(comment: Comment): Promise<void> {
    const sure = await confirmAction({
      title: t('comments.delete.title'),
      ...(comment.replyCount > 0
        ? { text: t('comments.delete.withReplies', { count: comment.replyCount }) }
        : {}),
      action: t('comments.delete'),
      danger: true,
    })
    if (!sure) return
    try {
      await call('DELETE /api/posts/:id/comments/:commentId', {
        params: { id: post.id, commentId: comment.id },
      })
      forget(post.id, comment)
      toast(t('comments.deleted'))
    } catch (error) {
      toastProblem(error)
    }
  }

  async function approve(comment: Comment): Promise<void> {
    try {
      await call('PUT /api/posts/:id/comments/:commentId/approved', {
        params: { id: post.id, commentId: comment.id },
      })
      letOut(post.id, comment)
      toast(t('comments.approved'))
    } catch (error) {
      toastProblem(error)
    }
  }

  const items = list.items.value
  const none = list.started.value && items.length === 0
  return (
    <section id="comments" class="comments" aria-labelledby="comments-title">
      <h2 id="comments-title" class="comments-title" tabIndex={-1}>
        {t('comments.title')}
      </h2>
      {none && list.status.value === 'done' ? (
        <Notice icon={MessageCircle} title={t('comments.empty.title')}>
          {me.value ? t('comments.empty.text') : null}
        </Notice>
      ) : null}
      {!list.started.value && list.status.value === 'error' ? (
        <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
      ) : null}
      {!list.started.value && list.status.value !== 'error' ? (
        <SkeletonPeople rows={Math.min(4, Math.max(1, post.commentCount))} />
      ) : null}
      <ul>
        {items.map((comment) => (
          <CommentItem
            key={comment.id}
            comment={comment}
            onAnswer={answer}
            onDelete={(target) => void remove(target)}
            onApprove={(target) => void approve(target)}
          />
        ))}
      </ul>
      {list.started.value ? <ListEnd list={list} /> : null}
      <Composer
        post={post}
        area={composer}
        answering={answering}
        onStopAnswering={() => setAnswering(undefined)}
        onSent={(comment) => {
          setAnswering(undefined)
          add(post.id, comment)
        }}
      />
    </section>
  )
}

/** One's own comment stands where it belongs as soon as the server has it. */
function add(postId: string, comment: Comment): void {
  if (comment.parentId) {
    const replies = commentsOf(postId, comment.parentId)
    replies.append(comment)
    countReply(postId, comment.parentId, 1)
    openReplies.value = new Set([...openReplies.value, comment.parentId])
  } else {
    commentsOf(postId).prepend(comment)
  }
  patchPost(postId, (post) => ({
    commentCount: post.commentCount + 1,
    newestComments: [comment, ...post.newestComments].slice(0, 2),
  }))
}

function letOut(postId: string, { id, parentId }: Comment): void {
  const out = ({ waiting: _, ...comment }: Comment): Comment => comment
  commentsOf(postId, parentId ?? undefined).change((one) => one.id === id, out)
  patchPost(postId, (post) => ({
    newestComments: post.newestComments.map((one) => (one.id === id ? out(one) : one)),
  }))
}

function forget(postId: string, comment: Comment): void {
  const list = commentsOf(postId, comment.parentId ?? undefined)
  list.remove((other) => other.id === comment.id)
  if (comment.parentId) countReply(postId, comment.parentId, -1)
  patchPost(postId, (post) => ({
    commentCount: Math.max(0, post.commentCount - 1 - comment.replyCount),
    newestComments: post.newestComments.filter((one) => one.id !== comment.id && one.parentId !== comment.id),
  }))
}

function countReply(postId: string, parentId: string, by: 1 | -1): void {
  commentsOf(postId).change(
    (comment) => comment.id === parentId,
    (comment) => ({ ...comment, replyCount: Math.max(0, comment.replyCount + by) }),
  )
}
