import type { Id } from '@heliograph/contract/common'
import { Star } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { me } from '../../lib/session.ts'
import { putUser, userSignal } from '../../lib/store.ts'
import { useFound } from '../../lib/use-found.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { findPeople } from '../people/find-people.ts'
import { setCloseFriend } from '../people/people-actions.ts'
import { PeopleList, peoplePaginator } from '../people/people-list.tsx'
import { PersonRow } from '../people/person-row.tsx'
import { Section, SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

const listed = () =>
  peoplePaginator('close-friends', (cursor, signal) =>
    call('GET /api/me/close-friends', { query: { cursor }, signal }),
  )
const followed = (username: string) =>
  peoplePaginator(`user:${username}:following`, (cursor, signal) =>
    call('GET /api/users/:username/following', { params: { username }, query: { cursor }, signal }),
  )

const findFollowed = async (words: string, signal: AbortSignal) =>
  (await findPeople(words, signal))
    .filter(({ relationship }) => relationship?.following === 'yes')
    .map(putUser)

/** Who is on the list, and whom one could put there: of those one follows. */
export function CloseFriendsPage() {
  const [name, setName] = useState('')
  const { found, problem, again } = useFound(name.trim(), findFollowed)
  const onList = listed().items.value
  return (
    <SettingsShell title={w('close.title')} at="/settings/privacy" backTo="/settings/privacy">
      {(user) => (
        <>
          <p class="settings-form">{w('close.text')}</p>
          <div class="settings-form">
            <TextField
              label={w('close.search')}
              type="search"
              autoCapitalize="none"
              value={name}
              onInput={setName}
            />
          </div>
          {name.trim() === '' ? (
            <>
              <Section title={w('close.listed')}>
                <PeopleList
                  list={listed()}
                  label={w('close.listed')}
                  empty={
                    <Notice icon={Star} title={w('close.empty.title')}>
                      {w('close.empty.text')}
                    </Notice>
                  }
                  endOf={(id) => <OnList id={id} />}
                />
              </Section>
              <Section title={w('close.followed')}>
                <PeopleList
                  list={followed(user.username)}
                  label={w('close.followed')}
                  without={onList}
                  empty={
                    <p class="settings-form quiet">
                      {w(onList.length > 0 ? 'close.followed.all' : 'close.followed.none')}
                    </p>
                  }
                  endOf={(id) => <OnList id={id} />}
                />
              </Section>
            </>
          ) : (
            <Section title={w('close.found')}>
              {problem ? <ProblemNotice error={problem} onRetry={again} /> : null}
              {found?.length === 0 ? (
                <p class="settings-form quiet" role="status">
                  {w('close.found.none')}
                </p>
              ) : null}
              <ul class="people" aria-label={w('close.found')}>
                {found?.map((id) => (
                  <PersonRow key={id} id={id} end={<OnList id={id} />} />
                ))}
              </ul>
            </Section>
          )}
        </>
      )}
    </SettingsShell>
  )
}

/** The person stays in the list in which they were found, so that a slip can be put right at once. */
function OnList({ id }: { id: Id }) {
  const user = userSignal(id).value
  if (!user || user.id === me.value?.id) return null
  const isListed = user.relationship?.closeFriend === true
  const words = isListed ? 'close.remove' : 'close.add'
  return (
    <Button
      kind={isListed ? 'plain' : 'strong'}
      label={w(`${words}.name`, { name: user.username })}
      onClick={() => void setCloseFriend(user, !isListed)}
    >
      {w(words)}
    </Button>
  )
}
