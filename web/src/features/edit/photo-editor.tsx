import { editOf, editRanges } from '@heliograph/contract/edits'
import { Eye } from 'lucide-preact'
import { useId, useState } from 'preact/hooks'
import { IconButton } from '../../ui/icon-button.tsx'
import { CropEditor } from '../share/crop-editor.tsx'
import { AdjustPanel } from './adjust-panel.tsx'
import { type Choices, shownLook, withEdits } from './choices.ts'
import { ratioOf } from './draw-frame.ts'
import { EditSlider } from './edit-slider.tsx'
import { e } from './edit-words.ts'
import { FilterPanel } from './filter-panel.tsx'
import type { OpenedPicture } from './opened-picture.ts'
import { PreviewCanvas } from './preview-canvas.tsx'
import './edit.css'

export type EditTab = 'filter' | 'adjust' | 'crop'
const tabs: readonly EditTab[] = ['filter', 'adjust', 'crop']

interface PhotoEditorProps {
  /** Absent where this browser cannot decode it: what is chosen is seen when the server has rendered it. */
  picture: OpenedPicture | undefined
  /** The picture stands for a video: of that, colours and cut are chosen. */
  isFilm?: boolean
  choices: Choices
  onChange: (choices: Choices) => void
  tab: EditTab
  onTab: (tab: EditTab) => void
}

/** Filter, adjustments and cut of one photograph, over a live preview of it. */
export function PhotoEditor({ picture, isFilm = false, choices, onChange, tab, onTab }: PhotoEditorProps) {
  const id = useId()
  const panel = { picture, isFilm, choices, onChange }
  return (
    <div class="edit">
      <div role="tabpanel" aria-labelledby={`${id}-${tab}`}>
        {tab === 'crop' ? (
          <CropPart {...panel} />
        ) : (
          <>
            {picture ? <Stage picture={picture} isFilm={isFilm} choices={choices} /> : <Unseen />}
            <div class="edit-tools">
              {tab === 'filter' ? <FilterPanel {...panel} /> : <AdjustPanel {...panel} />}
            </div>
          </>
        )}
      </div>
      <div class="edit-tabs" role="tablist" aria-label={e('tabs')}>
        {tabs.map((one, at) => (
          <button
            key={one}
            id={`${id}-${one}`}
            type="button"
            role="tab"
            aria-selected={one === tab}
            tabIndex={one === tab ? 0 : -1}
            onClick={() => onTab(one)}
            onKeyDown={(event) => {
              const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
              if (!by) return
              const next = tabs[(at + by + tabs.length) % tabs.length]!
              onTab(next)
              document.getElementById(`${id}-${next}`)?.focus()
            }}
          >
            {e(`tab.${one}`)}
          </button>
        ))}
      </div>
    </div>
  )
}

/** Held down, or with the button: the photograph without filter and adjustments. */
function Stage({ picture, isFilm, choices }: { picture: OpenedPicture; isFilm: boolean; choices: Choices }) {
  const [held, setHeld] = useState(false)
  const [comparing, setComparing] = useState(false)
  const ratio = ratioOf(picture, choices.crop)
  const isChanged = shownLook(choices, isFilm) !== undefined
  const original = held || comparing
  return (
    <div class="crop-stage">
      <div
        class="crop-frame edit-frame"
        style={{ aspectRatio: String(ratio), '--ratio': String(ratio) }}
        onPointerDown={() => setHeld(true)}
        onPointerUp={() => setHeld(false)}
        onPointerCancel={() => setHeld(false)}
        onPointerLeave={() => setHeld(false)}
      >
        <PreviewCanvas
          picture={picture}
          choices={choices}
          original={original}
          isFilm={isFilm}
          label={e(original ? 'preview.original' : 'preview')}
        />
        {isChanged && original ? <span class="edit-note">{e('original')}</span> : null}
      </div>
      {isChanged ? (
        <IconButton
          class="edit-compare"
          icon={Eye}
          label={e('compare')}
          pressed={comparing}
          onClick={() => setComparing(!comparing)}
        />
      ) : null}
    </div>
  )
}

type PanelProps = Pick<PhotoEditorProps, 'picture' | 'choices' | 'onChange'> & { isFilm: boolean }

function CropPart({ picture, isFilm, choices, onChange }: PanelProps) {
  const straighten = isFilm ? null : (
    <EditSlider
      label={e('adjust.straighten')}
      value={editOf(choices.edits, 'straighten')}
      range={editRanges.straighten}
      step={0.5}
      unit="°"
      dial
      onChange={(degrees) => onChange(withEdits(choices, { straighten: degrees }))}
    />
  )
  if (!picture) {
    return (
      <>
        <Unseen />
        <div class="edit-tools">{straighten}</div>
      </>
    )
  }
  return (
    <CropEditor
      picture={picture}
      crop={choices.crop}
      onChange={(crop) => onChange({ ...choices, crop })}
      tools={straighten}
    >
      <PreviewCanvas picture={picture} isFilm={isFilm} choices={choices} label={e('preview')} />
    </CropEditor>
  )
}

function Unseen() {
  return (
    <div class="crop-stage crop-unseen">
      <p>{e('unseen')}</p>
    </div>
  )
}
