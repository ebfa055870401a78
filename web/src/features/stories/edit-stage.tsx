import { useRef } from 'preact/hooks'
import { useObjectUrl } from '../../lib/use-object-url.ts'
import { moved } from './overlay-edits.ts'
import { Chip, OverlayText, PlaceChip, PostPicture, placing } from './overlay-view.tsx'
import { w } from './stories-words.ts'
import type { DraftOverlay, PlacedOverlay, StoryDraft } from './story-drafts.ts'
import { pictureOf } from './story-thumbs.tsx'

interface EditStageProps {
  draft: StoryDraft
  chosen: string | undefined
  onChoose: (key: string | undefined) => void
  onChange: (overlays: DraftOverlay[]) => void
}

/** The frame as others will see it; what lies over it follows fingers and keys. */
export function EditStage({ draft, chosen, onChoose, onChange }: EditStageProps) {
  const frame = useRef<HTMLDivElement>(null)
  const { fit, color, overlays, isVideo } = draft

  function change(key: string, how: (overlay: PlacedOverlay) => PlacedOverlay): void {
    onChange(overlays.map((one) => (one.key === key ? { ...one, overlay: how(one.overlay) } : one)))
  }

  return (
    <div class="edit-stage">
      <div
        ref={frame}
        class="story-frame edit-frame"
        onPointerDown={(event) => {
          if (!(event.target as Element).closest('.overlay')) onChoose(undefined)
        }}
      >
        <div class={`story-picture story-${fit}`} style={{ backgroundColor: color }}>
          {isVideo ? <Film draft={draft} /> : <Still draft={draft} />}
        </div>
        <ul class="overlays" dir="ltr" aria-label={w('overlays')}>
          {overlays.map((one) => (
            <Handle
              key={one.key}
              one={one}
              frame={frame}
              chosen={one.key === chosen}
              onChoose={() => onChoose(one.key)}
              onChange={(how) => change(one.key, how)}
              onRemove={() => {
                onChange(overlays.filter(({ key }) => key !== one.key))
                onChoose(undefined)
              }}
            />
          ))}
        </ul>
        {overlays.length > 0 ? (
          <p id="overlay-keys" class="unseen">
            {w('overlay.keys')}
          </p>
        ) : null}
      </div>
    </div>
  )
}

function Still({ draft }: { draft: StoryDraft }) {
  const url = useObjectUrl(pictureOf(draft))
  if (draft.width === 0) return <p class="story-gone">{w('edit.unseen')}</p>
  return url ? <img src={url} alt={draft.altText || w('edit.picture')} draggable={false} /> : null
}

function Film({ draft }: { draft: StoryDraft }) {
  const url = useObjectUrl(draft.file)
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  if (draft.width === 0) return <p class="story-gone">{w('edit.unseen')}</p>
  return url ? (
    <video src={url} aria-label={draft.altText || w('edit.film')} muted loop autoPlay={!still} playsInline />
  ) : null
}

interface HandleProps {
  one: DraftOverlay
  frame: { current: HTMLElement | null }
  chosen: boolean
  onChoose: () => void
  onChange: (how: (overlay: PlacedOverlay) => PlacedOverlay) => void
  onRemove: () => void
}

