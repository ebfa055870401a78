import type { UserSummary } from '@heliograph/contract/accounts'
import type { Id } from '@heliograph/contract/common'
import { limits } from '@heliograph/contract/limits'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { folderList, sorted, watchConversations } from './conversations.ts'
import { Faces } from './faces.tsx'
import { openConversation } from './messages-acts.ts'
import { w } from './messages-words.ts'
import type { OutgoingAttachment } from './outgoing.ts'
import { PeoplePicker } from './people-picker.tsx'
import { send } from './send-queue.ts'
import { othersOf, titleOf } from './who.ts'

interface SendToSheetProps {
  attachment: OutgoingAttachment
  /** Who else may see it, where not everybody may. */
  note?: string | undefined
  onSent?: () => void
  onClose: () => void
}

const recentMax = 6
const chosenMax = 10

/** Passes a post, a Story or a profile on: to conversations there are, or to people, each for themselves. */
export function SendToSheet({ attachment, note, onSent, onClose }: SendToSheetProps) {
  const [people, setPeople] = useState<UserSummary[]>([])
  const [talks, setTalks] = useState<ReadonlySet<Id>>(new Set())
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const list = folderList('inbox')
  useEffect(() => {
    watchConversations()
    if (!list.started.peek()) void list.refresh()
  }, [list])
  const recent = sorted(list.items.value, 'inbox')
    .filter(({ mayWrite }) => mayWrite)
    .slice(0, recentMax)
  const offered = recent
    .filter(({ kind }) => kind === 'direct')
    .flatMap((one) => othersOf(one).map(({ id }) => id))
  const count = people.length + talks.size

  function toggle(id: Id): void {
    const next = new Set(talks)
    if (!next.delete(id)) next.add(id)
    setTalks(next)
  }

  async function sendAll(): Promise<void> {
    setBusy(true)
    const to = new Set(talks)
    for (const { username } of people) {
      const id = await openConversation([username])
      if (id) to.add(id)
    }
    for (const conversationId of to)
      send({ conversationId, text: text.trim(), attachments: [attachment], replyTo: null })
    if (to.size > 0) {
      toast(w('sendTo.done', { count: to.size }))
      onSent?.()
    }
    onClose()
  }

  return (
    <Sheet
      title={w('sendTo')}
      tall
      onClose={onClose}
      action={
        <Button kind="quiet" busy={busy} disabled={count === 0} onClick={() => void sendAll()}>
          {w('send')}
        </Button>
      }
    >
      <div class="picker-name">
        {note ? <p class="quiet">{note}</p> : null}
        <TextField label={w('sendTo.text')} value={text} max={limits.messageLength} onInput={setText} />
      </div>
      {recent.length > 0 ? (
        <ul class="talks-recent" aria-label={w('title')}>
          {recent.map((one) => (
            <li key={one.id}>
              <label class="person picker-person">
                <Faces conversation={one} size={40} />
                <span class="person-names">
                  <bdi class="person-name">{titleOf(one)}</bdi>
                </span>
                <input
                  type="checkbox"
                  checked={talks.has(one.id)}
                  disabled={!talks.has(one.id) && count >= chosenMax}
                  onChange={() => toggle(one.id)}
                />
              </label>
            </li>
          ))}
        </ul>
      ) : null}
      <PeoplePicker chosen={people} onChoose={setPeople} max={chosenMax - talks.size} notOffered={offered} />
    </Sheet>
  )
}
