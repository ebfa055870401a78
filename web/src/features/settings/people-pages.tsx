import type { Id } from '@heliograph/contract/common'
import { Ban, BellOff, type LucideIcon, MessageCircleOff, Star } from 'lucide-preact'
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
  const unblock = (username: string) => call('DELETE /api/users/:username/block', { params: { username } })
  return <PrivacyList of="blocked" icon={Ban} list={blocked()} words="unblock" act={unblock} />
}

export function RestrictedPage() {
  const unrestrict = (username: string) =>
    call('DELETE /api/users/:username/restrict', { params: { username } })
  return (
    <PrivacyList
      of="restricted"
      icon={MessageCircleOff}
      list={restricted()}
      words="unrestrict"
      act={unrestrict}
    />
  )
}

export function MutedPage() {
  const unmute = (username: string) => call('DELETE /api/users/:username/mute', { params: { username } })
  return (
    <PrivacyList of="muted" icon={BellOff} list={muted()} words="unmute" act={unmute} noteOf={mutedWhat} />
  )
}

function mutedWhat(id: Id): string | undefined {
  const muting = userSignal(id).value?.relationship?.muting ?? []
  if (muting.length === 0) return undefined
  return w(muting.length > 1 ? 'muted.both' : muting.includes('posts') ? 'muted.posts' : 'muted.stories')
}

interface PrivacyListProps extends Pick<LetGoProps, 'words' | 'act'> {
  of: 'blocked' | 'restricted' | 'muted'
  icon: LucideIcon
  list: Paginator<Id>
  noteOf?: (id: Id) => string | undefined
}

/** People with whom one has done something, each with a way to take it back. */
function PrivacyList({ of, icon, list, words, act, noteOf }: PrivacyListProps) {
  return (
    <SettingsShell title={w(`${of}.title`)} at="/settings/privacy" backTo="/settings/privacy">
      <PeopleList
        list={list}
        label={w(`${of}.title`)}
        empty={
          <Notice icon={icon} title={w(`${of}.empty.title`)}>
            {w(`${of}.empty.text`)}
          </Notice>
        }
        endOf={(id) => <LetGo id={id} words={words} act={act} onDone={() => void list.refresh()} />}
        {...(noteOf ? { noteOf } : {})}
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
