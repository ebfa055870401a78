import type { Post } from '@heliograph/contract/posts'
import { CircleAlert, Hourglass } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { failureText } from '../../lib/media-failure.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { FailedPost } from './post-failed.tsx'
import { rereadPost, retryPost } from './posts-actions.ts'

const askAgainMs = [1500, 2000, 3000, 5000] as const

/** Where one's own post stands until others can see it. Live events tell; asking now and then makes sure. */
export function PostStatusLine({ post }: { post: Post }) {
  useEffect(() => {
    if (post.status !== 'processing') return
    let asked = 0
    let timer = setTimeout(ask, askAgainMs[0])
    async function ask(): Promise<void> {
      await rereadPost(post.id)
      asked++
      timer = setTimeout(ask, askAgainMs[Math.min(asked, askAgainMs.length - 1)])
    }
    return () => clearTimeout(timer)
  }, [post.id, post.status])

  switch (post.status) {
    case 'ready':
      return post.failure ? <FailedCrop post={post} failure={post.failure} /> : null
    case 'processing':
      return <Processing post={post} />
    case 'failed':
      return <FailedPost post={post} />
    default:
      return (
        <div class="card-status" role="status">
          <p class="card-status-title">
            <Icon of={post.status === 'review' ? Hourglass : CircleAlert} size={20} />
            {t(post.status === 'review' ? 'post.status.review' : 'post.status.removed')}
          </p>
          <p class="quiet">
            {t(post.status === 'review' ? 'post.status.review.text' : 'post.status.removed.text')}
          </p>
          {post.failure?.note ? <p>{t('post.status.removed.note', { note: post.failure.note })}</p> : null}
        </div>
      )
  }
}

/** Videos take their time, so how far it is gets told; without a figure the line only moves. */
function Processing({ post }: { post: Post }) {
  const hasVideo = post.media.some(({ type }) => type === 'video')
  const words = t(hasVideo ? 'post.status.processing.video' : 'post.status.processing')
  const percent = post.progress === undefined ? undefined : Math.round(post.progress * 100)
  return (
    <div class="card-status">
      <span
        class="card-progress"
        role="progressbar"
        aria-label={words}
        {...(percent === undefined
          ? {}
          : {
              style: { '--done': String(post.progress) },
              'aria-valuemin': 0,
              'aria-valuemax': 100,
              'aria-valuenow': percent,
            })}
      />
      <p>
        <span role="status">{words}</span>
        {percent === undefined ? null : <span class="quiet"> {percent} %</span>}
      </p>
      <p class="quiet">{t(hasVideo ? 'post.status.processing.video.text' : 'post.status.processing.text')}</p>
    </div>
  )
}

/** The post stands as it was; only its owner hears of this. */
function FailedCrop({ post, failure }: { post: Post; failure: Failure }) {
  return (
    <div class="card-status" role="alert">
      <p class="card-status-title">
        <Icon of={CircleAlert} size={20} />
        {t('post.status.crop_failed')}
      </p>
      <p class="quiet">{failureText(failure)}</p>
      <p class="card-status-actions">
        <Button onClick={() => void retryPost(post.id)}>{t('ui.retry')}</Button>
      </p>
    </div>
  )
}

type Failure = NonNullable<Post['failure']>
