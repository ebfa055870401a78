import type { Post } from '@heliograph/contract/posts'
import { Link, Share } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import { type Action, Menu } from '../../ui/menu.tsx'
import { copyLink, countShare, linkOf, shareVia } from './posts-actions.ts'

export function ShareSheet({ post, onClose }: { post: Post; onClose: () => void }) {
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
  if (typeof navigator.share === 'function') {
    actions.push({ id: 'via', label: t('post.shareVia'), icon: Share, perform: () => shareVia(post) })
  }
  return <Menu title={t('post.share.title')} actions={actions} onClose={onClose} />
}
