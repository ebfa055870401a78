import { limits } from '@heliograph/contract/limits'
import type { VerificationCase, VerificationItem } from '@heliograph/contract/verification'
import { useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { EvidenceShown } from './evidence-shown.tsx'
import { v } from './verification-words.ts'

interface RequestCardProps {
  item: VerificationItem
  onDecided: () => void
  /** The account has another name by now. */
  onChanged: () => void
}

/** One request: what they say and show, once somebody means to look, and the two answers to it. */
export function RequestCard({ item, onDecided, onChanged }: RequestCardProps) {
  const [found, setFound] = useState<VerificationCase | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [refusing, setRefusing] = useState(false)
  const { user } = found ?? item
  const name = user.username

  /** Nothing of what was sent is asked for before: each look is written down. */
  async function look(): Promise<void> {
    setBusy(true)
    try {
      setFound(
        await withProof(() => call('GET /api/admin/verification-requests/:id', { params: { id: item.id } })),
      )
    } catch (error) {
      toastProblem(error)
      if (isProblem(error, 'verification.not_found')) return onDecided()
    }
    setBusy(false)
  }

  async function decide(decision: 'grant' | 'refuse', reason?: string): Promise<void> {
    setBusy(true)
    try {
      const body = { decision, username: name, fullName: user.fullName, ...(reason && { reason }) }
      await withProof(() =>
        call('PUT /api/admin/verification-requests/:id', { params: { id: item.id }, body }),
      )
      toast(v(`${decision}.done`, { name }))
      onDecided()
    } catch (error) {
      toastProblem(error)
      // Somebody else was first, or it was withdrawn: it waits no more.
      if (isProblem(error, 'verification.decided', 'verification.not_found')) return onDecided()
      if (isProblem(error, 'verification.changed')) {
        setFound(undefined)
        onChanged()
      }
      setBusy(false)
    }
  }

  async function grant(): Promise<void> {
    const sure = await confirmAction({
      title: v('grant.title', { name }),
      text: v('grant.text'),
      action: v('grant'),
    })
    if (sure) await decide('grant')
  }

  return (
    <article class="case" aria-label={v('queue.card', { name })}>
      <header class="case-head">
        <Avatar user={user} size={40} />
        <div>
          <h2>
            <a href={`/${name}`}>{name}</a>
          </h2>
          <p class="quiet">
            <bdi>{user.fullName}</bdi>
            {user.fullName ? ' · ' : null}
            <TimeAgo iso={item.createdAt} />
          </p>
        </div>
      </header>
      <p>{v(`category.${item.category}`)}</p>
      {found ? (
        <EvidenceShown item={found} onRefused={() => setFound(undefined)} />
      ) : (
        <div class="evidence-ask">
          <Button disabled={busy} onClick={() => void look()}>
            {v('queue.show')}
          </Button>
          <p class="field-note">{v('queue.show.hint')}</p>
        </div>
      )}
      <div class="case-acts">
        <Button kind="strong" busy={busy} onClick={() => void grant()}>
          {v('grant')}
        </Button>
        <Button kind="danger" disabled={busy} onClick={() => setRefusing(true)}>
          {v('refuse')}
        </Button>
      </div>
      {refusing ? (
        <RefuseSheet
          name={name}
          onClose={() => setRefusing(false)}
          onRefuse={(reason) => {
            setRefusing(false)
            void decide('refuse', reason)
          }}
        />
      ) : null}
    </article>
  )
}

interface RefuseSheetProps {
  name: string
  onClose: () => void
  onRefuse: (reason: string) => void
}

function RefuseSheet({ name, onClose, onRefuse }: RefuseSheetProps) {
  const [reason, setReason] = useState('')
  return (
    <Sheet title={v('refuse.title', { name })} onClose={onClose}>
      <form
        class="case-remove"
        onSubmit={(event) => {
          event.preventDefault()
          onRefuse(reason.trim())
        }}
      >
        <TextArea
          label={v('refuse.reason')}
          rows={3}
          max={limits.moderationNoteLength}
          value={reason}
          onInput={setReason}
        />
        <Button kind="danger" type="submit" wide disabled={reason.trim() === ''}>
          {v('refuse')}
        </Button>
      </form>
    </Sheet>
  )
}
