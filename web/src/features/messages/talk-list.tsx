import type { ConversationFolder } from '@heliograph/contract/messages'
import { ChevronRight, Inbox, MessageCirclePlus, SquarePen } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { ConversationRow } from './conversation-row.tsx'
import { folderList, sorted, watchConversations } from './conversations.ts'
import { inboxCount } from './inbox-count.ts'
import { w } from './messages-words.ts'

interface TalkListProps {
  folder: ConversationFolder
  /** Beside a conversation, with a head of its own. */
  beside?: boolean
}

/** Where the list stood beside the conversation before. */
let keptScroll = 0

/** The conversations of a folder, the newest first; requests are behind a line of their own. */
export function TalkList({ folder, beside }: TalkListProps) {
  const list = folderList(folder)
  const [root, setRoot] = useState<HTMLElement | null>(null)
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    watchConversations()
    if (list.started.peek()) void list.freshen()
    else void list.refresh()
  }, [list])
  useEffect(() => {
    if (!beside || !box.current) return
    setRoot(box.current)
    box.current.scrollTop = keptScroll
    const element = box.current
    const keep = () => {
      keptScroll = element.scrollTop
    }
    element.addEventListener('scroll', keep, { passive: true })
    return () => element.removeEventListener('scroll', keep)
  }, [beside])

  const conversations = sorted(list.items.value, folder)
  const body = (
    <>
      {folder === 'inbox' ? <RequestsLine /> : <p class="talks-note quiet">{w('requests.note')}</p>}
      {list.started.value ? null : list.status.value === 'error' ? (
        <ProblemNotice error={list.problem.value} onRetry={() => void list.refresh()} />
      ) : (
        <SkeletonPeople />
      )}
      {list.started.value && conversations.length === 0 && list.status.value === 'done' ? (
        <Empty folder={folder} />
      ) : null}
      <ul aria-label={w(folder === 'inbox' ? 'title' : 'requests')}>
        {conversations.map((one) => (
          <ConversationRow key={one.id} conversation={one} />
        ))}
      </ul>
      {list.started.value ? <ListEnd list={list} root={beside ? root : null} /> : null}
    </>
  )
  if (!beside) return body
  return (
    <aside class="talks-beside" ref={box} aria-label={w('title')}>
      <div class="talks-beside-head">
        <a href="/messages">{w('title')}</a>
        <IconButton icon={SquarePen} label={w('begin')} href="/messages/new" />
      </div>
      {body}
    </aside>
  )
}

function RequestsLine() {
  const { requests } = inboxCount.value
  if (requests === 0) return null
  return (
    <a class="talks-requests" href="/messages/requests">
      <Icon of={Inbox} size={22} />
      <span>{w('requests.count', { count: requests })}</span>
      <Icon of={ChevronRight} size={20} />
    </a>
  )
}

function Empty({ folder }: { folder: ConversationFolder }) {
  if (folder === 'requests') {
    return (
      <Notice icon={Inbox} title={w('requests.empty.title')}>
        {w('requests.empty.text')}
      </Notice>
    )
  }
  return (
    <Notice
      icon={MessageCirclePlus}
      title={w('empty.title')}
      action={
        <Button kind="primary" href="/messages/new">
          {w('begin')}
        </Button>
      }
    >
      {w('empty.text')}
    </Notice>
  )
}
