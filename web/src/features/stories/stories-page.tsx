import { goBack, place } from '../../lib/navigation.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/page-props.ts'
import { StoriesViewer } from './stories-viewer.tsx'
import { w } from './stories-words.ts'

/** Where links of messages and notifications lead; closing goes back to them. */
export function StoriesPage({ params }: PageProps) {
  const username = (params.username ?? '').toLowerCase()
  const storyId = new URLSearchParams(place.value.query).get('story') ?? undefined
  return (
    <Page title={w('of', { name: username })} back>
      <StoriesViewer
        people={[username]}
        at={username}
        storyId={storyId}
        onClose={() => goBack(`/${username}`)}
      />
    </Page>
  )
}
