import { limits } from '@heliograph/contract/limits'
import type { NewOverlay } from '@heliograph/contract/stories'
import {
  AtSign,
  Expand,
  Hash,
  type LucideIcon,
  MapPin,
  Minus,
  PencilLine,
  Plus,
  RotateCcw,
  RotateCw,
  ScanText,
  Shrink,
  Trash2,
  Type,
} from 'lucide-preact'
import { useState } from 'preact/hooks'
import { Icon } from '../../ui/icon.tsx'
import { AltTextSheet } from './alt-text-sheet.tsx'
import { freePlace, moved, newOverlay } from './overlay-edits.ts'
import { MentionSheet, PlaceSheet, TagSheet } from './overlay-sheets.tsx'
import { w } from './stories-words.ts'
import type { DraftOverlay, StoryDraft } from './story-drafts.ts'
import { TextSheet } from './text-sheet.tsx'

interface OverlayToolsProps {
  draft: StoryDraft
  chosen: string | undefined
  onChoose: (key: string | undefined) => void
  onChange: (patch: Partial<StoryDraft>) => void
}

type Open = 'text' | 'mention' | 'hashtag' | 'place' | 'alt' | undefined

/** What can be laid over the picture; while something is chosen, what can be done with it. */
export function OverlayTools({ draft, chosen, onChoose, onChange }: OverlayToolsProps) {
  const [open, setOpen] = useState<Open>(undefined)
  const { overlays, fit } = draft
  const one = overlays.find(({ key }) => key === chosen)
  const isFull = overlays.length >= limits.overlaysPerStory
  const close = () => setOpen(undefined)

  function add(overlay: NewOverlay): void {
    const made = newOverlay(overlay)
    onChange({ overlays: [...overlays, made] })
    onChoose(made.key)
    close()
  }

  const place = freePlace(overlays)
  return (
    <div class="story-tools" role="toolbar" aria-label={w(one ? 'tools.chosen' : 'tools')}>
      {one ? (
        <Chosen
          one={one}
          onChange={(next) => onChange({ overlays: overlays.map((is) => (is.key === one.key ? next : is)) })}
          onEdit={() => setOpen('text')}
          onRemove={() => {
            onChange({ overlays: overlays.filter(({ key }) => key !== one.key) })
            onChoose(undefined)
          }}
        />
      ) : (
        <>
          <Tool icon={Type} name={w('tool.text')} off={isFull} onClick={() => setOpen('text')} />
          <Tool icon={AtSign} name={w('tool.mention')} off={isFull} onClick={() => setOpen('mention')} />
          <Tool icon={Hash} name={w('tool.hashtag')} off={isFull} onClick={() => setOpen('hashtag')} />
          <Tool icon={MapPin} name={w('tool.place')} off={isFull} onClick={() => setOpen('place')} />
          <Tool
            icon={fit === 'crop' ? Shrink : Expand}
            name={w(fit === 'crop' ? 'tool.fit' : 'tool.crop')}
            onClick={() => onChange({ fit: fit === 'crop' ? 'fit' : 'crop' })}
          />
          <Tool
            icon={ScanText}
            name={w('tool.alt')}
            done={draft.altText !== ''}
            onClick={() => setOpen('alt')}
          />
        </>
      )}
      {open === 'text' ? (
        <TextSheet
          overlay={one?.overlay.kind === 'text' ? one.overlay : undefined}
          onClose={close}
          onDone={(words) => {
            if (one?.overlay.kind !== 'text') return add({ kind: 'text', ...place, ...words })
            const next = { ...one, overlay: { ...one.overlay, ...words } }
            onChange({ overlays: overlays.map((is) => (is.key === one.key ? next : is)) })
            close()
          }}
        />
      ) : null}
      {open === 'mention' ? (
        <MentionSheet onClose={close} onDone={(username) => add({ kind: 'mention', ...place, username })} />
      ) : null}
      {open === 'hashtag' ? (
        <TagSheet onClose={close} onDone={(tag) => add({ kind: 'hashtag', ...place, tag })} />
      ) : null}
      {open === 'place' ? (
        <PlaceSheet onClose={close} onDone={(name) => add({ kind: 'place', ...place, name })} />
      ) : null}
      {open === 'alt' ? (
        <AltTextSheet value={draft.altText} onClose={close} onChange={(altText) => onChange({ altText })} />
      ) : null}
    </div>
  )
}

interface ChosenProps {
  one: DraftOverlay
  onChange: (one: DraftOverlay) => void
  onEdit: () => void
  onRemove: () => void
}

function Chosen({ one, onChange, onEdit, onRemove }: ChosenProps) {
  const { overlay } = one
  const change = (patch: Parameters<typeof moved>[1]) => () =>
    onChange({ ...one, overlay: moved(overlay, patch) })
  return (
    <>
      <Tool icon={Minus} name={w('tool.smaller')} onClick={change({ scale: overlay.scale / 1.15 })} />
      <Tool icon={Plus} name={w('tool.larger')} onClick={change({ scale: overlay.scale * 1.15 })} />
      <Tool icon={RotateCcw} name={w('tool.left')} onClick={change({ rotation: overlay.rotation - 10 })} />
      <Tool icon={RotateCw} name={w('tool.right')} onClick={change({ rotation: overlay.rotation + 10 })} />
      {overlay.kind === 'text' ? <Tool icon={PencilLine} name={w('tool.edit')} onClick={onEdit} /> : null}
      <Tool icon={Trash2} name={w('tool.remove')} onClick={onRemove} />
    </>
  )
}

interface ToolProps {
  icon: LucideIcon
  name: string
  /** There is something already. */
  done?: boolean
  off?: boolean
  onClick: () => void
}

function Tool({ icon, name, done, off, onClick }: ToolProps) {
  return (
    <button type="button" class="story-tool" data-done={done} disabled={off} onClick={onClick}>
      <Icon of={icon} size={22} />
      <span>{name}</span>
    </button>
  )
}
