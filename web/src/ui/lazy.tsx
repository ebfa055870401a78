import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { problemText } from '../lib/problem-text.ts'
import { toast } from './toast.tsx'

interface LazyProps<P> {
  load: () => Promise<ComponentType<P>>
  props: P
  /** The code could not be loaded: the place that asked for it closes. */
  onFailed: () => void
}

/** A sheet or panel whose code comes when it is opened. */
export function Lazy<P extends object>({ load, props, onFailed }: LazyProps<P>) {
  const [part, setPart] = useState<{ it: ComponentType<P> } | undefined>(undefined)
  useEffect(() => {
    load().then(
      (it) => setPart({ it }),
      (error) => {
        toast(problemText(error))
        onFailed()
      },
    )
  }, [])
  if (!part) return null
  const Part = part.it
  return <Part {...props} />
}
