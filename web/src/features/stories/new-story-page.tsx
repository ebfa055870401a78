import type { Post } from '@heliograph/contract/posts'
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { onSignOut } from '../../lib/session.ts'
import { useLeavingAsked } from '../../lib/use-leaving-asked.ts'
import { Page } from '../../shell/page.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { ChooseStories } from './choose-stories.tsx'
import { EditStories } from './edit-stories.tsx'
import { newOverlay } from './overlay-edits.ts'
import { w } from './stories-words.ts'
import { dropKeptStory, keepMaking, type StoryDraft } from './story-drafts.ts'
import { shareStories } from './story-queue.ts'

/** Choose, lay words over it, share: everything on one screen once there is a picture. */
export function NewStoryPage() {
  const { post, problem, retry, isAsked } = useSharedPost()
  useState(() => {
    // A shared post begins another one.
    if (isAsked) change([])
  })
  const drafts = openDrafts.value
  const [sending, setSending] = useState(false)
  // Until they are on their way, which is when they are kept.
  useLeavingAsked(drafts.length > 0)

  function add(more: readonly StoryDraft[]): void {
    void keepMaking(more)
    const first = drafts.length === 0 ? more[0] : undefined
    if (!post || !first) {
      openDrafts.value = [...drafts, ...more]
      return
    }
    const shared = { ...newOverlay({ kind: 'post', postId: post.id, x: 0.5, y: 0.5 }), post }
    openDrafts.value = [{ ...first, overlays: [...first.overlays, shared] }, ...more.slice(1)]
  }

  function change(next: readonly StoryDraft[]): void {
    for (const { id } of openDrafts.peek()) if (next.every((draft) => draft.id !== id)) void dropKeptStory(id)
    openDrafts.value = next
  }

  async function send(): Promise<void> {
    setSending(true)
    await shareStories(drafts)
    openDrafts.value = []
    navigate('/', { replace: true })
  }

  return (
    <Page title={w('new')} back backTo="/">
      {problem ? <ProblemNotice error={problem} onRetry={retry} /> : null}
      {drafts.length === 0 ? (
        <ChooseStories post={post} onAdd={add} />
      ) : (
        <EditStories
          drafts={drafts}
          onChange={change}
          onAdd={add}
          share={
            <Button kind="primary" busy={sending} onClick={() => void send()}>
              {w('share')}
            </Button>
          }
        />
      )}
    </Page>
  )
}

/** As long as the page is not loaded anew: who looks something up meanwhile finds it as it was. */
const openDrafts = signal<readonly StoryDraft[]>([])
onSignOut(() => {
  openDrafts.value = []
})

/** “Share to Story” brings the post in the address. */
function useSharedPost(): {
  post: Post | undefined
  problem: unknown
  retry: () => void
  isAsked: boolean
} {
  const id = new URLSearchParams(place.value.query).get('post')
  const [post, setPost] = useState<Post | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>(undefined)
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    if (!id) return
    setProblem(undefined)
    call('GET /api/posts/:id', { params: { id } }).then(setPost, setProblem)
  }, [id, asked])
  return { post, problem, retry: () => setAsked(asked + 1), isAsked: id !== null }
}
