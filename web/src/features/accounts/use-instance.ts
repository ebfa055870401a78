import type { Instance } from '@heliograph/contract/admin'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'

/** What this server says of itself, once it has said it. */
export function useInstance(): Instance | undefined {
  const [instance, setInstance] = useState<Instance | undefined>(undefined)
  useEffect(() => void call('GET /api/instance').then(setInstance, () => undefined), [])
  return instance
}
