import { UserCheck } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { userSignal } from '../../lib/store.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Notice } from '../../ui/notice.tsx'
import { acceptAllRequests, answerRequest } from '../people/people-actions.ts'
import { PeopleList, peoplePaginator } from '../people/people-list.tsx'

export function RequestsPage() {
  const list = peoplePaginator('requests', (cursor, signal) =>
    call('GET /api/follow-requests', { query: { cursor }, signal }),
  )
  const [busy, setBusy] = useState(false)
  async function acceptAll(): Promise<void> {
    const sure = await confirmAction({
      title: t('requests.acceptAll.title'),
      text: t('requests.acceptAll.text'),
      action: t('requests.acceptAll'),
    })
    if (!sure) return
    setBusy(true)
    if (await acceptAllRequests()) await list.refresh()
    setBusy(false)
  }
  return (
    <Page
      title={t('requests.title')}
      back
      backTo="/"
      actions={
        list.items.value.length > 1 ? (
          <Button kind="quiet" busy={busy} onClick={() => void acceptAll()}>
            {t('requests.acceptAll')}
          </Button>
        ) : null
      }
    >
      <PeopleList
        list={list}
        label={t('requests.title')}
        empty={
          <Notice icon={UserCheck} title={t('requests.empty.title')}>
            {t('requests.empty.text')}
          </Notice>
        }
        endOf={(id) => <Answer id={id} onAnswered={() => list.remove((other) => other === id)} />}
      />
    </Page>
  )
}

function Answer({ id, onAnswered }: { id: string; onAnswered: () => void }) {
  const user = userSignal(id).value
  if (!user) return null
  const answer = (accept: boolean) => void answerRequest(user, accept).then((done) => done && onAnswered())
  return (
    <>
      <Button
        kind="strong"
        label={t('requests.accept.name', { name: user.username })}
        onClick={() => answer(true)}
      >
        {t('requests.accept')}
      </Button>
      <Button
        kind="quiet"
        label={t('requests.refuse.name', { name: user.username })}
        onClick={() => answer(false)}
      >
        {t('requests.refuse')}
      </Button>
    </>
  )
}
