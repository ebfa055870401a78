import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

interface HighlightsSlotProps {
  username: string
  own: boolean
}

/** Under the words of a profile; its code comes after them. One's own is as high as it will be. */
export function HighlightsSlot(props: HighlightsSlotProps) {
  const [row, setRow] = useState<{ Row: ComponentType<HighlightsSlotProps> } | undefined>(undefined)
  useEffect(() => {
    void loadRow().then(
      (Row) => setRow({ Row }),
      () => undefined,
    )
  }, [])
  return <div class={props.own ? 'tray-slot' : undefined}>{row ? <row.Row {...props} /> : null}</div>
}

async function loadRow(): Promise<ComponentType<HighlightsSlotProps>> {
  const [{ HighlightsRow }, { loadHighlights }] = await Promise.all([
    import('./highlights-row.tsx'),
    import('./stories-common.ts'),
  ])
  await loadHighlights()
  return HighlightsRow
}
