import type { Story } from '@heliograph/contract/stories'
import { BellOff, Bookmark, Flag, Trash2 } from 'lucide-preact'
import { call, isProblem } from '../../lib/api.ts'
import { navigate } from '../../lib/navigation.ts'
import { optimistic } from '../../lib/optimistic.ts'
import { me } from '../../lib/session.ts'
import { type UserRecord, userSignal } from '../../lib/store.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import type { Action } from '../../ui/menu.tsx'
import { announce, toast, toastProblem } from '../../ui/toast.tsx'
import { openReport } from '../moderation/reporting.tsx'
import { setMuted } from '../people/people-actions.ts'
import { dropStory, patchStory, readTray } from './stories-state.ts'
import { w } from './stories-words.ts'

interface Leaving {
  onDeleted: () => void
  onClose: () => void
}

/** One's own can be kept and deleted, those of others left out of the tray. */
export function storyActions(story: Story, leaving: Leaving): Action[] {
  return story.author.id === me.peek()?.id ? ownActions(story, leaving) : otherActions(story, leaving)
}

function ownActions(story: Story, { onDeleted, onClose }: Leaving): Action[] {
  return [
    {
      id: 'highlight',
      label: w('highlight.add'),
      icon: Bookmark,
      perform() {
        onClose()
        navigate(`/stories/new/highlight?story=${story.id}`)
      },
    },
    {
      id: 'delete',
      label: w('delete'),
      icon: Trash2,
      danger: true,
      perform: () => void deleteStory(story, onDeleted),
    },
  ]
}

function otherActions({ id, author }: Story, { onClose }: Leaving): Action[] {
  return [
    {
      id: 'mute',
      label: w('mute', { name: author.username }),
      icon: BellOff,
      async perform() {
        const user: UserRecord = userSignal(author.id).peek() ?? author
        const muting = user.relationship?.muting ?? []
        await setMuted(user, [...new Set([...muting, 'stories' as const])])
        toast(w('muted', { name: author.username }))
        onClose()
        await readTray()
      },
    },
    {
      id: 'report',
      label: w('report'),
      icon: Flag,
      danger: true,
      perform: () => openReport({ kind: 'story', storyId: id, author }),
    },
  ]
}

export async function deleteStory(story: Story, onDeleted: () => void): Promise<void> {
  const sure = await confirmAction({
    title: w('delete.title'),
    text: w(story.archived ? 'delete.text.archived' : 'delete.text'),
    action: w('delete'),
    danger: true,
  })
  if (!sure) return
  try {
    await call('DELETE /api/stories/:id', { params: { id: story.id } })
  } catch (error) {
    if (!isProblem(error, 'story.not_found')) return toastProblem(error)
  }
  onDeleted()
  dropStory(story.id)
  toast(w('deleted'))
  await readTray()
}

/** The same one again takes it back. */
export async function react(story: Story, emoji: string): Promise<void> {
  const before = story.reaction
  const isTakenBack = before === emoji
  const params = { id: story.id }
  await optimistic<unknown>({
    apply: () => patchStory(story.id, () => ({ reaction: isTakenBack ? null : emoji })),
    call: () =>
      isTakenBack
        ? call('DELETE /api/stories/:id/reactions', { params })
        : call('POST /api/stories/:id/reactions', { params, body: { emoji } }),
    settle: () => announce(w(isTakenBack ? 'reaction.back' : 'reaction.done', { emoji })),
    revert: () => patchStory(story.id, () => ({ reaction: before })),
    failed: toastProblem,
  })
}
