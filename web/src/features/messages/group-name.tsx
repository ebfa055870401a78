import { limits } from '@heliograph/contract/limits'
import type { Conversation } from '@heliograph/contract/messages'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { setConversation } from './messages-acts.ts'
import { w } from './messages-words.ts'

export function GroupName({ conversation }: { conversation: Conversation }) {
  const before = conversation.name ?? ''
  const [name, setName] = useState(before)
  const [busy, setBusy] = useState(false)

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    await setConversation(conversation, { name: name.trim() || null })
    setBusy(false)
  }

  return (
    <form class="details-part details-name" onSubmit={(event) => void save(event)}>
      <TextField
        label={w('group.name')}
        hint={w('group.name.hint')}
        value={name}
        max={limits.conversationNameLength}
        onInput={setName}
      />
      {name.trim() === before ? null : (
        <Button kind="strong" type="submit" busy={busy}>
          {t('ui.save')}
        </Button>
      )}
    </form>
  )
}
