import { editOf, editRanges } from '@heliograph/contract/edits'
import { type FilterId, filters } from '@heliograph/contract/filters'
import { lookOf } from '@heliograph/contract/look'
import { useEffect, useId, useRef } from 'preact/hooks'
import { type Choices, withEdits, withFilter } from './choices.ts'
import { drawFrame } from './draw-frame.ts'
import { EditSlider } from './edit-slider.tsx'
import { e } from './edit-words.ts'
import type { OpenedPicture } from './opened-picture.ts'
import { paintLook } from './paint-look.ts'

interface PanelProps {
  /** Absent where this browser cannot decode the photograph: filters are chosen by name then. */
  picture: OpenedPicture | undefined
  choices: Choices
  onChange: (choices: Choices) => void
}

const offered: readonly (FilterId | null)[] = [null, ...filters.map(({ id }) => id)]
const thumbWidth = 72

/** Each filter on this very photograph. */
export function FilterPanel({ picture, choices, onChange }: PanelProps) {
  const group = useId()
  const list = useRef<HTMLFieldSetElement>(null)
  usePaintedThumbs(list, picture, choices)

  useEffect(() => {
    list.current
      ?.querySelector(':checked')
      ?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [choices.filter])

  return (
    <>
      <fieldset class="edit-filters" ref={list}>
        <legend class="unseen">{e('tab.filter')}</legend>
        {offered.map((id) => (
          <label key={id ?? ''}>
            <input
              type="radio"
              name={group}
              checked={choices.filter === id}
              onChange={() => onChange(withFilter(choices, id))}
            />
            {picture ? <canvas data-filter={id ?? ''} /> : null}
            <span>{e(`filter.${id ?? 'none'}`)}</span>
          </label>
        ))}
      </fieldset>
      {/* Its room is kept, so that nothing jumps. */}
      <div class={choices.filter ? '' : 'edit-idle'}>
        <EditSlider
          label={e('strength')}
          value={editOf(choices.edits, 'strength')}
          range={editRanges.strength}
          onChange={(strength) => onChange(withEdits(choices, { strength }))}
        />
      </div>
    </>
  )
}

/** A few at a time, so that the page answers meanwhile. */
function usePaintedThumbs(
  list: { current: HTMLElement | null },
  picture: OpenedPicture | undefined,
  { crop, edits }: Choices,
): void {
  const straighten = editOf(edits, 'straighten')
  useEffect(() => {
    if (!picture) return
    const drawn = document.createElement('canvas')
    const width = thumbWidth * Math.min(2, devicePixelRatio)
    drawFrame(drawn, picture, { crop, edits: { straighten } }, { width, square: true })
    const waiting = [...(list.current?.querySelectorAll('canvas') ?? [])]
    let frame = requestAnimationFrame(paintSome)
    function paintSome() {
      for (const canvas of waiting.splice(0, 3)) {
        paintLook(drawn, lookOf(canvas.dataset.filter || null, null), canvas)
      }
      if (waiting.length > 0) frame = requestAnimationFrame(paintSome)
    }
    return () => cancelAnimationFrame(frame)
  }, [picture, crop, straighten])
}
