import { ArrowDown, RefreshCw } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'
import { usePull } from './use-pull.ts'
import './pull-to-refresh.css'

/** The content follows the finger; behind it a mark says what letting go will do. Others have buttons for the same. */
export function PullToRefresh({
  refresh,
  children,
}: {
  refresh: () => Promise<void>
  children: ComponentChildren
}) {
  const box = useRef<HTMLDivElement>(null)
  const pull = usePull(box, refresh)
  const distance = pull.distance.value
  const state = pull.state.value
  return (
    <div ref={box} class="pull" data-state={state}>
      <span class="pull-mark" style={{ opacity: Math.min(1, distance / 48) }} aria-hidden="true">
        <Icon of={state === 'busy' ? RefreshCw : ArrowDown} size={20} />
      </span>
      <div class="pull-body" style={{ transform: distance > 0 ? `translateY(${distance}px)` : undefined }}>
        {children}
      </div>
    </div>
  )
}
