import { isProblem } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { withProof } from '../../lib/with-proof.ts'
import { toast } from '../../ui/toast.tsx'

/** Asks who is there where the server wants it, and says what went wrong; turning away is nothing wrong. */
export async function act<T>(ask: () => Promise<T>, then: (answer: T) => unknown): Promise<void> {
  try {
    await then(await withProof(ask))
  } catch (error) {
    if (!isProblem(error, 'client.aborted')) toast(problemText(error))
  }
}
