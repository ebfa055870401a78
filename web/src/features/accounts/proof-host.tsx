import { proofAsked } from '../../lib/with-proof.ts'
import { Lazy } from '../../ui/lazy.tsx'

/** Beside the page: the question comes from whatever was about to be done. */
export function ProofHost() {
  const asked = proofAsked.value
  if (!asked) return null
  return <Lazy load={loadSheet} props={{ onAnswer: asked.answer }} onFailed={() => asked.answer(false)} />
}

async function loadSheet() {
  const [{ ProofSheet }, { secondStepWords }] = await Promise.all([
    import('./proof-sheet.tsx'),
    import('./second-step-words.ts'),
  ])
  await secondStepWords.load()
  return ProofSheet
}
