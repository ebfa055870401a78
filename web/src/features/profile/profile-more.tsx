import type { UserSummary } from '@heliograph/contract/accounts'
import {
  Ban,
  BellOff,
  Bookmark,
  Ellipsis,
  Flag,
  Heart,
  Link,
  LogOut,
  MessageCircleOff,
  Send,
  Settings,
  ShieldCheck,
  Star,
  UserMinus,
  UserPlus,
} from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { moderates, signOut } from '../../lib/session.ts'
import type { UserRecord } from '../../lib/store.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { type Action, Menu } from '../../ui/menu.tsx'
import { toastProblem } from '../../ui/toast.tsx'
import { loadSendTo } from '../messages/send-to.ts'
import { doorTextWaiting } from '../moderation/cases-waiting.ts'
import { openReport } from '../moderation/reporting.tsx'
import { block, removeFollower, setCloseFriend, setRestricted, unblock } from '../people/people-actions.ts'
import { copyLink } from '../posts/posts-actions.ts'

/** What else can be done about a person; on one's own profile, where else one can go. */
export function ProfileMore({ user, own }: { user: UserRecord; own: boolean }) {
  const [open, setOpen] = useState(false)
  const [muting, setMuting] = useState(false)
  const [sending, setSending] = useState(false)
  const label = own ? t('ui.more') : t('profile.more', { name: user.username })
  return (
    <>
      <IconButton icon={Ellipsis} label={label} hasPopup onClick={() => setOpen(true)} />
      {open ? (
        <Menu
          title={label}
          actions={
            own
              ? ownActions(user)
              : otherActions(
                  user,
                  () => setMuting(true),
                  () => setSending(true),
                )
          }
          onClose={() => setOpen(false)}
        />
      ) : null}
      {sending ? (
        <Lazy
          load={loadSendTo}
          props={{
            attachment: { type: 'profile' as const, user: summaryOf(user) },
            onClose: () => setSending(false),
          }}
          onFailed={() => setSending(false)}
        />
      ) : null}
      {muting ? (
        <Lazy
          load={loadMuteSheet}
          props={{ user, onClose: () => setMuting(false) }}
          onFailed={() => setMuting(false)}
        />
      ) : null}
    </>
  )
}

function summaryOf({ id, username, fullName, avatarUrl, isVerified }: UserRecord): UserSummary {
  return { id, username, fullName, avatarUrl, isVerified }
}

async function loadMuteSheet() {
  const [{ MuteSheet }, { peopleWords }] = await Promise.all([
    import('../people/mute-sheet.tsx'),
    import('../people/people-words.ts'),
  ])
  await peopleWords.load()
  return MuteSheet
}

function linkAction(user: UserRecord): Action {
  const link = new URL(`/${user.username}`, location.origin).href
  return { id: 'copy', label: t('profile.copyLink'), icon: Link, perform: () => copyLink(link) }
}

function ownActions(user: UserRecord): Action[] {
  const go = (to: string) => () => navigate(to)
  return [
    { id: 'saved', label: t('nav.saved'), icon: Bookmark, perform: go('/saved') },
    { id: 'likes', label: t('nav.likes'), icon: Heart, perform: go('/likes') },
    { id: 'requests', label: t('nav.requests'), icon: UserPlus, perform: go('/requests') },
    ...(moderates.value
      ? [
          {
            id: 'moderation',
            label: doorTextWaiting(),
            icon: ShieldCheck,
            perform: go('/moderation'),
          },
        ]
      : []),
    { id: 'settings', label: t('nav.settings'), icon: Settings, perform: go('/settings') },
    linkAction(user),
    {
      id: 'out',
      label: t('nav.signOut'),
      icon: LogOut,
      perform: () => signOut().then(() => navigate('/', { replace: true }), toastProblem),
    },
  ]
}

function closeFriendAction(user: UserRecord, isListed: boolean): Action {
  return {
    id: 'close',
    label: t(isListed ? 'profile.closeFriend.remove' : 'profile.closeFriend.add'),
    icon: Star,
    perform: () => setCloseFriend(user, !isListed),
  }
}

function otherActions(user: UserRecord, mute: () => void, send: () => void): Action[] {
  const relation = user.relationship
  const muted = (relation?.muting.length ?? 0) > 0
  return [
    linkAction(user),
    { id: 'send', label: t('post.sendTo'), icon: Send, perform: send },
    ...(relation && !relation.blocking ? [closeFriendAction(user, relation.closeFriend)] : []),
    {
      id: 'mute',
      label: t(muted ? 'profile.mute.change' : 'profile.mute'),
      icon: BellOff,
      perform: mute,
    },
    {
      id: 'restrict',
      label: t(relation?.restricting ? 'profile.unrestrict' : 'profile.restrict'),
      icon: MessageCircleOff,
      perform: () => setRestricted(user, !relation?.restricting),
    },
    ...(relation?.followedBy
      ? [
          {
            id: 'remove',
            label: t('profile.removeFollower'),
            icon: UserMinus,
            perform: () => removeFollower(user),
          },
        ]
      : []),
    relation?.blocking
      ? { id: 'unblock', label: t('profile.unblock'), icon: Ban, perform: () => unblock(user) }
      : { id: 'block', label: t('profile.block'), icon: Ban, danger: true, perform: () => block(user) },
    {
      id: 'report',
      label: t('profile.report'),
      icon: Flag,
      danger: true,
      perform: () => openReport({ kind: 'account', author: user }),
    },
  ]
}