/** One finger moves it, two turn and size it, keys do all of it. */
function Handle({ one, frame, chosen, onChoose, onChange, onRemove }: HandleProps) {
  const { overlay } = one
  const item = useRef<HTMLLIElement>(null)
  const fingers = useRef(new Map<number, PointerEvent>())

  function move(to: (is: PlacedOverlay) => Parameters<typeof moved>[1]): void {
    const [own, box] = [item.current, frame.current].map((element) => element?.getBoundingClientRect())
    const reach = own && box && { x: own.width / 2 / box.width, y: own.height / 2 / box.height }
    onChange((is) => moved(is, to(is), reach))
  }

  function drag(event: PointerEvent): void {
    const before = fingers.current.get(event.pointerId)
    const box = frame.current?.getBoundingClientRect()
    if (!before || !box) return
    const other = [...fingers.current.values()].find(({ pointerId }) => pointerId !== event.pointerId)
    fingers.current.set(event.pointerId, event)
    if (!other) {
      const [byX, byY] = [event.clientX - before.clientX, event.clientY - before.clientY]
      move((is) => ({ x: is.x + byX / box.width, y: is.y + byY / box.height }))
      return
    }
    const stretch = distance(other, event) / Math.max(1, distance(other, before))
    const turn = angle(other, event) - angle(other, before)
    move((is) => ({ scale: is.scale * stretch, rotation: is.rotation + turn }))
  }

  function keyed(event: KeyboardEvent): void {
    const step = event.shiftKey ? 0.1 : 0.02
    const acts: Record<string, () => void> = {
      ArrowLeft: () => move((is) => ({ x: is.x - step })),
      ArrowRight: () => move((is) => ({ x: is.x + step })),
      ArrowUp: () => move((is) => ({ y: is.y - step })),
      ArrowDown: () => move((is) => ({ y: is.y + step })),
      '+': () => move((is) => ({ scale: is.scale * 1.1 })),
      '-': () => move((is) => ({ scale: is.scale / 1.1 })),
      '<': () => move((is) => ({ rotation: is.rotation - 5 })),
      '>': () => move((is) => ({ rotation: is.rotation + 5 })),
      Delete: onRemove,
      Backspace: onRemove,
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    onChoose()
    act()
  }

  return (
    <li ref={item} class="overlay" data-chosen={chosen} style={placing(overlay)}>
      <button
        type="button"
        class="overlay-handle"
        aria-label={nameOf(one)}
        aria-describedby="overlay-keys"
        aria-pressed={chosen}
        onClick={onChoose}
        onKeyDown={keyed}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          fingers.current.set(event.pointerId, event)
          onChoose()
        }}
        onPointerMove={drag}
        onPointerUp={(event) => fingers.current.delete(event.pointerId)}
        onPointerCancel={(event) => fingers.current.delete(event.pointerId)}
        onWheel={(event) => {
          if (!chosen) return
          event.preventDefault()
          move((is) => ({ scale: is.scale * (event.deltaY < 0 ? 1.05 : 1 / 1.05) }))
        }}
      >
        <Looks one={one} />
      </button>
    </li>
  )
}

function Looks({ one: { overlay, post } }: { one: DraftOverlay }) {
  switch (overlay.kind) {
    case 'text':
      return (
        <OverlayText
          text={overlay.text}
          style={overlay.style ?? 'plain'}
          color={overlay.color ?? '#ffffff'}
        />
      )
    case 'mention':
      return <Chip>@{overlay.username}</Chip>
    case 'hashtag':
      return <Chip>#{overlay.tag}</Chip>
    case 'place':
      return <PlaceChip name={overlay.name} />
    case 'post':
      return (
        <span class="overlay-post">
          <PostPicture media={post?.media[0]} />
          <span class="overlay-post-name">{post?.author.username}</span>
        </span>
      )
  }
}

export function nameOf({ overlay, post }: DraftOverlay): string {
  switch (overlay.kind) {
    case 'text':
      return w('overlay.name.text', { text: overlay.text })
    case 'mention':
      return w('overlay.name.mention', { name: overlay.username })
    case 'hashtag':
      return w('overlay.name.hashtag', { tag: overlay.tag })
    case 'place':
      return w('overlay.name.place', { name: overlay.name })
    case 'post':
      return w('overlay.name.post', { name: post?.author.username ?? '' })
  }
}

function distance(one: PointerEvent, other: PointerEvent): number {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)
}

function angle(one: PointerEvent, other: PointerEvent): number {
  return (Math.atan2(other.clientY - one.clientY, other.clientX - one.clientX) * 180) / Math.PI
}
