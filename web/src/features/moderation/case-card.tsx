import type { ModerationAct, ModerationCase } from '@heliograph/contract/moderation'
import { useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { CaseAttachments } from './case-attachments.tsx'
import { type CasePicture, CasePictures } from './case-pictures.tsx'
import { CaseWords } from './case-words.tsx'
import { Findings } from './findings.tsx'
import { m } from './moderation-words.ts'
import { RemoveSheet } from './remove-sheet.tsx'

interface CaseCardProps {
  item: ModerationCase
  onDecided: () => void
  /** It is another by now: this one. */
  onChanged: (item: ModerationCase) => void
}

/** One thing that waits: what it is, why it is here, and what can be done. */
export function CaseCard({ item, onDecided, onChanged }: CaseCardProps) {
  const [busy, setBusy] = useState(false)
  const [removing, setRemoving] = useState(false)
  const { author, subject, post } = item
  const name = author.username
  const title = m(`case.${subject}`, { name })

  async function look(): Promise<void> {
    try {
      onChanged(await call('GET /api/moderation/queue/:id', { params: { id: item.id } }))
    } catch (error) {
      if (isProblem(error, 'moderation.not_found')) onDecided()
    }
  }

  async function decide(act: ModerationAct, note = ''): Promise<void> {
    setRemoving(false)
    setBusy(true)
    try {
      const body = { act, version: item.version, ...(note === '' ? {} : { note }) }
      await withProof(() =>
        call('POST /api/moderation/queue/:id/decision', { params: { id: item.id }, body }),
      )
      toast(m(subject === 'account' && act === 'remove' ? 'done.suspend' : `done.${act}`))
      onDecided()
    } catch (error) {
      toastProblem(error)
      // Somebody was first, or it went away: it waits no more.
      if (isProblem(error, 'moderation.decided', 'moderation.not_found')) return onDecided()
      if (isProblem(error, 'moderation.changed')) await look()
      setBusy(false)
    }
  }

  const isHeld = (item.story ?? post)?.status === 'review' || item.comment?.held === true
  const pictures = picturesOf(item)
  return (
    <article class="case" tabIndex={-1} aria-label={title}>
      <header class="case-head">
        <Avatar user={author} size={40} />
        <div>
          <h2>{title}</h2>
          <p class="quiet">
            <TimeAgo iso={item.openedAt} />
            {' · '}
            {subject === 'message'
              ? m('case.told')
              : isHeld
                ? m(subject === 'comment' ? 'case.held' : 'case.review')
                : m('case.out')}
          </p>
        </div>
      </header>
      <Findings item={item} />
      {pictures.length > 0 ? <CasePictures pictures={pictures} /> : null}
      {item.message ? <CaseAttachments message={item.message} /> : null}
      <CaseWords item={item} />
      <p class="case-links">
        {/* One that is held has no page for anybody but its author. */}
        {subject === 'account' ||
        subject === 'message' ||
        subject === 'story' ||
        (subject === 'post' && isHeld) ? null : (
          <a href={`/p/${post?.id}`}>{m(subject === 'post' ? 'case.open' : 'case.under')}</a>
        )}
        <a href={`/${name}`}>{m('case.profile')}</a>
      </p>
      <div class="case-acts">
        <Button kind="strong" busy={busy} onClick={() => void decide('approve')}>
          {m(isHeld ? 'approve' : 'approve.reported')}
        </Button>
        {subject === 'post' ? (
          <Button busy={busy} onClick={() => void decide('sensitive')}>
            {m('sensitive')}
          </Button>
        ) : null}
        <Button kind="danger" busy={busy} onClick={() => setRemoving(true)}>
          {m(subject === 'account' ? 'suspend' : 'remove')}
        </Button>
      </div>
      {removing ? (
        <RemoveSheet
          item={item}
          onClose={() => setRemoving(false)}
          onRemove={(note) => void decide('remove', note)}
        />
      ) : null}
    </article>
  )
}

/** Of a Story the one that it is; of a comment none: those of its post were judged with that. */
function picturesOf({ subject, post, story }: ModerationCase): CasePicture[] {
  if (story) return [{ id: story.media.id, url: story.media.imageUrl, altText: story.altText }]
  if (subject !== 'post' || !post) return []
  return post.media.map(({ id, mediumUrl, altText }) => ({ id, url: mediumUrl, altText }))
}
