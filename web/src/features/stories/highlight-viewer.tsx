import type { Highlight } from '@heliograph/contract/stories'
import { Pencil, Trash2 } from 'lucide-preact'
import { call } from '../../lib/api.ts'
import { navigate } from '../../lib/navigation.ts'
import { me } from '../../lib/session.ts'
import { confirmAction } from '../../ui/confirm.tsx'
import type { Action } from '../../ui/menu.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { StoriesDialog } from './stories-viewer.tsx'
import { w } from './stories-words.ts'
import { useHighlight } from './use-highlight.ts'
import { useStoryList } from './use-story-list.ts'

interface HighlightViewerProps {
  highlight: Highlight
  onClose: () => void
  /** It is no longer on the profile. */
  onGone: () => void
}

export function HighlightViewer({ highlight, onClose, onGone }: HighlightViewerProps) {
  const { found, problem, retry } = useHighlight(highlight.id)
  const walk = useStoryList({ stories: found?.items, problem, onEnd: onClose, retry })
  const isOwn = found?.user.id === me.value?.id
  return (
    <StoriesDialog
      walk={walk}
      title={highlight.title}
      actions={isOwn ? actionsOf(highlight, { onClose, onGone }) : []}
      onClose={onClose}
    />
  )
}

function actionsOf(
  { id, title }: Highlight,
  { onClose, onGone }: Pick<HighlightViewerProps, 'onClose' | 'onGone'>,
): Action[] {
  return [
    {
      id: 'edit',
      label: w('highlight.edit'),
      icon: Pencil,
      perform() {
        onClose()
        navigate(`/stories/new/highlight?id=${id}`)
      },
    },
    {
      id: 'remove',
      label: w('highlight.delete'),
      icon: Trash2,
      danger: true,
      async perform() {
        const sure = await confirmAction({
          title: w('highlight.delete.title', { title }),
          text: w('highlight.delete.text'),
          action: w('tool.remove'),
          danger: true,
        })
        if (!sure) return
        try {
          await call('DELETE /api/highlights/:id', { params: { id } })
          toast(w('highlight.deleted'))
          onGone()
        } catch (error) {
          toastProblem(error)
        }
      },
    },
  ]
}
