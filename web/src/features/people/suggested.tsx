import { Lazy } from '../../ui/lazy.tsx'

/** People one may know; its code and words come after everything that was asked for. */
export function Suggested({ max }: { max: number }) {
  return <Lazy load={loadSuggestions} props={{ max }} onFailed={() => {}} />
}

async function loadSuggestions() {
  const [{ Suggestions }, { peopleWords }] = await Promise.all([
    import('./suggestions.tsx'),
    import('./people-words.ts'),
  ])
  await peopleWords.load()
  return Suggestions
}
