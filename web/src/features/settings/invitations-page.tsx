import type { Invitation } from '@heliograph/contract/invitations'
import { Mail } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { dateLocale } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { TextField } from '../../ui/field.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from './act.ts'
import { Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** Links that let somebody in. A link is told once: only its owner has it afterwards. */
export function InvitationsPage() {
  const [items, setItems] = useState<readonly Invitation[] | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const [note, setNote] = useState('')
  const [link, setLink] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/invitations', { query: { limit: 50 } }).then(
      (page) => setItems(page.items),
      setProblem,
    )
  }
  useEffect(() => void read(), [])

  async function invite(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    await act(
      () => call('POST /api/invitations', { body: { note: note.trim() } }),
      (made) => {
        setLink(made.link)
        setNote('')
        setItems((before) => [made.invitation, ...(before ?? [])])
      },
    )
    setBusy(false)
  }

  async function withdraw({ id }: Invitation): Promise<void> {
    const sure = await confirmAction({
      title: w('invite.withdraw.title'),
      text: w('invite.withdraw.text'),
      action: w('invite.withdraw'),
      danger: true,
    })
    if (!sure) return
    await act(
      () => call('DELETE /api/invitations/:id', { params: { id } }),
      () => setItems((before) => before?.filter((one) => one.id !== id)),
    )
  }

  async function copy(text: string): Promise<void> {
    // Only secure origins have a clipboard; elsewhere the link stands there to be marked.
    await navigator.clipboard?.writeText(text).then(
      () => toast(w('invite.copied')),
      () => undefined,
    )
  }

  return (
    <SettingsShell title={w('invite')} at="/settings/account" backTo="/settings/account">
      {me.value?.mayInvite ? (
        <Section title={w('invite.new')}>
          <form class="settings-form" onSubmit={(event) => void invite(event)}>
            <TextField
              label={w('invite.note')}
              hint={w('invite.note.hint')}
              value={note}
              onInput={setNote}
              max={100}
            />
            <Button kind="primary" type="submit" busy={busy}>
              {w('invite.go')}
            </Button>
          </form>
          {link ? (
            <div class="settings-row">
              <span role="status">
                <code class="settings-link">{link}</code>
                <span class="settings-note">{w('invite.once')}</span>
              </span>
              <Button onClick={() => void copy(link)}>{w('invite.copy')}</Button>
            </div>
          ) : null}
        </Section>
      ) : null}
      <Section title={w('invite.open')}>
        {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
        {items === undefined && !problem ? <SkeletonPeople /> : null}
        {items?.length === 0 ? <Notice icon={Mail} title={w('invite.none')} /> : null}
        <ul>
          {items?.map((one) => (
            <li key={one.id} class="settings-row">
              <span>
                {one.note || w('invite.unnamed')}
                <span class="settings-note">
                  {w('invite.facts', { used: one.used, max: one.maxUses, date: dayOf(one.expiresAt) })}
                </span>
              </span>
              <Button
                label={w('invite.withdraw.name', { note: one.note || w('invite.unnamed') })}
                onClick={() => void withdraw(one)}
              >
                {w('invite.withdraw')}
              </Button>
            </li>
          ))}
        </ul>
      </Section>
    </SettingsShell>
  )
}

function dayOf(iso: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'medium' }).format(new Date(iso))
}
