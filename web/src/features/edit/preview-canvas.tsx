import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type Choices, shownLook } from './choices.ts'
import { drawFrame } from './draw-frame.ts'
import type { OpenedPicture } from './opened-picture.ts'
import { paintLook } from './paint-look.ts'

interface PreviewCanvasProps {
  picture: OpenedPicture
  choices: Choices
  /** Without filter and adjustments, to compare. */
  original?: boolean
  /** It stands for a video. */
  isFilm?: boolean
  label: string
}

/** Fills its box with the photograph as it will be; drawn at most once a frame of the screen. */
export function PreviewCanvas({
  picture,
  choices,
  original = false,
  isFilm = false,
  label,
}: PreviewCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const drawn = useRef<HTMLCanvasElement | undefined>(undefined)
  const [width, setWidth] = useState(0)
  const { crop, filter, edits } = choices

  useLayoutEffect(() => {
    const box = canvas.current
    if (!box) return
    const observer = new ResizeObserver(() => setWidth(box.clientWidth * devicePixelRatio))
    observer.observe(box)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    if (width === 0) return
    const frame = requestAnimationFrame(() => {
      if (!canvas.current) return
      drawn.current ??= document.createElement('canvas')
      drawFrame(drawn.current, picture, { crop, edits }, { width })
      paintLook(drawn.current, original ? undefined : shownLook({ filter, edits }, isFilm), canvas.current)
    })
    return () => cancelAnimationFrame(frame)
  }, [picture, crop, filter, edits, original, width])

  return <canvas ref={canvas} class="edit-preview" role="img" aria-label={label} />
}
