import { useEffect, useState } from 'preact/hooks'
import { isProblem } from './api.ts'

/** After the last letter: people type on. */
const pauseMs = 200

interface Searching<T> {
  /** Undefined while nothing was asked for, and before the first answer. */
  found: T | undefined
  problem: unknown
  /** Asks the same once more. */
  again(): void
}

/**
 * What is found for the words that somebody is typing. What was found for the words before stays until the next answer: a
 * list does not come and go under the finger. An answer to words that were changed meanwhile is never shown.
 */
export function useFound<T>(
  words: string,
  find: (words: string, signal: AbortSignal) => Promise<T>,
  /** Nothing typed is a question as well, and asked at once. */
  { asksEmpty = false }: { asksEmpty?: boolean } = {},
): Searching<T> {
  const [found, setFound] = useState<T | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    setProblem(undefined)
    if (words === '' && !asksEmpty) {
      setFound(undefined)
      return
    }
    const stop = new AbortController()
    const { signal } = stop
    const timer = setTimeout(
      () => {
        find(words, signal).then(
          (answer) => {
            if (!signal.aborted) setFound(() => answer)
          },
          (error: unknown) => {
            if (!signal.aborted && !isProblem(error, 'client.aborted')) setProblem(error)
          },
        )
      },
      words === '' ? 0 : pauseMs,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [words, asked])
  return { found, problem, again: () => setAsked(asked + 1) }
}
