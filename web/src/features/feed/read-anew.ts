import { t } from '../../lib/i18n.ts'
import { ringsAsked } from '../../lib/story-rings.ts'
import { announce, toastProblem } from '../../ui/toast.tsx'
import { feedMode } from './feed-mode.ts'
import { feedList, showNewPosts } from './feed-state.ts'

/** By hand, by key or by button: it is said when it is done, since the eye may see no difference. */
export async function readAnew(): Promise<void> {
  const list = feedList(feedMode.peek())
  ringsAsked.value++
  await showNewPosts()
  if (list.status.peek() === 'error') toastProblem(list.problem.peek())
  else announce(t('feed.refreshed'))
}
