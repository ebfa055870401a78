import type { Crop } from '@heliograph/contract/posts'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import {
  centered,
  clampRatio,
  cropOf,
  isCutToFit,
  layout,
  maxZoom,
  type Sized,
  type View,
  viewOf,
} from './crop-geometry.ts'
import { s } from './share-words.ts'
import './crop-editor.css'

interface CropEditorProps {
  /** Any address of the whole picture; not needed when children show the part. */
  src?: string
  picture: Sized
  crop: Crop | null
  onChange: (crop: Crop | null) => void
  /** Only this shape is offered: pictures of people are square. */
  fixedRatio?: number
  /** Shown in the frame in place of the picture: the part as it will be. */
  children?: ComponentChildren
  /** Below the zoom. */
  tools?: ComponentChildren
}

const shapes = [
  { key: 'crop.original', ratio: undefined },
  { key: 'crop.square', ratio: 1 },
  { key: 'crop.tall', ratio: 4 / 5 },
  { key: 'crop.wide', ratio: 1.91 },
] as const

/** The picture under a frame of the chosen shape: drag, pinch, wheel, slider or keys move it. */
export function CropEditor({ src, picture, crop, onChange, fixedRatio, children, tools }: CropEditorProps) {
  const natural = clampRatio(picture.width / picture.height)
  const isFitted = isCutToFit(picture)
  const ratio = fixedRatio ?? (crop ? ratioOf(picture, crop) : natural)
  const view = crop ? viewOf(picture, crop) : centered
  const shown = crop ?? cropOf(picture, ratio, centered)
  const frame = useRef<HTMLDivElement>(null)
  const pointers = useRef(new Map<number, PointerEvent>())

  function look(next: View, shape = ratio): void {
    const looked = cropOf(picture, shape, next)
    // Middle, whole and of its own shape is what the server does by itself.
    const isPlain =
      next.zoom <= 1 &&
      Math.abs(shape - natural) < 1e-6 &&
      Math.abs(shape - picture.width / picture.height) < 1e-3
    onChange(isPlain && fixedRatio === undefined ? null : looked)
  }

  function shift(byX: number, byY: number, zoom = view.zoom): void {
    look({
      centerX: view.centerX + byX,
      centerY: view.centerY + byY,
      zoom: Math.min(maxZoom, Math.max(1, zoom)),
    })
  }

  function drag(event: PointerEvent): void {
    const before = pointers.current.get(event.pointerId)
    const box = frame.current?.getBoundingClientRect()
    if (!before || !box) return
    const other = [...pointers.current.values()].find(({ pointerId }) => pointerId !== event.pointerId)
    pointers.current.set(event.pointerId, event)
    const byX = ((before.clientX - event.clientX) / box.width) * shown.width
    const byY = ((before.clientY - event.clientY) / box.height) * shown.height
    if (!other) {
      shift(byX, byY)
      return
    }
    const stretch = distance(other, event) / Math.max(1, distance(other, before))
    shift(byX / 2, byY / 2, view.zoom * stretch)
  }

  function keyed(event: KeyboardEvent): void {
    const step = 0.05
    const moves: Record<string, () => void> = {
      ArrowLeft: () => shift(-step * shown.width, 0),
      ArrowRight: () => shift(step * shown.width, 0),
      ArrowUp: () => shift(0, -step * shown.height),
      ArrowDown: () => shift(0, step * shown.height),
      '+': () => shift(0, 0, view.zoom * 1.1),
      '-': () => shift(0, 0, view.zoom / 1.1),
    }
    const act = moves[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }

  return (
    <div class="crop">
      <div class="crop-stage">
        <div
          ref={frame}
          class="crop-frame"
          style={{ aspectRatio: String(ratio), '--ratio': String(ratio) }}
          role="application"
          aria-label={s('crop.frame')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the picture, as the label says
          tabIndex={0}
          onKeyDown={keyed}
          onWheel={(event) => {
            event.preventDefault()
            shift(0, 0, view.zoom * (event.deltaY < 0 ? 1.06 : 1 / 1.06))
          }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            pointers.current.set(event.pointerId, event)
          }}
          onPointerMove={drag}
          onPointerUp={(event) => pointers.current.delete(event.pointerId)}
          onPointerCancel={(event) => pointers.current.delete(event.pointerId)}
        >
          {children ?? <img src={src} alt="" draggable={false} style={layout(shown)} />}
          <span class="crop-thirds" aria-hidden="true" />
        </div>
      </div>
      <div class="crop-tools">
        {fixedRatio === undefined ? (
          <fieldset class="crop-shapes">
            <legend class="unseen">{s('crop.ratio')}</legend>
            {shapes.map(({ key, ratio: shape }) => {
              const wanted = shape ?? natural
              const chosen =
                shape === undefined
                  ? crop === null || Math.abs(ratio - natural) < 1e-3
                  : Math.abs(ratio - shape) < 1e-3 && Math.abs(natural - shape) > 1e-3
              return (
                <button
                  key={key}
                  type="button"
                  aria-pressed={chosen}
                  onClick={() => look({ ...centered }, wanted)}
                >
                  <span class="crop-shape" style={{ aspectRatio: String(wanted) }} aria-hidden="true" />
                  {s(shape === undefined && isFitted ? 'crop.largest' : key)}
                </button>
              )
            })}
          </fieldset>
        ) : null}
        {fixedRatio === undefined && isFitted ? <p class="quiet">{s('crop.fitted')}</p> : null}
        <label class="crop-zoom">
          <span>{s('crop.zoom')}</span>
          <input
            type="range"
            min="1"
            max={String(maxZoom)}
            step="0.01"
            value={String(view.zoom)}
            onInput={(event) => look({ ...view, zoom: Number(event.currentTarget.value) })}
          />
        </label>
        {tools}
      </div>
    </div>
  )
}

function ratioOf(picture: Sized, crop: Crop): number {
  return (crop.width * picture.width) / (crop.height * picture.height)
}

function distance(a: PointerEvent, b: PointerEvent): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)
}
