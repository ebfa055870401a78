import { MessageCircle, SquarePen } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { wideScreen } from '../../lib/wide-screen.ts'
import { Page } from '../../shell/page.tsx'
import { onTabAgain } from '../../shell/tabs.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { folderList } from './conversations.ts'
import { MessagesFrame } from './messages-frame.tsx'
import { w } from './messages-words.ts'
import { TalkList } from './talk-list.tsx'

export function InboxPage() {
  useEffect(() => onTabAgain('/messages', () => void folderList('inbox').refresh()), [])
  if (wideScreen.value) {
    return (
      <MessagesFrame title={w('title')}>
        <h1 class="unseen" tabIndex={-1}>
          {w('title')}
        </h1>
        <Notice icon={MessageCircle} title={w('choose.title')}>
          {w('choose.text')}
        </Notice>
      </MessagesFrame>
    )
  }
  return (
    <Page
      title={w('title')}
      actions={<IconButton icon={SquarePen} label={w('begin')} href="/messages/new" />}
    >
      <TalkList folder="inbox" />
      <p class="talks-note quiet">{w('plain')}</p>
    </Page>
  )
}

export function RequestsFolderPage() {
  return (
    <Page title={w('requests')} back backTo="/messages">
      <TalkList folder="requests" />
    </Page>
  )
}
