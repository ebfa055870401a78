import type { Notification } from '@heliograph/contract/notifications'
import { CircleAlert, Flag, ShieldAlert } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { userSignal } from '../../lib/store.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { useOver } from '../messages/story-end.ts'
import { FollowButton } from '../people/follow-button.tsx'
import { answerRequest } from '../people/people-actions.ts'
import { Sentence, targetOf } from './notification-sentence.tsx'
import { n } from './notification-words.ts'

interface RowProps {
  item: Notification
  onAnswered: () => void
}

interface TellingProps extends RowProps {
  /** The Story that it is about has ended: what it says now is to be asked for. */
  onOver: () => void
}

/** One line: who, what and when; at its end what it is about, or the answer to it. */
export function NotificationRow({ item, onAnswered, onOver }: TellingProps) {
  const { id, kind, isNew, isRead, latestAt, post } = item
  const isOver = useOver(item.story, onOver)
  const story = isOver ? undefined : item.story
  // An answer outlives its Story, as the message does.
  if (isOver && kind !== 'story_reply') return null
  const target = targetOf(item, me.value?.username ?? '')
  const picture = post?.thumbnailUrl ?? story?.thumbnailUrl
  return (
    <li class="told" data-new={isNew}>
      <a
        class="told-link"
        href={target}
        onClick={() => {
          if (!isRead) void call('PUT /api/notifications/:id/read', { params: { id } }).catch(() => undefined)
        }}
      >
        <Faces item={item} />
        <span class="told-words">
          <span class="told-text">
            <Sentence item={item} />
            {story?.emoji ? ` ${story.emoji}` : ''}
          </span>{' '}
          <span class="told-time quiet">
            <TimeAgo iso={latestAt} />
            {isNew ? <span class="told-new">{n('isNew')}</span> : null}
          </span>
        </span>
        {picture ? (
          <img class="told-picture" src={picture} alt="" width={44} height={44} loading="lazy" />
        ) : null}
      </a>
      {kind === 'request' ? <AnswerRequest item={item} onAnswered={onAnswered} /> : null}
      {kind === 'follow' && item.peopleCount === 1 ? <FollowBack item={item} /> : null}
    </li>
  )
}

const signs = { decision: Flag, failed: CircleAlert }

/** Up to two pictures of people, one before the other; a sign where nobody is named. */
function Faces({ item }: { item: Notification }) {
  const { kind, people } = item
  if (people.length === 0) {
    return (
      <span class="told-sign" aria-hidden="true">
        <Icon of={signs[kind as keyof typeof signs] ?? ShieldAlert} size={22} />
      </span>
    )
  }
  const [first, second] = people
  return (
    <span class={`told-faces${second ? ' told-faces-two' : ''}`}>
      {second ? <Avatar user={second} size={32} /> : null}
      {first ? <Avatar user={first} size={second ? 32 : 44} /> : null}
    </span>
  )
}

function FollowBack({ item }: { item: Notification }) {
  const user = userSignal(item.people[0]?.id ?? '').value
  return user ? <FollowButton user={user} /> : null
}

function AnswerRequest({ item, onAnswered }: RowProps) {
  const [busy, setBusy] = useState(false)
  const user = userSignal(item.people[0]?.id ?? '').value
  if (!user) return null
  async function answer(accept: boolean): Promise<void> {
    setBusy(true)
    if (user && (await answerRequest(user, accept))) onAnswered()
    setBusy(false)
  }
  return (
    <span class="told-answers">
      <Button
        kind="strong"
        busy={busy}
        label={t('requests.accept.name', { name: user.username })}
        onClick={() => void answer(true)}
      >
        {t('requests.accept')}
      </Button>
      <Button
        kind="quiet"
        busy={busy}
        label={t('requests.refuse.name', { name: user.username })}
        onClick={() => void answer(false)}
      >
        {t('requests.refuse')}
      </Button>
    </span>
  )
}
