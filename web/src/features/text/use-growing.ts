import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/** Where the style sheet cannot say that a field is as high as what is in it (Safari until 26, Firefox until 151). */
export function useGrowing(
  area: RefObject<HTMLTextAreaElement | null>,
  value: string,
  wanted: boolean,
): void {
  useLayoutEffect(() => {
    const field = area.current
    if (!field || !wanted || CSS.supports('field-sizing', 'content')) return
    field.style.blockSize = 'auto'
    field.style.blockSize = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`
  }, [area, value, wanted])
}
