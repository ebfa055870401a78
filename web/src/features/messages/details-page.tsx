import type { UserSummary } from '@heliograph/contract/accounts'
import { limits } from '@heliograph/contract/limits'
import type { Conversation } from '@heliograph/contract/messages'
import { Ban, Flag, LogOut, type LucideIcon, MessageCircleOff, Trash2, UserPlus } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { wideScreen } from '../../lib/wide-screen.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/page-props.ts'
import { Button } from '../../ui/button.tsx'
import { Switch } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toastProblem } from '../../ui/toast.tsx'
import { openReport } from '../moderation/reporting.tsx'
import { conversationSignal, readConversation, watchConversations } from './conversations.ts'
import { Faces } from './faces.tsx'
import { GroupName } from './group-name.tsx'
import { GroupPicture } from './group-picture.tsx'
import { MemberRow } from './member-row.tsx'
import { addMembers, blockPerson, deleteConversation, leave, setConversation } from './messages-acts.ts'
import { MessagesFrame, TalkHead } from './messages-frame.tsx'
import { w } from './messages-words.ts'
import { PeoplePicker } from './people-picker.tsx'
import { othersOf, titleOf } from './who.ts'

/** Who is in a conversation, and what can be done with it. */
export function DetailsPage({ params }: PageProps) {
  const id = params.id ?? ''
  const conversation = conversationSignal(id).value
  useEffect(() => {
    watchConversations()
    readConversation(id).catch(toastProblem)
  }, [id])
  const title = w('details')
  const backTo = conversation === null ? '/messages' : `/messages/${id}`
  const body =
    conversation === null ? (
      <Notice icon={MessageCircleOff} title={w('notFound.title')}>
        {w('notFound.text')}
      </Notice>
    ) : conversation ? (
      <Details conversation={conversation} />
    ) : null
  if (!wideScreen.value)
    return (
      <Page title={title} back backTo={backTo}>
        {body}
      </Page>
    )
  return (
    <MessagesFrame title={title}>
      <TalkHead title={title} backTo={backTo} />
      <div class="details-scroll">{body}</div>
    </MessagesFrame>
  )
}

function Details({ conversation }: { conversation: Conversation }) {
  const { kind, isAdmin, members, muted } = conversation
  const group = kind === 'group'
  const other = group ? undefined : othersOf(conversation)[0]
  const [adding, setAdding] = useState(false)
  const room = limits.conversationMembers - members.length

  async function go(act: (one: Conversation) => Promise<boolean>): Promise<void> {
    if (await act(conversation)) navigate('/messages', { replace: true })
  }

  return (
    <div class="details">
      <div class="talk-beginning">
        <Faces conversation={conversation} size={88} />
        <p class="talk-beginning-name">
          <bdi>{titleOf(conversation)}</bdi>
        </p>
      </div>
      {group && isAdmin ? (
        <>
          <GroupPicture conversation={conversation} />
          <GroupName key={conversation.name} conversation={conversation} />
        </>
      ) : null}
      <div class="details-part">
        <Switch
          label={w('mute')}
          hint={w('mute.hint')}
          checked={muted}
          onChange={(on) => void setConversation(conversation, { muted: on })}
        />
      </div>
      <section class="details-part" aria-labelledby="details-members">
        <h2 id="details-members">{w('members', { count: members.length })}</h2>
        {group && isAdmin && room > 0 ? (
          <button type="button" class="details-act" onClick={() => setAdding(true)}>
            <Icon of={UserPlus} size={22} />
            {w('member.add')}
          </button>
        ) : null}
        <ul aria-label={w('members', { count: members.length })}>
          {members.map((member) => (
            <MemberRow key={member.userId} conversation={conversation} member={member} />
          ))}
        </ul>
      </section>
      <div class="details-part">
        {group ? <DangerAct icon={LogOut} label={w('leave')} onClick={() => void go(leave)} /> : null}
        <DangerAct icon={Trash2} label={w('delete.long')} onClick={() => void go(deleteConversation)} />
        {other?.username ? (
          <>
            <DangerAct icon={Ban} label={w('block')} onClick={() => void go(() => blockPerson(other))} />
            <DangerAct
              icon={Flag}
              label={w('report')}
              onClick={() => openReport({ kind: 'account', author: other })}
            />
          </>
        ) : null}
        <p class="talks-note quiet">{w('plain')}</p>
      </div>
      {adding ? <AddSheet conversation={conversation} room={room} onClose={() => setAdding(false)} /> : null}
    </div>
  )
}

function DangerAct({ icon, label, onClick }: { icon: LucideIcon; label: string; onClick: () => void }) {
  return (
    <button type="button" class="details-act details-danger" onClick={onClick}>
      <Icon of={icon} size={22} />
      {label}
    </button>
  )
}

interface AddSheetProps {
  conversation: Conversation
  room: number
  onClose: () => void
}

function AddSheet({ conversation, room, onClose }: AddSheetProps) {
  const [chosen, setChosen] = useState<UserSummary[]>([])
  const [busy, setBusy] = useState(false)

  async function add(): Promise<void> {
    setBusy(true)
    await addMembers(
      conversation,
      chosen.map(({ username }) => username),
    )
    onClose()
  }

  return (
    <Sheet
      title={w('member.add')}
      tall
      onClose={onClose}
      action={
        <Button kind="quiet" busy={busy} disabled={chosen.length === 0} onClick={() => void add()}>
          {t('ui.done')}
        </Button>
      }
    >
      <p class="talks-note quiet">{w('member.add.text')}</p>
      <PeoplePicker
        chosen={chosen}
        onChoose={setChosen}
        without={conversation.members.map(({ userId }) => userId)}
        max={room}
      />
    </Sheet>
  )
}
