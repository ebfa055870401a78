import type { Message } from '@heliograph/contract/messages'
import { Copy, Flag, Pencil, Reply, Trash2, Undo2 } from 'lucide-preact'
import { me } from '../../lib/session.ts'
import { type Action, Menu } from '../../ui/menu.tsx'
import { toast } from '../../ui/toast.tsx'
import { openReport } from '../moderation/reporting.tsx'
import { shortText } from './conversation-row.tsx'
import { deleteForOneself, react, unsend } from './messages-acts.ts'
import { w } from './messages-words.ts'
import { isGone, senderName } from './who.ts'

interface MessageMenuProps {
  message: Message
  onReply: () => void
  onEdit: () => void
  onClose: () => void
}

const quick = ['❤️', '😂', '😮', '😢', '👏', '🔥'] as const
/** The server's rule is the same; what was opened in time and sent too late it says. */
const editableMs = 15 * 60_000

/** What can be done with a message. */
export function MessageMenu(props: MessageMenuProps) {
  return isGone(props.message) ? <GoneMenu {...props} /> : <WholeMenu {...props} />
}

/** Nothing is left but its place. */
function GoneMenu({ message, onClose }: MessageMenuProps) {
  return <Menu title={titleOf(message)} actions={[clearAction(message)]} onClose={onClose} />
}

function WholeMenu({ message, onReply, onEdit, onClose }: MessageMenuProps) {
  const own = message.senderId === me.value?.id
  const mine = message.reactions.find(({ userId }) => userId === me.value?.id)?.emoji
  const offered = mine && !quick.some((one) => one === mine) ? [...quick.slice(0, 5), mine] : quick
  return (
    <Menu
      title={titleOf(message)}
      head={
        <fieldset class="talk-quick">
          <legend class="unseen">{w('react')}</legend>
          {offered.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-pressed={emoji === mine}
              onClick={() => {
                onClose()
                void react(message, emoji)
              }}
            >
              {emoji}
            </button>
          ))}
        </fieldset>
      }
      actions={[
        { id: 'reply', label: w('reply'), icon: Reply, perform: onReply },
        ...(message.text
          ? [{ id: 'copy', label: w('copy'), icon: Copy, perform: () => copy(message.text) }]
          : []),
        ...(own ? ownActions(message, onEdit) : othersActions(message)),
      ]}
      onClose={onClose}
    />
  )
}

function titleOf(message: Message): string {
  return w('more', { name: senderName(message), text: shortText(message).slice(0, 40) })
}

function clearAction(message: Message): Action {
  return {
    id: 'clear',
    label: w('clear'),
    icon: Trash2,
    danger: true,
    perform: () => void deleteForOneself(message),
  }
}

function ownActions(message: Message, onEdit: () => void): Action[] {
  const mayEdit = message.text !== '' && Date.now() - Date.parse(message.createdAt) < editableMs
  return [
    ...(mayEdit ? [{ id: 'edit', label: w('edit'), icon: Pencil, perform: onEdit }] : []),
    clearAction(message),
    { id: 'unsend', label: w('unsend'), icon: Undo2, danger: true, perform: () => unsend(message) },
  ]
}

function othersActions(message: Message): Action[] {
  const { id, sender } = message
  if (!sender) return [clearAction(message)]
  const report = () => openReport({ kind: 'message', author: sender, messageId: id })
  return [
    clearAction(message),
    { id: 'report', label: w('report'), icon: Flag, danger: true, perform: report },
  ]
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(w('copied'))
  } catch {
    toast(w('copy.failed'))
  }
}
