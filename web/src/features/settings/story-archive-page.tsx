import { ArchiveGrid, useOwnStories } from '../stories/archive-grid.tsx'
import { w as s } from '../stories/stories-words.ts'
import { SettingsShell } from './settings-shell.tsx'

export function StoryArchivePage() {
  const own = useOwnStories()
  return (
    <SettingsShell title={s('archive.title')} at="/settings/privacy" backTo="/settings/stories">
      <p class="settings-form quiet">{s('archive.text')}</p>
      <ArchiveGrid own={own} />
    </SettingsShell>
  )
}
