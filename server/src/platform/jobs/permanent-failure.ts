/** Thrown by a job: trying again cannot help. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
