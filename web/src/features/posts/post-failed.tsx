import type { Post } from '@heliograph/contract/posts'
import { CircleAlert } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { failureText, mayPass } from '../../lib/media-failure.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { deletePost, leaveOutFailed, retryPost } from './posts-actions.ts'

/** Which of the files it is, and what can be done: the others, and what was written, are not lost with it. */
export function FailedPost({ post }: { post: Post }) {
  const [busy, setBusy] = useState(false)
  const count = post.media.length
  const failed = post.media.flatMap(({ id, failure }, at) => (failure ? [{ id, failure, at: at + 1 }] : []))
  const codes = failed.length > 0 ? failed.map(({ failure }) => failure.code) : [post.failure?.code ?? '']
  const hasOthers = failed.length > 0 && failed.length < count

  async function go(act: Promise<void>): Promise<void> {
    setBusy(true)
    await act
    setBusy(false)
  }

  return (
    <div class="card-status" role="alert">
      <p class="card-status-title">
        <Icon of={CircleAlert} size={20} />
        {t('post.status.failed')}
      </p>
      {count > 1 && failed.length > 0
        ? failed.map(({ id, failure, at }) => (
            <p key={id} class="quiet">
              {t('post.status.failed.which', { at, count, why: failureText(failure) })}
            </p>
          ))
        : post.failure && <p class="quiet">{failureText(post.failure)}</p>}
      <p class="card-status-actions">
        {hasOthers ? (
          <Button kind="strong" busy={busy} onClick={() => void go(leaveOutFailed(post))}>
            {t('post.status.failed.without', { count: failed.length })}
          </Button>
        ) : null}
        {codes.every(mayPass) ? (
          <Button busy={busy} onClick={() => void go(retryPost(post.id))}>
            {t('ui.retry')}
          </Button>
        ) : null}
        <Button kind="danger" onClick={() => void deletePost(post)}>
          {t('post.delete')}
        </Button>
      </p>
    </div>
  )
}
