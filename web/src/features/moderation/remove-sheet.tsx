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
  const [tried, setTried] = useState(false)
  const name = author.username
  // Whoever is suspended reads it when they sign in.
  const isMissing = subject === 'account' && note.trim() === ''
  return (
    <Sheet title={m(`remove.title.${subject}`, { name })} onClose={onClose}>
      <form
        class="case-remove"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (!isMissing) onRemove(note.trim())
        }}
      >
        <p>{m(`remove.text.${subject}`, { name })}</p>
        <TextArea
          label={m(subject === 'account' ? 'note.needed' : 'note')}
          error={tried && isMissing ? m('note.missing') : undefined}
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
