import { signal } from '@preact/signals'
import { ApiProblem, isProblem } from './api.ts'

interface ProofRequest {
  /** True once the server has the proof, false when the person turned away. */
  answer(given: boolean): void
}

/** Set while somebody is asked to show that it is them; the shell draws the question. */
export const proofAsked = signal<ProofRequest | undefined>(undefined)

/**
 * For calls that the contract marks with `proof`: where the server wants to know once more who is there, the person is
 * asked, and the call is made again. Turning away is `client.aborted`, which has no words of its own.
 */
export async function withProof<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!isProblem(error, 'auth.proof_needed')) throw error
    if (!(await askForProof())) throw new ApiProblem('client.aborted', 0)
    return act()
  }
}

function askForProof(): Promise<boolean> {
  proofAsked.value?.answer(false)
  return new Promise((resolve) => {
    proofAsked.value = {
      answer(given) {
        proofAsked.value = undefined
        resolve(given)
      },
    }
  })
}
