import type { Id } from '@heliograph/contract/common'
import type { Post } from '@heliograph/contract/posts'
import { Compass } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { goBack, place } from '../../lib/navigation.ts'
import { dropPost, postSignal, putPost } from '../../lib/store.ts'
import { useImpressions } from '../../lib/use-impressions.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/page-props.ts'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { CardSkeleton } from '../feed/card-skeleton.tsx'
import { isCovered } from '../moderation/sensitive.tsx'
import { CameraDetails } from './camera-details.tsx'
import { Comments } from './comments.tsx'
import { PostHead } from './post-head.tsx'
import { PostPhotos } from './post-photos.tsx'
import { PostRow } from './post-row.tsx'
import { PostStatusLine } from './post-status.tsx'
import { Caption, LikesLine } from './post-words.tsx'
import './post-card.css'
import './post-page.css'

export function PostPage({ params }: PageProps) {
  const id = params.id ?? ''
  const post = postSignal(id).value
  const { problem, reload } = usePost(id)
  const name = post ? post.author.fullName || post.author.username : ''
  return (
    <Page title={post ? t('post.by', { name }) : t('ui.loading')} heading={t('post.heading')} back wide>
      {post ? <PostView post={post} /> : null}
      {post === null || isProblem(problem, 'post.not_found', 'request.invalid') ? <PostGone /> : null}
      {post === undefined && !problem ? <CardSkeleton cards={1} /> : null}
      {post === undefined && problem && !isProblem(problem, 'post.not_found', 'request.invalid') ? (
        <ProblemNotice error={problem} onRetry={reload} />
      ) : null}
    </Page>
  )
}

/** Shows what is known at once and reads it anew. */
function usePost(id: Id): { problem: unknown; reload: () => void } {
  const [problem, setProblem] = useState<unknown>()
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    setProblem(undefined)
    call('GET /api/posts/:id', { params: { id }, signal: stop.signal }).then(putPost, (error) => {
      if (isProblem(error, 'client.aborted')) return
      if (isProblem(error, 'post.not_found')) dropPost(id)
      setProblem(error)
    })
    return () => stop.abort()
  }, [id, asked])
  return { problem, reload: () => setAsked(asked + 1) }
}

function PostGone() {
  return (
    <Notice icon={Compass} title={t('post.notFound.title')}>
      {t('post.notFound.text')}
    </Notice>
  )
}

function PostView({ post }: { post: Post }) {
  const [turned, setTurned] = useState(0)
  const composer = useRef<HTMLTextAreaElement>(null)
  const ready = post.status === 'ready'
  const reveal = place.value.hash === '#comments'
  const photos = useRef<HTMLDivElement>(null)
  useImpressions(photos, 'post', ready && !isCovered(post))

  useEffect(() => {
    if (!reveal || !ready) return
    document.getElementById('comments')?.scrollIntoView({ block: 'start' })
    if (place.peek().how !== 'pop') document.getElementById('comments-title')?.focus({ preventScroll: true })
  }, [ready, reveal])

  return (
    <article
      class="post-view"
      aria-label={t('post.by', { name: post.author.fullName || post.author.username })}
    >
      <div class="post-view-photos" ref={photos}>
        <PostPhotos post={post} eager sizes="(min-width: 1024px) 600px, 100vw" onTurn={setTurned} />
      </div>
      <div class="post-view-head">
        <PostHead post={post} onDeleted={() => goBack()} />
      </div>
      <div class="post-view-words">
        <PostStatusLine post={post} />
        {ready ? <PostRow post={post} turned={turned} onComment={() => composer.current?.focus()} /> : null}
        <div class="card-words">
          {ready ? <LikesLine post={post} /> : null}
          {post.caption ? <Caption post={post} /> : null}
          <CameraDetails post={post} turned={turned} />
          {post.editedAt ? <p class="quiet post-edited">{t('post.edited')}</p> : null}
        </div>
        {ready ? <Comments post={post} composer={composer} /> : null}
      </div>
    </article>
  )
}
