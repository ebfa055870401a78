import { limits } from '@heliograph/contract/limits'
import type { ModerationCase } from '@heliograph/contract/moderation'
import { useState } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { m } from './moderation-words.ts'

interface RemoveSheetProps {
  item: ModerationCase
  onClose: () => void
  onRemove: (note: string) => void
}

/** What follows from it, before it is done, and room for the reason. */
export function RemoveSheet({ item: { subject, author }, onClose, onRemove }: RemoveSheetProps) {
  const [note, setNote] = useState('')
  const name = author.username
  return (
    <Sheet title={m(`remove.title.${subject}`, { name })} onClose={onClose}>
      <form
        class="case-remove"
        onSubmit={(event) => {
          event.preventDefault()
          onRemove(note.trim())
        }}
      >
        <p>{m(`remove.text.${subject}`, { name })}</p>
        <TextArea
          label={m('note')}
          value={note}
          rows={3}
          max={limits.moderationNoteLength}
          onInput={setNote}
        />
        <Button kind="danger" type="submit" wide>
          {m(subject === 'account' ? 'suspend' : 'remove')}
        </Button>
      </form>
    </Sheet>
  )
}
