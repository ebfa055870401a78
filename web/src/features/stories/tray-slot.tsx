import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { online } from '../../lib/online.ts'

/** The place of the tray, as high as it will be: it comes once the first screen stands, and nothing jumps. */
export function TraySlot() {
  const [tray, setTray] = useState<{ Tray: ComponentType } | undefined>(undefined)
  useEffect(() => {
    // Without it the feed is whole all the same; the next connection asks again.
    if (!tray)
      void loadTray().then(
        (Tray) => setTray({ Tray }),
        () => undefined,
      )
  }, [online.value])
  return <div class="tray-slot">{tray ? <tray.Tray /> : null}</div>
}

async function loadTray(): Promise<ComponentType> {
  const [{ StoryTray }, { loadTrayParts }] = await Promise.all([
    import('./story-tray.tsx'),
    import('./stories-common.ts'),
  ])
  await loadTrayParts()
  return StoryTray
}
