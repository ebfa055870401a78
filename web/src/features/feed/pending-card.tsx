import { CircleAlert, Film } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import { mediaCount } from '../../lib/media-words.ts'
import type { PendingShare } from '../../lib/pending-shares.ts'
import { me } from '../../lib/session.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'

/** One's own post while its photographs are still on the way up. */
export function PendingCard({ share }: { share: PendingShare }) {
  const user = me.value
  if (!user) return null
  return (
    <article class="card pending" aria-label={t('post.by', { name: user.fullName || user.username })}>
      <header class="card-head">
        <span class="card-author">
          <Avatar user={user} size={40} />
          <span class="card-names">
            <span class="card-name">{user.username}</span>
            {share.media.length > 1 ? <span class="card-place quiet">{mediaCount(share.media)}</span> : null}
          </span>
        </span>
      </header>
      <div class="photo-box photo-cover" style={{ aspectRatio: String(share.ratio) }}>
        <span class="photo">
          {share.previewUrl ? (
            <img class="photo-shown" src={share.previewUrl} alt="" />
          ) : (
            <span class="pending-unseen">
              <Icon of={Film} size={32} />
            </span>
          )}
        </span>
      </div>
      {share.state === 'failed' ? <FailedLine share={share} /> : <ProgressLine share={share} />}
      {share.caption ? (
        <div class="card-words">
          <p class="prose folded">
            <span class="by">{user.username}</span> {share.caption}
          </p>
        </div>
      ) : null}
    </article>
  )
}

function ProgressLine({ share }: { share: PendingShare }) {
  const words = share.state === 'failed' ? '' : t(`pending.${share.state}`)
  const percent = Math.round(share.progress * 100)
  return (
    <div class="card-status">
      <span
        class="card-progress"
        style={{ '--done': String(share.progress) }}
        role="progressbar"
        aria-label={words}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      />
      <p>
        {words}
        {share.state === 'uploading' ? <span class="quiet"> {percent} %</span> : null}
      </p>
      {share.message ? <p class="quiet">{share.message}</p> : null}
      {share.isUnkept ? <p class="quiet">{t('pending.keepOpen')}</p> : null}
      {share.state === 'publishing' ? null : (
        <p class="card-status-actions">
          <Button onClick={() => void discard(share)}>{t('ui.cancel')}</Button>
        </p>
      )}
    </div>
  )
}

async function discard(share: PendingShare): Promise<void> {
  const sure = await confirmAction({
    title: t('pending.discard.title'),
    text: t('pending.discard.text'),
    action: t('pending.discard'),
    danger: true,
  })
  if (sure) share.discard()
}

function FailedLine({ share }: { share: PendingShare }) {
  return (
    <div class="card-status" role="alert">
      <p class="card-status-title">
        <Icon of={CircleAlert} size={20} />
        {t('pending.failed')}
      </p>
      {share.message ? <p class="quiet">{share.message}</p> : null}
      <p class="card-status-actions">
        <Button onClick={() => share.retry()}>{t('ui.retry')}</Button>
        <Button kind="danger" onClick={() => void discard(share)}>
          {t('pending.discard')}
        </Button>
      </p>
    </div>
  )
}
