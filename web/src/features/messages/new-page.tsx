import type { UserSummary } from '@heliograph/contract/accounts'
import { limits } from '@heliograph/contract/limits'
import { useState } from 'preact/hooks'
import { navigate } from '../../lib/navigation.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { openConversation } from './messages-acts.ts'
import { w } from './messages-words.ts'
import { PeoplePicker } from './people-picker.tsx'

/** Whom to write to: one person, or several as a group, which may have a name. */
export function NewConversationPage() {
  const [chosen, setChosen] = useState<UserSummary[]>([])
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const isGroup = chosen.length > 1

  async function begin(): Promise<void> {
    setBusy(true)
    const id = await openConversation(
      chosen.map(({ username }) => username),
      isGroup ? name.trim() : '',
    )
    setBusy(false)
    if (id) navigate(`/messages/${id}`, { replace: true })
  }

  return (
    <Page
      title={w('begin')}
      back
      backTo="/messages"
      actions={
        chosen.length > 0 ? (
          <Button kind="primary" busy={busy} onClick={() => void begin()}>
            {w(isGroup ? 'begin.group' : 'begin.one')}
          </Button>
        ) : undefined
      }
    >
      {isGroup ? (
        <div class="picker-name">
          <TextField
            label={w('group.name')}
            hint={w('group.name.hint')}
            value={name}
            max={limits.conversationNameLength}
            onInput={setName}
          />
        </div>
      ) : null}
      <PeoplePicker chosen={chosen} onChoose={setChosen} max={limits.conversationMembers - 1} />
    </Page>
  )
}
