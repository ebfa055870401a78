/**
 * Something the operator has to put right. Its message is shown alone, without a stack, so it says what is wrong and
 * what to do about it.
 */
export class StartFault extends Error {
  /** @override */
  name = 'StartFault'
}
