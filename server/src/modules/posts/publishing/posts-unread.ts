import type { PostsDeps, ScreenedText } from '../posts-deps.ts'

type Deps = Pick<PostsDeps, 'screening'>

/** Says between what brackets it has to be caught. */
class UnreadWords extends Error {
  readonly texts: readonly ScreenedText[]
  constructor(texts: readonly ScreenedText[]) {
    super('there are words that nobody has read')
    this.texts = texts
  }
}

const mostRounds = 5

/**
 * Runs a transaction that may meet a book's worth of words: it is given up then, they are read while nobody waits for
 * its locks, and it runs again.
 */
export async function readingBetween<T>({ screening }: Deps, transaction: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await transaction()
    } catch (error) {
      if (!(error instanceof UnreadWords) || round === mostRounds) throw error
      await screening.read(error.texts)
    }
  }
}

/** Inside such a transaction, before the words are asked about. */
export function requireRead({ screening }: Deps, texts: readonly ScreenedText[]): void {
  const unread = screening.unread(texts)
  if (unread.length > 0) throw new UnreadWords(unread)
}
