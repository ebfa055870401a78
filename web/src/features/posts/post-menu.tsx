import type { Post } from '@heliograph/contract/posts'
import {
  BellOff,
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
import { type Action, Menu } from '../../ui/menu.tsx'
import { openReport } from '../moderation/reporting.tsx'
import { setMuted, unfollow } from '../people/people-actions.ts'
import { EditSheet } from './edit-sheet.tsx'
import { copyLink, deletePost, linkOf } from './posts-actions.ts'

interface PostMenuProps {
  post: Post
  onClose: () => void
  onDeleted?: () => void
}

export function PostMenu({ post, onClose, onDeleted }: PostMenuProps) {
  const [editing, setEditing] = useState(false)
  if (editing) return <EditSheet post={post} onClose={onClose} />
  const own = post.author.id === me.value?.id
  const author = userSignal(post.author.id).value
  const actions = [
    ...(own ? editActions(post, () => setEditing(true)) : []),
    ...linkActions(post),
    ...(own ? [deleteAction(post, onDeleted)] : []),
    ...(own || !me.value || !author ? [] : authorActions(author)),
    ...(own ? [] : [reportAction(post)]),
  ]
  return (
    <Menu
      title={t('post.more')}
      actions={actions}
      onClose={(chosen) => {
        if (chosen?.id !== 'edit') onClose()
      }}
    />
  )
}

function editActions(post: Post, edit: () => void): Action[] {
  const original = post.media.length === 1 ? post.media[0]?.originalUrl : undefined
  return [
    ...(post.status === 'ready' ? [{ id: 'edit', label: t('post.edit'), icon: Pencil, perform: edit }] : []),
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
    { id: 'mute', label: t('post.mute', { name }), icon: BellOff, perform: () => setMuted(author, true) },
  ]
}
