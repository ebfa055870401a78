import type { Id } from '@heliograph/contract/common'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'

type Found = Awaited<ReturnType<typeof readHighlight>>

function readHighlight(id: Id) {
  return call('GET /api/highlights/:id', { params: { id } })
}

/** A highlight with its Stories; nothing where none is asked for. */
export function useHighlight(id: Id | undefined): {
  found: Found | undefined
  problem: unknown
  retry: () => void
} {
  const [found, setFound] = useState<Found | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>(undefined)
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    if (!id) return
    setProblem(undefined)
    readHighlight(id).then(setFound, setProblem)
  }, [id, asked])
  return { found, problem, retry: () => setAsked(asked + 1) }
}
