/** What stops a start, in words for the operator. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}
