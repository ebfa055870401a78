import type { Id } from '@heliograph/contract/common'
import { EyeOff } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { refreshPaginators } from '../../lib/paging.ts'
import { me } from '../../lib/session.ts'
import { putRelationship, putUser, userSignal } from '../../lib/store.ts'
import { useFound } from '../../lib/use-found.ts'
import { Button } from '../../ui/button.tsx'
import { Switch, TextField } from '../../ui/field.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { toastProblem } from '../../ui/toast.tsx'
import { findPeople } from '../people/find-people.ts'
import { PeopleList, peoplePaginator } from '../people/people-list.tsx'
import { PersonRow } from '../people/person-row.tsx'
import { w as s } from '../stories/stories-words.ts'
import { choosePreference } from './choose-preference.ts'
import { Row, Section, SettingsShell } from './settings-shell.tsx'

const hiddenFrom = () =>
  peoplePaginator('story-hidden', (cursor, signal) =>
    call('GET /api/me/story-hidden-from', { query: { cursor }, signal }),
  )

const findOthers = async (words: string, signal: AbortSignal) =>
  (await findPeople(words, signal)).filter(({ id }) => id !== me.peek()?.id).map(putUser)

/** What stays of one's Stories, and who does not see them. */
export function StorySettingsPage() {
  const [name, setName] = useState('')
  const { found, problem, again } = useFound(name.trim().toLowerCase(), findOthers)
  return (
    <SettingsShell title={s('tray')} at="/settings/privacy" backTo="/settings/privacy">
      {(user) => (
        <>
          <Section title={s('archive.title')}>
            <Switch
              label={s('archive.keep')}
              hint={s('archive.keep.hint')}
              checked={user.keepStoryArchive}
              onChange={(keepStoryArchive) => void choosePreference({ keepStoryArchive })}
            />
            <Row href="/settings/story-archive">{s('archive.see')}</Row>
          </Section>
          <Section title={s('hidden.title')}>
            <p class="settings-form quiet">{s('hidden.text')}</p>
            <div class="settings-form">
              <TextField
                label={s('hidden.search')}
                type="search"
                autoCapitalize="none"
                value={name}
                onInput={setName}
              />
            </div>
            {name.trim() === '' ? (
              <PeopleList
                list={hiddenFrom()}
                label={s('hidden.listed')}
                empty={
                  <Notice icon={EyeOff} title={s('hidden.empty.title')}>
                    {s('hidden.empty.text')}
                  </Notice>
                }
                endOf={(id) => <Hidden id={id} isListed />}
              />
            ) : (
              <>
                {problem ? <ProblemNotice error={problem} onRetry={again} /> : null}
                {found?.length === 0 ? (
                  <p class="settings-form quiet" role="status">
                    {s('hidden.found.none')}
                  </p>
                ) : null}
                <ul class="people" aria-label={s('hidden.found')}>
                  {found?.map((id) => (
                    <PersonRow key={id} id={id} end={<Hidden id={id} />} />
                  ))}
                </ul>
              </>
            )}
          </Section>
        </>
      )}
    </SettingsShell>
  )
}

/** The person stays where they are in the list, so that a slip can be put right at once. */
function Hidden({ id, isListed = false }: { id: Id; isListed?: boolean }) {
  const user = userSignal(id).value
  if (!user) return null
  const isHidden = user.relationship?.storyHidden ?? isListed
  const words = isHidden ? 'hidden.remove' : 'hidden.add'
  async function change(): Promise<void> {
    const params = { username: user?.username ?? '' }
    try {
      const { relationship } = isHidden
        ? await call('DELETE /api/users/:username/story-hidden', { params })
        : await call('PUT /api/users/:username/story-hidden', { params })
      putRelationship(id, relationship)
      if (!isListed) refreshPaginators('story-hidden')
    } catch (error) {
      toastProblem(error)
    }
  }
  return (
    <Button
      kind={isHidden ? 'plain' : 'strong'}
      label={s(`${words}.name`, { name: user.username })}
      onClick={() => void change()}
    >
      {s(words)}
    </Button>
  )
}
