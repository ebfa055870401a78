import type { Post } from '@heliograph/contract/posts'
import {
  BellOff,
  CircleQuestionMark,
  EyeOff,
  Flag,
  ImageIcon,
  Link,
  Pencil,
  SquareArrowOutUpRight,
  Trash2,
  UserMinus,
} from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { me } from '../../lib/session.ts'
import { type UserRecord, userSignal } from '../../lib/store.ts'
import { Lazy } from '../../ui/lazy.tsx'
import { type Action, Menu } from '../../ui/menu.tsx'
import { feedMode } from '../feed/feed-mode.ts'
import { openReport } from '../moderation/reporting.tsx'
import { setMuted, unfollow } from '../people/people-actions.ts'
import { EditSheet } from './edit-sheet.tsx'
import { setHidden } from './hide-post.ts'
import { copyLink, deletePost, linkOf } from './posts-actions.ts'

interface PostMenuProps {
  post: Post
  onClose: () => void
  onDeleted?: () => void
}

export function PostMenu({ post, onClose, onDeleted }: PostMenuProps) {
  const [opened, setOpened] = useState<'edit' | 'why' | undefined>(undefined)
  if (opened === 'edit') return <EditSheet post={post} onClose={onClose} />
  if (opened === 'why') return <Lazy load={loadWhy} props={{ post, onClose }} onFailed={onClose} />
  const own = post.author.id === me.value?.id
  const author = userSignal(post.author.id).value
  const actions = [
    ...(own ? editActions(post, () => setOpened('edit')) : []),
    ...linkActions(post),
    ...(own ? [deleteAction(post, onDeleted)] : []),
    ...(own || !me.value || !author
      ? []
      : [...feedActions(post, () => setOpened('why')), ...authorActions(author)]),
    ...(own ? [] : [reportAction(post)]),
  ]
  return (
    <Menu
      title={t('post.more')}
      actions={actions}
      onClose={(chosen) => {
        if (chosen?.id !== 'edit' && chosen?.id !== 'why') onClose()
      }}
    />
  )
}

async function loadWhy() {
  const [{ WhySheet }, { feedWords }] = await Promise.all([
    import('../feed/why-sheet.tsx'),
    import('../feed/feed-words.ts'),
  ])
  await feedWords.load()
  return WhySheet
}

/** Why it stands in the feed, where that has more reasons than the time; and less of it. */
function feedActions(post: Post, explain: () => void): Action[] {
  const isRanked = post.reason !== undefined && feedMode.value === 'ranked'
  return [
    ...(isRanked ? [{ id: 'why', label: t('post.why'), icon: CircleQuestionMark, perform: explain }] : []),
    { id: 'less', label: t('post.less'), icon: EyeOff, perform: () => setHidden(post.id, true) },
  ]
}

function editActions(post: Post, edit: () => void): Action[] {
  const original = post.media.length === 1 ? post.media[0]?.originalUrl : undefined
  return [
    ...(post.status === 'ready' || post.status === 'review'
      ? [{ id: 'edit', label: t('post.edit'), icon: Pencil, perform: edit }]
      : []),
    ...(original
      ? [
          {
            id: 'original',
            label: t('post.openOriginal'),
            icon: ImageIcon,
            perform: () => open(original, '_blank', 'noopener'),
          },
        ]
      : []),
  ]
}

function deleteAction(post: Post, deleted?: () => void): Action {
  return {
    id: 'delete',
    label: t('post.delete'),
    icon: Trash2,
    danger: true,
    async perform() {
      if (await deletePost(post)) deleted?.()
    },
  }
}

function reportAction({ id: postId, author }: Post): Action {
  return {
    id: 'report',
    label: t('post.report'),
    icon: Flag,
    danger: true,
    perform: () => openReport({ kind: 'post', postId, author }),
  }
}

function linkActions(post: Post): Action[] {
  const address = `/p/${post.id}`
  const go = {
    id: 'go',
    label: t('post.goTo'),
    icon: SquareArrowOutUpRight,
    perform: () => navigate(address),
  }
  const copy = { id: 'copy', label: t('post.copyLink'), icon: Link, perform: () => copyLink(linkOf(post)) }
  return place.value.path === address ? [copy] : [go, copy]
}

function authorActions(author: UserRecord): Action[] {
  const name = author.username
  const follows = author.relationship ? author.relationship.following === 'yes' : place.value.path === '/'
  return [
    ...(follows
      ? [
          {
            id: 'unfollow',
            label: t('post.unfollow', { name }),
            icon: UserMinus,
            perform: () => unfollow(author),
          },
        ]
      : []),
    {
      id: 'mute',
      label: t('post.mute', { name }),
      icon: BellOff,
      perform: () => setMuted(author, ['posts', 'stories']),
    },
  ]
}
