import type { Id } from '@heliograph/contract/common'
import { Ban, BellOff, MessageCircleOff, Star } from 'lucide-preact'
import { call } from '../../lib/api.ts'
import { type Paginator, refreshPaginators } from '../../lib/paging.ts'
import { problemText } from '../../lib/problem-text.ts'
import { userSignal } from '../../lib/store.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { toast } from '../../ui/toast.tsx'
import { PeopleList, peoplePaginator } from '../people/people-list.tsx'
import { SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

const blocked = () =>
  peoplePaginator('blocked', (cursor, signal) => call('GET /api/me/blocks', { query: { cursor }, signal }))
const muted = () =>
  peoplePaginator('muted', (cursor, signal) => call('GET /api/me/mutes', { query: { cursor }, signal }))

const restricted = () =>
  peoplePaginator('restricted', (cursor, signal) =>
    call('GET /api/me/restricted', { query: { cursor }, signal }),
  )

const favourites = () =>
  peoplePaginator('favourites', (cursor, signal) =>
    call('GET /api/me/favourites', { query: { cursor }, signal }),
  )

export function FavouritesPage() {
  const list = favourites()
  const remove = (username: string) => call('DELETE /api/users/:username/favourite', { params: { username } })
  return (
    <SettingsShell title={w('favourites.title')} at="/settings/preferences" backTo="/settings/preferences">
      <PeopleList
        list={list}
        label={w('favourites.title')}
        empty={
          <Notice icon={Star} title={w('favourites.empty.title')}>
            {w('favourites.empty.text')}
          </Notice>
        }
        endOf={(id) => <LetGo id={id} words="unfavourite" act={remove} onDone={() => leftFavourites(list)} />}
      />
    </SettingsShell>
  )
}

function leftFavourites(list: Paginator<Id>): void {
  void list.refresh()
  refreshPaginators('feed:favourites')
}

export function BlockedPage() {
  const list = blocked()
  const unblock = (username: string) => call('DELETE /api/users/:username/block', { params: { username } })
  return (
    <SettingsShell title={w('blocked.title')} at="/settings/privacy" backTo="/settings/privacy">
      <PeopleList
        list={list}
        label={w('blocked.title')}
        empty={
          <Notice icon={Ban} title={w('blocked.empty.title')}>
            {w('blocked.empty.text')}
          </Notice>
        }
        endOf={(id) => <LetGo id={id} words="unblock" act={unblock} onDone={() => void list.refresh()} />}
      />
    </SettingsShell>
  )
}

export function RestrictedPage() {
  const list = restricted()
  const unrestrict = (username: string) =>
    call('DELETE /api/users/:username/restrict', { params: { username } })
  return (
    <SettingsShell title={w('restricted.title')} at="/settings/privacy" backTo="/settings/privacy">
      <PeopleList
        list={list}
        label={w('restricted.title')}
        empty={
          <Notice icon={MessageCircleOff} title={w('restricted.empty.title')}>
            {w('restricted.empty.text')}
          </Notice>
        }
        endOf={(id) => (
          <LetGo id={id} words="unrestrict" act={unrestrict} onDone={() => void list.refresh()} />
        )}
      />
    </SettingsShell>
  )
}

export function MutedPage() {
  const list = muted()
  const unmute = (username: string) => call('DELETE /api/users/:username/mute', { params: { username } })
  return (
    <SettingsShell title={w('muted.title')} at="/settings/privacy" backTo="/settings/privacy">
      <PeopleList
        list={list}
        label={w('muted.title')}
        empty={
          <Notice icon={BellOff} title={w('muted.empty.title')}>
            {w('muted.empty.text')}
          </Notice>
        }
        endOf={(id) => <LetGo id={id} words="unmute" act={unmute} onDone={() => void list.refresh()} />}
      />
    </SettingsShell>
  )
}

interface LetGoProps {
  id: Id
  words: 'unblock' | 'unmute' | 'unrestrict' | 'unfavourite'
  act: (username: string) => Promise<unknown>
  onDone: () => void
}

function LetGo({ id, words, act, onDone }: LetGoProps) {
  const user = userSignal(id).value
  if (!user) return null

  async function go(username: string): Promise<void> {
    try {
      await act(username)
      toast(w(`${words}.done`))
      onDone()
    } catch (error) {
      toast(problemText(error))
    }
  }

  return (
    <Button label={w(`${words}.name`, { name: user.username })} onClick={() => void go(user.username)}>
      {w(words)}
    </Button>
  )
}
