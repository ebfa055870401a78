/** What the operator can mend; shown as a sentence, without a stack. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault'
}
