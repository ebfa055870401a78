import type { Post } from '@heliograph/contract/posts'
import { GalleryVerticalEnd, Link, Send, Share } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { me } from '../../lib/session.ts'
import { Lazy } from '../../ui/lazy.tsx'
import { type Action, Menu } from '../../ui/menu.tsx'
import { loadSendTo } from '../messages/send-to.ts'
import { copyLink, countShare, linkOf, shareVia } from './posts-actions.ts'

export function ShareSheet({ post, onClose }: { post: Post; onClose: () => void }) {
  const [sending, setSending] = useState(false)
  if (sending) {
    const { id, author, caption, media } = post
    const shared = { id, author, caption, media: media.slice(0, 1), mediaCount: media.length }
    return (
      <Lazy
        load={loadSendTo}
        props={{
          attachment: { type: 'post' as const, post: shared },
          onSent: () => void countShare(id),
          onClose,
        }}
        onFailed={onClose}
      />
    )
  }
  const actions: Action[] = [
    {
      id: 'copy',
      label: t('post.copyLink'),
      icon: Link,
      async perform() {
        if (await copyLink(linkOf(post))) await countShare(post.id)
      },
    },
  ]
  // To people, as messages; to those who follow, for a day.
  if (me.value) {
    actions.unshift(
      { id: 'send', label: t('post.sendTo'), icon: Send, perform: () => setSending(true) },
      {
        id: 'story',
        label: t('post.share.story'),
        icon: GalleryVerticalEnd,
        perform: () => navigate(`/stories/new?post=${post.id}`),
      },
    )
  }
  if (typeof navigator.share === 'function') {
    actions.push({ id: 'via', label: t('post.shareVia'), icon: Share, perform: () => shareVia(post) })
  }
  return (
    <Menu
      title={t('post.share.title')}
      actions={actions}
      onClose={(chosen) => {
        // The next sheet takes its place.
        if (chosen?.id !== 'send') onClose()
      }}
    />
  )
}
