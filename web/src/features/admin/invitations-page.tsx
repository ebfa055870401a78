import type { AnyInvitation } from '@heliograph/contract/admin'
import { Mail } from 'lucide-preact'
import { call } from '../../lib/api.ts'
import { dateLocale } from '../../lib/i18n.ts'
import { createPaginator, keepPaginator } from '../../lib/paging.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Notice } from '../../ui/notice.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from '../settings/act.ts'
import { AdminFrame, Listed } from './admin-frame.tsx'
import { a } from './admin-words.ts'

/** Open ones of everybody: who let whom in is for their makers to know, how many can come is not. */
export function AdminInvitationsPage() {
  const list = keepPaginator('admin-invitations', () =>
    createPaginator(
      (cursor, signal) => call('GET /api/admin/invitations', { query: { cursor }, signal }),
      (item: AnyInvitation) => item.id,
    ),
  )

  async function withdraw({ id }: AnyInvitation): Promise<void> {
    const sure = await confirmAction({
      title: a('invitations.withdraw.title'),
      text: a('invitations.withdraw.text'),
      action: a('invitations.withdraw'),
      danger: true,
    })
    if (!sure) return
    await act(
      () => call('DELETE /api/admin/invitations/:id', { params: { id } }),
      () => {
        list.remove((item) => item.id === id)
        toast(a('invitations.withdrawn'))
      },
    )
  }

  return (
    <AdminFrame at="accounts" title={a('invitations')} backTo="/admin">
      <Listed
        list={list}
        empty={
          <Notice icon={Mail} title={a('invitations.none.title')}>
            {a('invitations.none.text')}
          </Notice>
        }
      >
        <ul class="admin-group">
          {list.items.value.map((item) => (
            <li key={item.id} class="admin-row">
              <span>
                {makerOf(item)}
                <span class="admin-hint">
                  {a('invitations.facts', {
                    used: item.used,
                    max: item.maxUses,
                    date: dayOf(item.expiresAt),
                  })}
                  {item.counts ? null : ` ${a('invitations.void')}`}
                </span>
              </span>
              <Button
                label={a('invitations.withdraw.name', { maker: makerOf(item) })}
                onClick={() => void withdraw(item)}
              >
                {a('invitations.withdraw')}
              </Button>
            </li>
          ))}
        </ul>
      </Listed>
    </AdminFrame>
  )
}

function makerOf({ by }: AnyInvitation): string {
  return by === null ? a('by.operator') : `@${by}`
}

function dayOf(iso: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'medium' }).format(new Date(iso))
}
