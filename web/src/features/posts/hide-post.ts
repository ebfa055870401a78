import type { Id } from '@heliograph/contract/common'
import { signal } from '@preact/signals'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { toggle } from '../../lib/optimistic.ts'
import { announce, toast, toastProblem } from '../../ui/toast.tsx'

/** Of which the person wants to see less: they leave the feed at once, and come back when that is taken back. */
export const hiddenPosts = signal<ReadonlySet<Id>>(new Set())

export function setHidden(id: Id, hidden: boolean): void {
  if (hidden) moveFocusOn()
  void toggle(`hide:${id}`, hidden, {
    show(isHidden) {
      const others = [...hiddenPosts.value].filter((other) => other !== id)
      hiddenPosts.value = new Set(isHidden ? [...others, id] : others)
    },
    send: (wanted) =>
      (wanted
        ? call('PUT /api/posts/:id/hidden', { params: { id } })
        : call('DELETE /api/posts/:id/hidden', { params: { id } })
      ).then(() => wanted),
    settle(isHidden) {
      if (isHidden) toast(t('post.less.done'), { label: t('ui.undo'), perform: () => setHidden(id, false) })
      else announce(t('post.less.undone'))
    },
    failed: toastProblem,
  })
}

/** The post that had the focus goes: whoever walks by keys goes on at the next one. */
function moveFocusOn(): void {
  const next = document.activeElement?.closest('[role="feed"] > article')?.nextElementSibling
  if (next instanceof HTMLElement) next.focus({ preventScroll: true })
}
