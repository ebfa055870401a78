import { openedStories } from '../../lib/story-rings.ts'
import { Lazy } from '../../ui/lazy.tsx'

/** Beside the page, which stays as it is beneath. */
export function StoryHost() {
  const opened = openedStories.value
  if (!opened) return null
  const close = () => {
    openedStories.value = undefined
  }
  return <Lazy load={loadViewer} props={{ ...opened, onClose: close }} onFailed={close} />
}

async function loadViewer() {
  const [{ StoriesViewer }, { loadViewerParts }] = await Promise.all([
    import('./stories-viewer.tsx'),
    import('./stories-common.ts'),
  ])
  await loadViewerParts()
  return StoriesViewer
}
