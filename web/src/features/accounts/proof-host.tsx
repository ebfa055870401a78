import { proofAsked } from '../../lib/with-proof.ts'
import { Lazy } from '../../ui/lazy.tsx'

/** Beside the page: the question comes from whatever was about to be done. */
export function ProofHost() {
  const asked = proofAsked.value
  if (!asked) return null
  return (
    <Lazy
      load={() => import('./proof-sheet.tsx').then(({ ProofSheet }) => ProofSheet)}
      props={{ onAnswer: asked.answer }}
      onFailed={() => asked.answer(false)}
    />
  )
}
