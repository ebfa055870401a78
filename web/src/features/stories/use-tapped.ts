import { useRef } from 'preact/hooks'

/**
 * A tap leaves the focus on what was tapped, and Space would press that once more. Whoever came to it by keys means to press it,
 * whoever tapped it means what Space does everywhere else.
 */
export function useTapped() {
  const tapped = useRef<EventTarget | null>(null)
  return {
    isTapped: (target: EventTarget | null) => target !== null && target === tapped.current,
    props: {
      onMouseDown(event: MouseEvent) {
        tapped.current = event.currentTarget
      },
      onBlur() {
        tapped.current = null
      },
    },
  }
}
